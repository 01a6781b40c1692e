/**
 * Operations on policies.
 *
 * @module
 */

import type { PolicyChange } from "../../core/policy/difference.ts";
import type { PolicyNote } from "../../core/policy/notes.ts";

/** How the policy file stands to what was applied. */
export interface PolicyStatus {
  /** The file, absolute. */
  path: string;
  /** `absent`, word for word what was applied, another text with policies, or one that cannot be read as policies. */
  file: "absent" | "applied" | "different" | "invalid";
  /** Number of policies in the file; 0 if it is absent or invalid. */
  filePolicies: number;
  /** What is wrong with the file, one line each, with line and column; while there is any, no token is used. */
  mistakes: string[];
  /** Text that was applied; null if none was. */
  applied: string | null;
  /** When, ms since the epoch. */
  appliedAt: number | null;
  /** Number of applied policies. */
  appliedPolicies: number;
  /** What applying the file would change, looser ones first. Until then the tighter ones hold and the looser ones do not. */
  changes: PolicyChange[];
  /** Why what was applied cannot be used, and what mends that; null if nothing is wrong with it. While it is so, no token is used. */
  spoiled: { reason: string; hint: string } | null;
  /** What is odd about the policies in force: names that nothing has any more. */
  notes: PolicyNote[];
}

/** The operations. */
export interface PolicyOperations {
  /** How things stand. */
  "policy.status": { params: Record<string, never>; result: PolicyStatus };
  /** What would be odd about a text, the payload, if it were applied. */
  "policy.examine": { params: Record<string, never>; result: { notes: PolicyNote[] } };
  /** Takes a text, the payload, for what the owner wants; needs the password. An empty one takes all policies away. */
  "policy.apply": { params: Record<string, never>; result: PolicyStatus };
}
