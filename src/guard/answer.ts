/**
 * The answer to a hook, in the client's own words. Where nothing is wrong the client's own rules stay in force: the guard
 * never approves anything.
 *
 * @module
 */

import type { HookRequest } from "./request.ts";

/** What to write, and the exit code. */
export interface HookAnswer {
  /** For standard output. */
  readonly stdout: string;
  /** For standard error. */
  readonly stderr: string;
  /** 2 means refused to those clients that go by it. */
  readonly code: 0 | 2;
}

/** Why something is refused. */
export interface Refusal {
  /** One sentence for the person. */
  readonly reason: string;
  /** What the agent may do in its place. */
  readonly advice: string;
}

/** Puts a refusal, or null for none, into the client's words. */
export function answerOf(
  { dialect, event }: Pick<HookRequest, "dialect" | "event">,
  refusal: Refusal | null,
): HookAnswer {
  const whole = refusal === null ? "" : wholeOf(refusal);
  switch (dialect) {
    case "cursor":
      return json(cursor(event, refusal));
    case "windsurf":
      return refusal === null ? json({}) : { stdout: "", stderr: `${whole}\n`, code: 2 };
    case "gemini":
      return json(refusal === null ? {} : { decision: "deny", reason: whole });
    case "claude":
      if (refusal === null) return json({});
      return event === "PreToolUse"
        ? json({
          hookSpecificOutput: {
            hookEventName: event,
            permissionDecision: "deny",
            permissionDecisionReason: whole,
          },
        })
        : json({ decision: "block", reason: whole });
  }
}

function wholeOf({ reason, advice }: Refusal): string {
  return advice === "" ? reason : `${reason} ${advice}`;
}

function cursor(event: string, refusal: Refusal | null): unknown {
  if (event === "beforeSubmitPrompt") {
    return refusal === null ? { continue: true } : { continue: false, user_message: wholeOf(refusal) };
  }
  return refusal === null ? { permission: "allow" } : {
    permission: "deny",
    user_message: refusal.reason,
    agent_message: wholeOf(refusal),
  };
}

function json(value: unknown): HookAnswer {
  return { stdout: `${JSON.stringify(value)}\n`, stderr: "", code: 0 };
}
