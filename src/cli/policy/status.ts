/**
 * How the policy file stands to what was applied, as commands tell it.
 *
 * @module
 */

import { WispKeyError } from "../../core/errors.ts";
import { escapeText } from "../../core/name.ts";
import type { PolicyChange } from "../../core/policy/difference.ts";
import type { PolicyNote } from "../../core/policy/notes.ts";
import type { Finding, VaultClient } from "../../daemon/api.ts";
import type { PolicyStatus } from "../../daemon/api/policies.ts";
import type { CliIo } from "../io.ts";
import { rfc3339 } from "../time.ts";

/** Notes told one by one. */
const MAX_NOTES = 10;

/** One line about what is to be done, and the command that does it; null where the file says what was applied. */
export function policyNotice(status: PolicyStatus): string | null {
  if (status.spoiled !== null) {
    return `no credential is used, because ${status.spoiled.reason}; run: ${status.spoiled.hint}`;
  }
  if (status.file === "invalid") {
    const [first = "it holds mistakes"] = status.mistakes;
    return `no credential is used, because of the policy file: ${first}; see 'wispkey policy check'`;
  }
  if (status.changes.length === 0) return null;
  const looser = status.changes.filter(({ effect }) => effect !== "tighter").length;
  const what = status.file === "absent"
    ? "the policy file is gone, and what was applied still holds"
    : "the policy file is not what was applied, so both hold";
  const waiting = looser === 0
    ? ""
    : ` (${looser === 1 ? "1 change waits" : `${looser} changes wait`} to be applied)`;
  return `${what}${waiting}; see 'wispkey policy list' and 'wispkey policy apply'`;
}

/** How policies stand; null where the daemon does not answer that. */
export async function policyStatusOf(vault: VaultClient): Promise<PolicyStatus | null> {
  try {
    return (await vault.call("policy.status", {})).result;
  } catch (error) {
    // To `status`, `unlock` and `serve` it is an addition: what keeps the daemon from answering is not theirs to tell.
    if (error instanceof WispKeyError) return null;
    throw error;
  }
}

/** Warns if there is something to be done about policies. */
export async function warnOfPolicies(io: CliIo, vault: VaultClient): Promise<void> {
  const status = await policyStatusOf(vault);
  const notice = status === null ? null : policyNotice(status);
  if (notice !== null) await io.output.warn(notice);
}

/** What is odd about a policy, in a line. */
function noteText({ policy, text }: PolicyNote): string {
  return `policy '${policy}' ${text}`;
}

/** Warns of what is odd about policies: names that nothing has. */
export async function warnOfNotes(io: CliIo, notes: readonly PolicyNote[]): Promise<void> {
  for (const note of notes.slice(0, MAX_NOTES)) await io.output.warn(noteText(note));
  const more = notes.length - MAX_NOTES;
  if (more > 0) await io.output.warn(`and ${more} more of this kind; see 'wispkey policy list'`);
}

/**
 * Does something to credentials or projects, and then warns of the policies that name what is there no more because of it.
 *
 * @returns what `act` does
 */
export async function warningOfLostNames<T>(
  io: CliIo,
  vault: VaultClient,
  act: () => Promise<T>,
): Promise<T> {
  const before = (await policyStatusOf(vault))?.notes ?? [];
  const known = new Set(before.map(noteText));
  const result = await act();
  const after = (await policyStatusOf(vault))?.notes ?? [];
  await warnOfNotes(io, after.filter((note) => !known.has(noteText(note))));
  return result;
}

/** The same as findings of `doctor`. */
export function policyFindings(status: PolicyStatus): Finding[] {
  const findings: Finding[] = [];
  const message = policyNotice(status);
  if (status.spoiled !== null) {
    const { reason, hint } = status.spoiled;
    const said = `no credential is used, because ${reason}`;
    findings.push({ level: "error", code: "policy_spoiled", message: said, hint });
  } else if (message !== null) {
    findings.push(
      status.file === "invalid"
        ? { level: "error", code: "policy_invalid", message, hint: "wispkey policy check" }
        : { level: "warning", code: "policy_not_applied", message, hint: "wispkey policy list" },
    );
  }
  const [first, ...others] = status.notes;
  if (first !== undefined) {
    const more = others.length === 0 ? "" : ` (and ${others.length} more of this kind)`;
    const said = `${noteText(first)}${more}`;
    findings.push({ level: "warning", code: "policy_names", message: said, hint: "wispkey policy list" });
  }
  return findings;
}

/** How things stand, for programs. */
export function statusJson(status: PolicyStatus): Record<string, unknown> {
  return {
    path: status.path,
    file: status.file,
    file_policies: status.filePolicies,
    applied_policies: status.appliedPolicies,
    applied_at: rfc3339(status.appliedAt),
    mistakes: status.mistakes,
    changes: status.changes,
    spoiled: status.spoiled,
    notes: status.notes,
  };
}

/** Changes for people, a line each, looser ones marked. */
export function changeLines(changes: readonly PolicyChange[]): string[] {
  const marks = { looser: "! looser ", other: "? other  ", tighter: "  tighter" } as const;
  return changes.map(({ policy, effect, text }) => `${marks[effect]}  ${escapeText(`${policy}: ${text}`)}`);
}
