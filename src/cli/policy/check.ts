/**
 * `wispkey policy check`.
 *
 * @module
 */

import { ExitCode } from "../../core/errors.ts";
import { escapeText } from "../../core/name.ts";
import { mistakeText } from "../../core/policy/mistake.ts";
import { policySummary } from "../../core/policy/summary.ts";
import type { Verb } from "../spec.ts";
import { mistakeJson, policyFile, readPolicyFile } from "./source.ts";

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
    const { read } = await readPolicyFile(io, path);
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
    await io.output.result(
      { ok: true, path, policies, mistakes: [] },
      quiet ? [] : [`${escapeText(path)}: ${count}, no mistakes.`, ...lines],
    );
    return ExitCode.done;
  },
};
