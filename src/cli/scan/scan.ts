/**
 * `wispkey scan`.
 *
 * @module
 */

import { countOf } from "../../core/count.ts";
import { ExitCode, NotFoundError } from "../../core/errors.ts";
import { escapeText } from "../../core/name.ts";
import { scanGit } from "../../importer/scan/scan_git.ts";
import { type LocatedFinding, type ScanResult, scanTree } from "../../importer/scan/scan_tree.ts";
import { isDirectory, isFile } from "../../platform/walk_tree.ts";
import { nameOf } from "../credential/details.ts";
import type { CliIo } from "../io.ts";
import { commandLine } from "../quote.ts";
import type { Verb } from "../spec.ts";
import { compareWithVault } from "./compare.ts";
import { installHook } from "./hook.ts";

/** Options of `scan`. */
export interface ScanCommandOptions {
  /** Where to look. */
  path: string;
  /** What to look through. */
  what: "files" | "history" | "staged" | "install-hook";
  /** Whether ignored files are scanned too. */
  ignored: boolean;
  /** Project; undefined = the active one. */
  project: string | undefined;
}

/** Rows that a person reads. */
const ROWS_SHOWN = 200;
/** Files that `import` knows how to read. */
const IMPORTABLE =
  /(?:^|\/)(?:\.env[\w.-]*|[\w.-]+\.env|\.npmrc|\.pypirc|\.netrc|\.git-credentials|credentials|[\w.-]+\.(?:json|ya?ml|ini|cfg|csv))$/i;
const SECRETS_COLUMNS = [
  { title: "WHERE", shrinks: true },
  { title: "WHAT", shrinks: true },
  { title: "SECRET", shrinks: true },
  { title: "IN THE VAULT" },
];

/** Looks for secrets in clear. */
export const scan: Verb<ScanCommandOptions> = {
  parse(args) {
    args.exclusive("git", "staged", "install-hook");
    const what = args.flag("git")
      ? "history"
      : args.flag("staged")
      ? "staged"
      : args.flag("install-hook")
      ? "install-hook"
      : "files";
    return {
      path: args.optionalPositional(0) ?? ".",
      what,
      ignored: args.flag("no-ignore"),
      project: nameOf(args, "project", "project"),
    };
  },

  async run({ path, what, ignored, project }, io) {
    if (!isDirectory(path) && !isFile(path)) {
      throw new NotFoundError(`cannot scan '${escapeText(path)}': there is no such file or directory`, {
        code: "file_not_found",
        hint: "wispkey scan .",
      });
    }
    if (what === "install-hook") return await installHook(io, path);
    const notes: Promise<void>[] = [];
    const progress = (count: number) => void notes.push(io.output.note(`Looked at ${count} …`));
    const result = what === "files"
      ? scanTree(path, { ignored, progress })
      : await scanGit(path, what, progress);
    await Promise.all(notes);
    const known = await compareWithVault(io, result.findings, project);
    await report(io, result, known);
    return result.findings.length === 0 ? ExitCode.done : ExitCode.failed;
  },
};

async function report(
  io: CliIo,
  { findings, files, bytes, unread }: ScanResult,
  known: ReadonlyMap<LocatedFinding, string> | null,
): Promise<void> {
  const json = {
    ok: findings.length === 0,
    findings: findings.map((finding) => ({
      path: finding.path,
      line: finding.line,
      column: finding.column,
      commit: finding.commit ?? null,
      what: finding.title,
      id: finding.id,
      masked: finding.masked,
      in_vault: known === null ? null : known.has(finding),
      credential: known?.get(finding) ?? null,
    })),
    compared_with_vault: known !== null,
    files,
    bytes,
    unread,
  };
  const rows = findings.slice(0, ROWS_SHOWN).map((finding) => {
    const commit = finding.commit === undefined ? "" : ` in ${finding.commit.slice(0, 10)}`;
    const held = known === null ? "?" : known.get(finding) ?? "no";
    return [`${finding.path}:${finding.line}${commit}`, finding.title, finding.masked, held];
  });
  const lines = rows.length === 0 ? [] : io.output.table(SECRETS_COLUMNS, rows);
  if (findings.length > ROWS_SHOWN) lines.push(`… and ${findings.length - ROWS_SHOWN} more`);
  const count = findings.length === 0 ? "No secrets" : countOf(findings.length, "secret");
  lines.push(
    `${count} in ${countOf(files, "file")}${unread === 0 ? "" : `; ${unread} were too large or unreadable`}.`,
  );
  await io.output.result(json, lines);
  await advise(io, findings, known);
}

async function advise(
  io: CliIo,
  findings: readonly LocatedFinding[],
  known: ReadonlyMap<LocatedFinding, string> | null,
): Promise<void> {
  if (findings.length === 0) return;
  const files = new Set(findings.filter(({ commit }) => commit === undefined).map(({ path }) => path));
  const importable = [...files].filter((path) => IMPORTABLE.test(path.replaceAll("\\", "/"))).slice(0, 5);
  for (const path of importable) {
    await io.output.note(`To take them over: ${commandLine("wispkey", "import", path, "--in-place")}`);
  }
  if (findings.some(({ commit }) => commit !== undefined)) {
    await io.output.note(
      "What was ever committed is known to everybody who has the repository: have new keys made, and the old ones revoked.",
    );
  }
  if (known === null) await io.output.note("They were not compared with the vault, because it is locked.");
}
