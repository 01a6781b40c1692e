/**
 * `wispkey policy apply`.
 *
 * @module
 */

import { utf8 } from "../../core/bytes.ts";
import { ExitCode, NotFoundError } from "../../core/errors.ts";
import { escapeText } from "../../core/name.ts";
import { comparePolicies } from "../../core/policy/difference.ts";
import { parsePolicies } from "../../core/policy/parse.ts";
import type { PolicyStatus } from "../../daemon/api/policies.ts";
import type { CliIo } from "../io.ts";
import { withVault } from "../session.ts";
import type { Verb } from "../spec.ts";
import { checkHint, policyFile, readPolicyFile, sourceOf } from "./source.ts";
import { changeLines, policyNotice, statusJson, warnOfNotes } from "./status.ts";

const WHAT = "apply the policies";

/** Options of `policy apply`. */
export interface ApplyOptions {
  /** The file; undefined = the vault's own, which may be absent. */
  file: string | undefined;
}

/** Lets the text of a policy file count, looser parts too. */
export const policyApply: Verb<ApplyOptions> = {
  parse(args) {
    return { file: args.text("file") };
  },

  async run({ file }, io) {
    return await withVault(io, WHAT, async (vault) => {
      const path = file ?? policyFile(io);
      // Read once: what is shown is what is sent, whatever becomes of the file meanwhile.
      const text = await textOf(io, path, file === undefined);
      const next = sourceOf(path, parsePolicies(text), WHAT, checkHint(path));
      const before = (await vault.call("policy.status", {})).result;
      if (text === (before.applied ?? "") && before.spoiled === null) {
        await warnOfNotes(io, before.notes);
        return await report(io, before, [], "Nothing to apply: it is what was applied.");
      }
      const old = parsePolicies(before.applied ?? "");
      const changes = comparePolicies(old.ok ? old.policies : [], next.policies);
      const shown = changes.length === 0 ? ["Nothing but its wording changes."] : changeLines(changes);
      if (before.spoiled !== null) {
        await io.output.warn(
          `${before.spoiled.reason}; so all of it is shown as new: look at the whole file`,
        );
      }
      // Before the password is asked for: who sees that a name is wrong can still say no.
      await warnOfNotes(io, (await vault.call("policy.examine", {}, utf8(text))).result.notes);
      await io.output.note(["Applying changes:", ...shown.map((line) => `  ${line}`)].join("\n"));
      const status = (await vault.call("policy.apply", {}, utf8(text))).result;
      const count = status.appliedPolicies === 1
        ? "1 policy holds"
        : `${status.appliedPolicies} policies hold`;
      await report(io, status, changes, `Applied ${escapeText(path)}: ${count} now.`);
      const notice = policyNotice(status);
      if (notice !== null) await io.output.warn(notice);
      return ExitCode.done;
    });
  },
};

/** The file's text; that of the vault's own file is empty where there is none. */
async function textOf(io: CliIo, path: string, mayBeAbsent: boolean): Promise<string> {
  try {
    return (await readPolicyFile(io, path)).text;
  } catch (error) {
    if (mayBeAbsent && error instanceof NotFoundError && error.code === "file_not_found") return "";
    throw error;
  }
}

async function report(
  io: CliIo,
  status: PolicyStatus,
  changes: ReturnType<typeof comparePolicies>,
  line: string,
): Promise<ExitCode> {
  const { quiet } = io.output;
  await io.output.result({ ok: true, ...statusJson(status), applied_changes: changes }, quiet ? [] : [line]);
  return ExitCode.done;
}
