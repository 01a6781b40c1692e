/**
 * What `doctor` can judge without the key: files and their modes, the database's form, the daemon, the program's own
 * files, the environment.
 *
 * @module
 */

import { countOf } from "../core/count.ts";
import { basename } from "node:path";
import { WispKeyError } from "../core/errors.ts";
import { escapeText } from "../core/name.ts";
import { vaultFiles } from "../platform/paths.ts";
import { shellQuote } from "../platform/file_errors.ts";
import { writableFiles } from "../platform/program_files.ts";
import { describeVault } from "../vault/mod.ts";
import type { DaemonStatus, Finding } from "./api.ts";

/** What {@linkcode inspectVault} is told. */
export interface InspectOptions {
  /** The vault directory. */
  directory: string;
  /** The running daemon's own words; null if none runs. */
  status: DaemonStatus | null;
  /** Version of this program. */
  version: string;
  /** An environment variable, undefined if unset or empty. */
  env: (name: string) => string | undefined;
}

/** Looks at everything that can be judged without the key. */
export async function inspectVault(options: InspectOptions): Promise<Finding[]> {
  const findings = [describe(options.directory)];
  if (findings[0]?.code === "vault_not_found") return findings;
  findings.push(
    ...await privateFiles(options.directory),
    ...daemon(options),
    ...program(),
    ...environment(options.env),
  );
  return findings;
}

function describe(directory: string): Finding {
  try {
    const { schemaVersion, credentialCount } = describeVault(directory);
    return {
      level: "ok",
      code: "database",
      message: `the database opens: schema ${schemaVersion}, ${countOf(credentialCount, "credential")}`,
    };
  } catch (error) {
    if (!(error instanceof WispKeyError)) throw error;
    const finding: Finding = { level: "error", code: error.code, message: error.message };
    if (error.hint !== undefined) finding.hint = error.hint;
    return finding;
  }
}

async function privateFiles(directory: string): Promise<Finding[]> {
  if (Deno.build.os === "windows") return [];
  const findings: Finding[] = [];
  const look = async (path: string) => {
    const info = await Deno.lstat(path);
    const open = (info.mode ?? 0) & 0o077;
    if (info.isSymlink || open === 0) return;
    findings.push({
      level: "warning",
      code: "file_not_private",
      message: `other users have access to ${escapeText(path)}`,
      hint: `chmod go-rwx ${shellQuote(path)}`,
    });
  };
  await look(directory);
  for await (const entry of Deno.readDir(directory)) {
    await look(`${directory}/${entry.name}`);
    if (entry.name === "session") {
      findings.push({
        level: "error",
        code: "clear_session_file",
        message: `${escapeText(directory)}/session may hold the master key of an earlier build in clear`,
        hint: `rm ${shellQuote(`${directory}/session`)}`,
      });
    }
  }
  if (findings.length === 0) {
    findings.push({ level: "ok", code: "private_files", message: "the vault's files are its owner's alone" });
  }
  return findings;
}

function daemon({ status, directory, version }: InspectOptions): Finding[] {
  if (status === null) {
    return [{
      level: "ok",
      code: "daemon",
      message: "no daemon runs: the vault is locked",
      hint: "wispkey unlock",
    }];
  }
  const findings: Finding[] = [{
    level: "ok",
    code: "daemon",
    message: `the daemon runs (pid ${status.pid}), ${status.locked ? "locked" : "unlocked"}`,
  }];
  if (status.version !== version) {
    findings.push({
      level: "warning",
      code: "daemon_version",
      message: `the daemon is version ${status.version}, this program ${version}`,
      hint: "wispkey unlock",
    });
  }
  findings.push(
    status.closedToDebuggers
      ? { level: "ok", code: "daemon_closed", message: "other programs cannot read the daemon's memory" }
      : {
        level: "warning",
        code: "daemon_open",
        message: "other programs of this user may read the daemon's memory: the system gave no protection",
      },
  );
  if (status.proxy !== null) {
    findings.push({ level: "ok", code: "proxy", message: `the proxy listens on ${status.proxy.address}` });
  }
  const log = basename(vaultFiles(directory).daemonLog);
  if (!status.locked && status.locksAt === null) {
    findings.push({
      level: "warning",
      code: "never_locks",
      message: "the daemon never locks by itself",
      hint: "wispkey unlock --timeout 30",
    });
  }
  findings.push({
    level: "ok",
    code: "log_file",
    message: `the daemon logs to ${log} in the vault's directory`,
  });
  return findings;
}

function program(): Finding[] {
  const writable = writableFiles();
  if (writable.length === 0) {
    return [{
      level: "ok",
      code: "program_files",
      message: "the program's files cannot be changed by this user",
    }];
  }
  return writable.map((file) => ({
    level: "warning",
    code: "program_writable",
    message: `${escapeText(file)} can be changed by any program of this user, so by an agent too`,
    hint: "install wispkey where only an administrator can write",
  }));
}

function environment(env: InspectOptions["env"]): Finding[] {
  const findings: Finding[] = [];
  if (env("WISPKEY_PASSWORD") !== undefined) {
    findings.push({
      level: "warning",
      code: "password_in_environment",
      message: "WISPKEY_PASSWORD is set: an agent started from this shell can read the master password",
      hint: "unset WISPKEY_PASSWORD",
    });
  }
  return findings;
}
