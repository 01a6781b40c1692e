/**
 * `wispkey approvals deny`.
 *
 * @module
 */

import { ExitCode } from "../../core/errors.ts";
import { withVault } from "../session.ts";
import type { Verb } from "../spec.ts";
import { questionJson, questionOf } from "./question.ts";

/** Refuses a request that is held. */
export const approvalsDeny: Verb<{ id: string }> = {
  parse(args) {
    return { id: args.positional(0) };
  },

  async run({ id }, io) {
    return await withVault(io, "refuse the request", async (vault) => {
      const question = await questionOf(vault, id);
      await vault.call("approvals.deny", { id });
      await io.output.result(
        { ok: true, denied: questionJson(question) },
        io.output.quiet ? [] : [`Refused ${id}.`],
      );
      return ExitCode.done;
    });
  },
};
