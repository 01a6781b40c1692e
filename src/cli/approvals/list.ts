/**
 * `wispkey approvals list`.
 *
 * @module
 */

import { ExitCode } from "../../core/errors.ts";
import { withVault } from "../session.ts";
import type { Verb } from "../spec.ts";
import { questionJson, questionLines } from "./question.ts";

/** Shows what waits for a person. */
export const approvalsList: Verb<undefined> = {
  parse() {
    return undefined;
  },

  async run(_options, io) {
    return await withVault(io, "list what waits for approval", async (vault) => {
      const { questions } = (await vault.call("approvals.list", {})).result;
      const lines = questions.flatMap((question) => [...questionLines(question, io.now()), ""]);
      await io.output.result({ approvals: questions.map(questionJson) }, lines.slice(0, -1));
      if (questions.length === 0) await io.output.note("Nothing waits.");
      return ExitCode.done;
    });
  },
};
