/**
 * What the proxy needs of whoever asks a person for approval.
 *
 * @module
 */

import type { ApprovalQuestion } from "../core/approval.ts";
import type { Cancellation } from "./http/cancellation.ts";

/** A question before it has a number. */
export type ApprovalDraft = Omit<ApprovalQuestion, "id" | "askedAt" | "expiresAt" | "kind" | "reason">;

/**
 * How it ended. `cancelled`: the client went away; `full`: too many wait already, or were asked lately; `locked`: the vault
 * was locked meanwhile.
 */
export type ApprovalOutcome = "approved" | "denied" | "timeout" | "cancelled" | "full" | "locked";

/** Asks a person. */
export interface ApprovalPort {
  /**
   * Resolves once there is an answer, whatever it is; never rejects.
   *
   * @param path the path as it came, to which a widened approval is bound
   * @param gone happens when nobody waits any more
   */
  ask(draft: ApprovalDraft, path: string, gone: Cancellation | null): Promise<ApprovalOutcome>;
}
