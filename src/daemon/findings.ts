/**
 * What a check of the whole vault found, in the words of `doctor`.
 *
 * @module
 */

import { countOf } from "../core/count.ts";
import { escapeText } from "../core/name.ts";
import { shellQuote } from "../platform/file_errors.ts";
import type { VaultProblem, VaultReport } from "../vault/mod.ts";
import type { Finding } from "./api.ts";

/** Names in one finding. */
const NAMES_SHOWN = 10;

/** Turns a report into findings, one for each thing that is wrong, or the good news. */
export function verifyFindings(report: VaultReport): Finding[] {
  const findings: Finding[] = report.problems.map((problem) => {
    const finding: Finding = { level: "error", code: problem.code, message: problem.message };
    const hint = hintFor(problem);
    if (hint !== undefined) finding.hint = hint;
    return finding;
  });
  if (findings.length === 0) {
    const rows = `${countOf(report.credentials, "credential")} and ${countOf(report.auditRows, "log row")}`;
    findings.push({ level: "ok", code: "rows", message: `all rows are as they were written: ${rows}` });
  }
  if (report.unauthenticatedRows > 0) {
    findings.push({
      level: "ok",
      code: "unauthenticated_rows",
      message: `written while locked, so without a seal of their own: ${
        countOf(report.unauthenticatedRows, "log row")
      }`,
    });
  }
  if (report.unconfirmed.length > 0) {
    const names = report.unconfirmed.slice(0, NAMES_SHOWN).map(escapeText).join(", ");
    const more = report.unconfirmed.length > NAMES_SHOWN ? ", …" : "";
    findings.push({
      level: "ok",
      code: "hosts_unconfirmed",
      message: `added without the password: ${names}${more}`,
      hint: "see where each may go, then say that it is right: wispkey edit NAME --confirm",
    });
  }
  return findings;
}

function hintFor({ kind, name }: VaultProblem): string | undefined {
  switch (kind) {
    case "credential":
      return `wispkey remove ${shellQuote(name)}, then add it again from its source`;
    case "setting":
      return `wispkey config unset ${shellQuote(name)}`;
    case "rows":
      return "look at 'wispkey list', then take the rows as they stand: wispkey doctor --accept";
    case "database":
      return "restore the vault's directory from a backup";
    default:
      return undefined;
  }
}
