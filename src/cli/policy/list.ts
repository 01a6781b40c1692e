/**
 * `wispkey policy list`.
 *
 * @module
 */

import { ExitCode } from "../../core/errors.ts";
import { escapeText } from "../../core/name.ts";
import { type ParsedPolicies, parsePolicies } from "../../core/policy/parse.ts";
import type { Policy } from "../../core/policy/policy.ts";
import { policySummary } from "../../core/policy/summary.ts";
import type { PolicyStatus } from "../../daemon/api/policies.ts";
import type { CliIo } from "../io.ts";
import { withVault } from "../session.ts";
import type { Verb } from "../spec.ts";
import { longTime } from "../time.ts";
import { readPolicyFile } from "./source.ts";
import { changeLines, policyNotice, statusJson, warnOfNotes } from "./status.ts";

/** Shows the policies in force and how the file differs from what was applied. */
export const policyList: Verb<undefined> = {
  parse() {
    return undefined;
  },

  async run(_options, io) {
    const status = await withVault(
      io,
      "list the policies",
      async (vault) => (await vault.call("policy.status", {})).result,
    );
    const applied = policiesOf(status.applied === null ? null : parsePolicies(status.applied));
    const file = status.file === "absent" || status.file === "invalid"
      ? []
      : policiesOf((await readPolicyFile(io, status.path)).read);
    const json = {
      ...statusJson(status),
      applied: applied.map(policyJson),
      current: file.map(policyJson),
    };
    await io.output.result(json, lines(io, status, applied, file));
    const notice = policyNotice(status);
    await warnOfNotes(io, status.notes);
    if (notice !== null) await io.output.warn(notice);
    else if (applied.length === 0 && status.file === "absent") {
      await io.output.note("No policies. Begin with: wispkey policy init");
    }
    return ExitCode.done;
  },
};

function lines(
  io: CliIo,
  status: PolicyStatus,
  applied: readonly Policy[],
  file: readonly Policy[],
): string[] {
  const when = status.appliedAt === null ? "" : `, ${longTime(status.appliedAt)}`;
  const shown = [`Applied${when}:`, ...policyLines(io, applied)];
  if (status.file === "different") {
    shown.push("", `In ${escapeText(status.path)}:`, ...policyLines(io, file));
  }
  for (const mistake of status.mistakes) shown.push("", escapeText(mistake));
  if (status.changes.length > 0) {
    shown.push("", "Applying the file would change:", ...changeLines(status.changes));
  }
  return shown;
}

function policyLines(io: CliIo, policies: readonly Policy[]): string[] {
  if (policies.length === 0) return ["  none"];
  return io.output.table(
    [{ title: "POLICY" }, { title: "WHAT IT DOES", shrinks: true, wraps: true }],
    policies.map((policy) => [policy.name, policySummary(policy)]),
  );
}

function policyJson(policy: Policy): Record<string, unknown> {
  const { name, line, monitor } = policy;
  return { name, line, monitor, summary: policySummary(policy) };
}

function policiesOf(read: ParsedPolicies | null): readonly Policy[] {
  return read?.ok === true ? read.policies : [];
}
