/**
 * `wispkey log verify`.
 *
 * @module
 */

import { countOf } from "../../core/count.ts";
import { ExitCode } from "../../core/errors.ts";
import { escapeText } from "../../core/name.ts";
import { withVault } from "../session.ts";
import type { Verb } from "../spec.ts";

/** Checks every row of the log. */
export const logVerify: Verb<undefined> = {
  parse() {
    return undefined;
  },

  async run(_options, io) {
    return await withVault(io, "check the log", async (vault) => {
      const verdict = (await vault.call("audit.verify", {})).result;
      const { ok, badSeq, reason, rows, unauthenticated, removedUpTo, last, head, indexChanged } = verdict;
      const lines = ok
        ? [
          `The log is as it was written: ${countOf(rows, "row")}, up to row ${last}; head ${
            head?.slice(0, 12) ?? ""
          }.`,
        ]
        : [`The log was changed: row ${badSeq}: ${escapeText(reason ?? "")}.`];
      if (unauthenticated > 0) {
        lines.push(
          `Written while locked, so without a seal of their own: ${countOf(unauthenticated, "row")}.`,
        );
      }
      if (removedUpTo > 0) {
        lines.push(`Rows up to ${removedUpTo} were removed because of their age or number.`);
      }
      if (indexChanged) lines.push("The index of the log had been changed; it is made anew.");
      await io.output.result({
        ok,
        first_bad_row: badSeq,
        reason,
        rows,
        unauthenticated_rows: unauthenticated,
        removed_up_to: removedUpTo,
        last_row: last,
        head,
        index_changed: indexChanged,
      }, lines);
      return ok ? ExitCode.done : ExitCode.failed;
    });
  },
};
