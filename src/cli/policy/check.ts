/**
 * `wispkey policy check`.
 *
 * @module
 */

import { utf8 } from "../../core/bytes.ts";
import { ExitCode } from "../../core/errors.ts";
import { escapeText } from "../../core/name.ts";
import { mistakeText } from "../../core/policy/mistake.ts";
import type { PolicyNote } from "../../core/policy/notes.ts";
import { policySummary } from "../../core/policy/summary.ts";
import type { CliIo } from "../io.ts";
import { withDaemon } from "../session.ts";
import type { Verb } from "../spec.ts";
import { mistakeJson, policyFile, readPolicyFile } from "./source.ts";
import { warnOfNotes } from "./status.ts";

/** Options of `policy check`. */
export interface CheckOptions {
  /** The file, `-` for standard input. */
  path: string;
}

/** Says whether a policy file is understood, and all that is wrong with it. */
export const policyCheck: Verb<CheckOptions> = {
  parse(args, io) {
    return { path: args.optionalPositional(0) ?? policyFile(io) };
  },

  async run({ path }, io) {
    const { text, read } = await readPolicyFile(io, path);
    const { quiet } = io.output;
    if (!read.ok) {
      const count = read.mistakes.length;
      const lines = read.mistakes.map((mistake) => mistakeText(path, mistake));
      await io.output.result({ ok: false, path, mistakes: read.mistakes.map(mistakeJson) }, lines);
      await io.output.note(
        `${count === 1 ? "1 mistake" : `${count} mistakes`}: while there is any, no credential is used.`,
      );
      return ExitCode.failed;
    }
    const policies = read.policies.map((policy) => ({
      name: policy.name,
      line: policy.line,
      summary: policySummary(policy),
    }));
    const count = policies.length === 1 ? "1 policy" : `${policies.length} policies`;
    const lines = policies.map(({ name, summary }) => escapeText(`  ${name}  ${summary}`));
    const notes = await notesOn(io, text);
    await io.output.result(
      { ok: true, path, policies, mistakes: [], notes },
      quiet ? [] : [`${escapeText(path)}: ${count}, no mistakes.`, ...lines],
    );
    await warnOfNotes(io, notes);
    return ExitCode.done;
  },
};

/** Whether the names mean anything is known to an open vault only, and no reason to ask for the password. */
async function notesOn(io: CliIo, text: string): Promise<readonly PolicyNote[]> {
  if (!(await io.backend.exists())) return [];
  const answer = await withDaemon(
    io,
    "check the policies",
    (vault) => vault.call("policy.examine", {}, utf8(text)),
  );
  return answer?.result.notes ?? [];
}
