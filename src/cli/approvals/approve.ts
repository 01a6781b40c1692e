/**
 * `wispkey approvals approve`.
 *
 * @module
 */

import type { ApprovalReach } from "../../core/approval.ts";
import { ExitCode, UsageError } from "../../core/errors.ts";
import { withVault } from "../session.ts";
import type { Verb } from "../spec.ts";
import { approveShown, questionJson, questionLines, questionOf } from "./question.ts";

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000 };
const MAX_MS = 12 * 3_600_000;

/** Options of `approvals approve`. */
export interface ApproveOptions extends ApprovalReach {
  /** The question's id. */
  id: string;
}

/** Lets a request that is held go on, once or for longer. */
export const approvalsApprove: Verb<ApproveOptions> = {
  parse(args) {
    args.exclusive("for", "session");
    const given = args.text("for");
    const forMs = given === undefined ? null : parseDuration(given);
    const session = args.flag("session");
    const thisPath = args.flag("this-path");
    if (thisPath && forMs === null && !session) {
      throw new UsageError("cannot widen to the path: it is not said for how long", {
        code: "missing_duration",
        hint: "add --for 10m, or --session",
      });
    }
    return { id: args.positional(0), forMs, session, thisPath };
  },

  async run({ id, ...reach }, io) {
    return await withVault(io, "approve the request", async (vault) => {
      const question = await questionOf(vault, id);
      await io.output.note(questionLines(question, io.now()).join("\n"));
      await approveShown(vault, question, reach);
      await io.output.result(
        { ok: true, approved: questionJson(question) },
        io.output.quiet ? [] : [`Approved ${id}.`],
      );
      return ExitCode.done;
    });
  },
};

function parseDuration(text: string): number {
  const [, count = "", unit = ""] = /^(\d{1,5})([smh])$/.exec(text) ?? [];
  const ms = Number(count) * (UNITS[unit] ?? NaN);
  if (ms > 0 && ms <= MAX_MS) return ms;
  throw new UsageError("invalid --for: it takes a time up to 12h, such as 90s, 10m or 2h", {
    code: "invalid_option",
    hint: "--for 10m",
  });
}
