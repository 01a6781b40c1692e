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
  const whole = refusal === null ? "" : `${refusal.reason} ${refusal.advice}`;
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

function cursor(event: string, refusal: Refusal | null): unknown {
  if (event === "beforeSubmitPrompt") {
    return refusal === null
      ? { continue: true }
      : { continue: false, user_message: `${refusal.reason} ${refusal.advice}` };
  }
  return refusal === null ? { permission: "allow" } : {
    permission: "deny",
    user_message: refusal.reason,
    agent_message: `${refusal.reason} ${refusal.advice}`,
  };
}

function json(value: unknown): HookAnswer {
  return { stdout: `${JSON.stringify(value)}\n`, stderr: "", code: 0 };
}
