/**
 * How the policy file stands to what was applied, as commands tell it.
 *
 * @module
 */

import { WispKeyError } from "../../core/errors.ts";
import { escapeText } from "../../core/name.ts";
import type { PolicyChange } from "../../core/policy/difference.ts";
import type { Finding, VaultClient } from "../../daemon/api.ts";
import type { PolicyStatus } from "../../daemon/api/policies.ts";
import type { CliIo } from "../io.ts";
import { rfc3339 } from "../time.ts";

/** One line about what is to be done, and the command that does it; null where the file says what was applied. */
export function policyNotice(status: PolicyStatus): string | null {
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

/** The same as a finding of `doctor`; null if there is nothing to be done. */
export function policyFinding(status: PolicyStatus): Finding | null {
  const message = policyNotice(status);
  if (message === null) return null;
  return status.file === "invalid"
    ? { level: "error", code: "policy_invalid", message, hint: "wispkey policy check" }
    : { level: "warning", code: "policy_not_applied", message, hint: "wispkey policy list" };
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
  };
}

/** Changes for people, a line each, looser ones marked. */
export function changeLines(changes: readonly PolicyChange[]): string[] {
  const marks = { looser: "! looser ", other: "? other  ", tighter: "  tighter" } as const;
  return changes.map(({ policy, effect, text }) => `${marks[effect]}  ${escapeText(`${policy}: ${text}`)}`);
}
