/**
 * The operations on approvals: parameters and results. See `../api.ts`.
 *
 * @module
 */

import type { ApprovalQuestion, ApprovalReach } from "../../core/approval.ts";

/** Operations on approvals. */
export interface ApprovalOperations {
  /** The questions that wait for a person. */
  "approvals.list": { params: Record<string, never>; result: { questions: ApprovalQuestion[] } };
  /** Lets one pass; `digest` is computed from what was shown. Needs the password. */
  "approvals.approve": {
    params: ApprovalReach & { id: string; digest: string };
    result: { question: ApprovalQuestion };
  };
  /** Refuses one. */
  "approvals.deny": { params: { id: string }; result: { question: ApprovalQuestion } };
  /** Puts a wish for access to a host into the same list. Granting it is an act of its own (`credential.edit`). */
  "approvals.ask_access": {
    params: { credential: string; project: string; host: string; reason: string };
    result: { id: string };
  };
}
