/**
 * Operations on policies.
 *
 * @module
 */

import type { PolicyChange } from "../../core/policy/difference.ts";

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
}

/** The operations. */
export interface PolicyOperations {
  /** How things stand. */
  "policy.status": { params: Record<string, never>; result: PolicyStatus };
  /** Takes a text, the payload, for what the owner wants; needs the password. An empty one takes all policies away. */
  "policy.apply": { params: Record<string, never>; result: PolicyStatus };
}
