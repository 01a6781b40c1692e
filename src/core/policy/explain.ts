/**
 * Why policies answer as they do: the verdict, as the proxy would give it, and what each policy that is about the use
 * says.
 *
 * @module
 */

import { failingClause, needsApproval, objectionOf } from "./examine.ts";
import { PolicyJudge } from "./judge.ts";
import { governs, type Policy } from "./policy.ts";
import { PolicyIndex } from "./policy_index.ts";
import type { PolicyObjection, PolicyQuestion, Verdict } from "./verdict.ts";

/** Policies of one text. Several are in force together. */
export interface PolicySource {
  /** The text, for people: `applied`, or a file's name. */
  readonly name: string;
  /** Its policies. */
  readonly policies: readonly Policy[];
}

/** What one policy says of a use. */
export interface PolicyOpinion {
  /** Name of its source. */
  readonly source: string;
  /** The policy. */
  readonly policy: Policy;
  /** What it holds against the use; null for nothing. Rate limits are not looked at: they depend on what came before. */
  readonly objection: PolicyObjection | null;
}

/** Why policies answer as they do. */
export interface Explanation {
  /** The answer to a first use. */
  readonly verdict: Verdict;
  /** Name of the source whose policy decided; null if none did. */
  readonly source: string | null;
  /** The policies about the use, in order. */
  readonly opinions: readonly PolicyOpinion[];
}

/**
 * Explains the answer to a use at a moment, ms since the epoch.
 *
 * @example
 * ```ts
 * import { explainUse } from "./explain.ts";
 *
 * const question = {
 *   credential: { id: "1", name: "a", project: "default" },
 *   caller: null,
 *   method: "GET",
 *   methodOverridden: false,
 *   scheme: "https",
 *   host: "a.test",
 *   port: 443,
 *   path: "/",
 *   bodyBytes: 0,
 * } as const;
 * console.assert(explainUse([], question, 0).verdict.kind === "allow");
 * ```
 */
export function explainUse(
  sources: readonly PolicySource[],
  question: PolicyQuestion,
  now: number,
): Explanation {
  const judge = new PolicyJudge(() => now);
  judge.enforce(sources.map(({ policies }) => new PolicyIndex(policies)), []);
  const { verdict } = judge.judge(question);
  const opinions = sources.flatMap(({ name, policies }) =>
    policies
      .filter((policy) => governs(policy, question.credential, question.caller))
      .map((policy) => ({ source: name, policy, objection: objection(policy, question, now) }))
  );
  return { verdict, source: sourceOf(verdict, opinions), opinions };
}

function objection(policy: Policy, question: PolicyQuestion, now: number): PolicyObjection | null {
  const clause = failingClause(policy, question, now);
  if (clause !== null) return objectionOf(policy, clause, question);
  if (!needsApproval(policy, question)) return null;
  return { policy: policy.name, clause: "require_approval", reason: "a person must approve it" };
}

/** The same policy may stand in several sources: the first one whose policy says so decided. */
function sourceOf(verdict: Verdict, opinions: readonly PolicyOpinion[]): string | null {
  if (verdict.kind === "allow" || verdict.kind === "invalid") return null;
  const decided = opinions.find(({ policy, objection }) =>
    !policy.monitor && policy.name === verdict.policy && objection?.clause === verdict.clause
  );
  return decided?.source ?? null;
}
