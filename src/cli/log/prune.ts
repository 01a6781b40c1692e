/**
 * `wispkey log prune`.
 *
 * @module
 */

import { countOf } from "../../core/count.ts";
import { ExitCode, UsageError } from "../../core/errors.ts";
import { confirmed } from "../confirm.ts";
import { withVault } from "../session.ts";
import type { Verb } from "../spec.ts";
import { parseMoment } from "./filter.ts";

/** Options of `log prune`. */
export interface PruneOptions {
  /** Rows before this time go, ms since the epoch; null = not for their age. */
  before: number | null;
  /** All but so many go; null = not for their number. */
  keep: number | null;
}

/** Removes the oldest rows of the log. */
export const logPrune: Verb<PruneOptions> = {
  parse(args, io) {
    const before = args.text("before");
    const keep = args.integer("keep");
    if (before === undefined && keep === undefined) {
      throw new UsageError("cannot remove rows of the log: neither age nor number is given", {
        code: "nothing_to_prune",
        hint: "wispkey log prune --before 90d",
      });
    }
    return {
      before: before === undefined ? null : parseMoment(before, "before", io.now(), 0),
      keep: keep ?? null,
    };
  },

  async run(options, io) {
    return await withVault(io, "remove rows of the log", async (vault) => {
      await confirmed(io, "Remove the oldest rows of the log for good?", "remove rows of the log");
      const { removed, removedUpTo } = (await vault.call("audit.prune", { ...options })).result;
      await io.output.result(
        { ok: true, removed, removed_up_to: removedUpTo },
        io.output.quiet
          ? []
          : [`Removed ${countOf(removed, "row")}; the log now begins after row ${removedUpTo}.`],
      );
      return ExitCode.done;
    });
  },
};
