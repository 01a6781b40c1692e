/**
 * Scans what a repository's history added, or what is about to be committed.
 *
 * @module
 */

import { FailedError } from "../../core/errors.ts";
import { escapeText } from "../../core/name.ts";
import { findHelper, runHelper, streamHelper } from "../../platform/helper.ts";
import { DiffReader } from "./diff.ts";
import { isBareFile, isBinary, scanBytes } from "./scanner.ts";
import type { LocatedFinding, ScanResult } from "./scan_tree.ts";

/** Nothing of a repository's own configuration may start a program, or change what is written. */
const SAFE = [
  "-c",
  "core.fsmonitor=false",
  "-c",
  "core.hooksPath=/dev/null",
  "-c",
  "core.pager=cat",
  "-c",
  "log.showSignature=false",
  "-c",
  "diff.mnemonicPrefix=false",
  "-c",
  "diff.noprefix=false",
];
const DIFF = [
  "-U0",
  "--no-color",
  "--no-ext-diff",
  "--no-textconv",
  "--no-renames",
  "--src-prefix=a/",
  "--dst-prefix=b/",
];
const LOG = ["log", "--all", "--reverse", "-p", "--format=commit %H", ...DIFF];
const STAGED = ["diff", "--cached", ...DIFF];
const PASSED = new Set([
  "HOME",
  "USERPROFILE",
  "XDG_CONFIG_HOME",
  "LANG",
  "LC_ALL",
  "SystemRoot",
  "GIT_DIR",
  "GIT_INDEX_FILE",
  "GIT_WORK_TREE",
]);

/** What of git to scan. */
export type GitScan = "history" | "staged";

/**
 * Scans a repository. A secret that several commits added is told once, of the oldest.
 *
 * @param directory in the work tree
 * @throws {FailedError} `git_missing`, `git_failed`.
 */
export async function scanGit(
  directory: string,
  what: GitScan,
  progress: (commits: number) => void,
): Promise<ScanResult> {
  const result: ScanResult = { findings: [], files: 0, bytes: 0, unread: 0 };
  const seen = new Set<string>();
  let commits = 0;
  let last = "";
  const reader = new DiffReader(({ commit, path, line, bytes }) => {
    if (commit !== last && ++commits % 500 === 0) progress(commits);
    last = commit;
    result.files++;
    result.bytes += bytes.length;
    if (isBinary(bytes)) return;
    for (const finding of scanBytes(bytes, isBareFile(path))) {
      const key = `${path}\0${finding.secret}`;
      if (seen.has(key)) continue;
      seen.add(key);
      const located: LocatedFinding = { ...finding, path, line: line + finding.line - 1 };
      result.findings.push(commit === "" ? located : { ...located, commit });
    }
  });
  const args = [...SAFE, ...(what === "staged" ? STAGED : LOG)];
  const { ok, stderr } = await streamHelper(
    await git(),
    args,
    { environment: (name) => PASSED.has(name), cwd: directory },
    (bytes) => reader.push(bytes),
  );
  if (!ok && !/does not have any commits yet/.test(stderr)) throw gitFailed(stderr);
  reader.end();
  return result;
}

/** The directory of a repository's hooks, absolute. */
export async function hooksDirectory(directory: string): Promise<string> {
  const args = ["rev-parse", "--path-format=absolute", "--git-path", "hooks"];
  const { ok, stdout, stderr } = await runHelper(await git(), args, {
    environment: (name) => PASSED.has(name),
    maxBytes: 64 * 1024,
    cwd: directory,
  });
  if (!ok) throw gitFailed(stderr);
  return new TextDecoder().decode(stdout).trim();
}

async function git(): Promise<string> {
  const path = await findHelper("git");
  if (path !== null) return path;
  throw new FailedError("cannot ask git: it is not installed where an administrator puts programs", {
    code: "git_missing",
    hint: "scan the files instead: wispkey scan",
  });
}

function gitFailed(stderr: string): FailedError {
  const why = stderr.trim().split("\n")[0]?.slice(0, 300) ?? "";
  return new FailedError(`cannot ask git: ${escapeText(why === "" ? "it failed" : why)}`, {
    code: "git_failed",
    hint: "run it inside a repository",
  });
}
