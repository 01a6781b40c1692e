/**
 * Puts recorded requests before policies, one after the other, as the proxy would.
 *
 * @module
 */

import type { PolicySource } from "./explain.ts";
import { PolicyJudge } from "./judge.ts";
import { PolicyIndex } from "./policy_index.ts";
import type { RecordedRequest } from "./recorded.ts";
import { objectionText, type Verdict } from "./verdict.ts";

/** What came of one recorded request. */
export interface ReplayedRequest {
  /** The request. */
  readonly request: RecordedRequest;
  /** Whether the answer is the expected one. */
  readonly ok: boolean;
  /** The answer. */
  readonly verdict: Verdict;
}

/**
 * Replays requests in their order. Rate limits count those before; where the time goes back, counting begins anew.
 *
 * @param now moment of requests that name none, ms since the epoch, until one does
 */
export function replay(
  sources: readonly PolicySource[],
  requests: readonly RecordedRequest[],
  now: number,
): ReplayedRequest[] {
  const indexes = sources.map(({ policies }) => new PolicyIndex(policies));
  let at = now;
  let judge = judgeOf(indexes, () => at);
  return requests.map((request) => {
    const isBack = request.at !== null && request.at < at;
    at = request.at ?? at;
    if (isBack) judge = judgeOf(indexes, () => at);
    const { verdict } = judge.judge(request.question);
    return { request, ok: isExpected(request, verdict), verdict };
  });
}

/** An answer in one line: `deny: policy 'reads': the method is not among allowed_methods`. */
export function verdictText(verdict: Verdict): string {
  if (verdict.kind === "allow") return "allow";
  return `${verdict.kind}: ${verdict.kind === "invalid" ? verdict.reason : objectionText(verdict)}`;
}

function judgeOf(indexes: readonly PolicyIndex[], now: () => number): PolicyJudge {
  const judge = new PolicyJudge(now);
  judge.enforce(indexes, []);
  return judge;
}

function isExpected({ expect, policy }: RecordedRequest, verdict: Verdict): boolean {
  if (verdict.kind !== expect) return false;
  return policy === null || ("policy" in verdict && verdict.policy === policy);
}
