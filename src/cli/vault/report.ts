/**
 * What `unlock` tells: who used the vault last, how the log stands, what could let an agent in.
 *
 * @module
 */

import { escapeText } from "../../core/name.ts";
import type { UnlockReport } from "../backend.ts";
import type { CliIo } from "../io.ts";
import { longTime, rfc3339 } from "../time.ts";
import { timeoutPhrase } from "./scope.ts";

/** The report in JSON. */
export interface UnlockJson {
  /** Always true: a failure is an error. */
  ok: true;
  /** Process id of the daemon. */
  pid: number;
  /** Minutes without use before locking; 0 = never. */
  timeout_minutes: number;
  /** When it locks if nothing happens; null = never. */
  locks_at: string | null;
  /** Project of plain proxy callers; null = all. */
  scope: string | null;
  /** Newest use of a credential. */
  last_use: { at: string | null; credential: string; host: string } | null;
  /** Rows in the log. */
  log_rows: number;
  /** First characters of the log's head. */
  log_head: string;
  /** Environment variables passed on to the daemon, by name. */
  environment: string[];
  /** Each fallback among them, with where it may go. */
  fallbacks: string[];
  /** Whether other programs of this user are kept from reading the daemon. */
  closed_to_debuggers: boolean;
  /** Program files this user can write. */
  writable_program_files: string[];
}

/** The report for programs. */
export function reportJson(report: UnlockReport): UnlockJson {
  const { status, lastUse } = report;
  return {
    ok: true,
    pid: status.pid,
    timeout_minutes: report.timeoutMinutes,
    locks_at: rfc3339(status.locksAt),
    scope: status.scope,
    last_use: lastUse === null ? null : { ...lastUse, at: rfc3339(lastUse.at) },
    log_rows: report.logRows,
    log_head: report.logHead,
    environment: report.environment,
    fallbacks: report.fallbacks,
    closed_to_debuggers: status.closedToDebuggers,
    writable_program_files: report.writableProgramFiles,
  };
}

/** The report for people. */
export function reportLines(report: UnlockReport): string[] {
  const { status, lastUse } = report;
  const rows = report.logRows === 1 ? "1 row" : `${report.logRows} rows`;
  const lines = [
    `Unlocked; ${timeoutPhrase(report.timeoutMinutes)}.`,
    lastUse === null
      ? "Last use:  none yet"
      : escapeText(`Last use:  ${longTime(lastUse.at)}, ${lastUse.credential} to ${lastUse.host}`),
    `Log:       ${rows}, head ${report.logHead}`,
    escapeText(`Scope:     ${status.scope === null ? "all projects" : `project ${status.scope}`}`),
  ];
  for (const fallback of report.fallbacks) lines.push(escapeText(`Fallback:  ${fallback}`));
  if (status.proxy !== null) lines.push(`Proxy:     ${status.proxy.address}`);
  return lines;
}

/** Warns of what lets an agent with a shell in. */
export async function warnOfOpenings(io: CliIo, report: UnlockReport): Promise<void> {
  if (!report.status.closedToDebuggers) {
    await io.output.warn("programs of your user can read the daemon's memory here; see wispkey doctor");
  }
  for (const file of report.writableProgramFiles) {
    await io.output.warn(`an agent can change this program file: ${file}`);
  }
}
