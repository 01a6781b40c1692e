/**
 * What became of a request, held against what the table says of it.
 *
 * @module
 */

import type { Outcome } from "./attempt.ts";
import type { Expected } from "./client.ts";

/** One cell of the page. */
export interface Finding {
  /** `works`; `fails`, as expected; `absent`; `surprise`, which is neither expected nor wanted. */
  readonly verdict: "works" | "fails" | "absent" | "surprise";
  /** What a person has to know; for a surprise, what happened. */
  readonly remark: string;
}

/** The finding for a way that there is nothing to try of, or null. */
export function withoutTrying(expected: Expected | undefined): Finding | null {
  return expected !== undefined && "why" in expected && expected.evidence === undefined
    ? { verdict: "fails", remark: expected.why }
    : null;
}

/** The finding for an outcome. */
export function judge({ verdict, said, violations }: Outcome, expected: Expected | undefined): Finding {
  if (violations.length > 0) return { verdict: "surprise", remark: `${violations.join("; ")}\n${said}` };
  if (verdict === "absent") return { verdict, remark: "" };
  const failing = expected !== undefined && "why" in expected ? expected : null;
  if (verdict === "works") {
    return failing === null
      ? { verdict, remark: expected !== undefined && "note" in expected ? expected.note : "" }
      : { verdict: "surprise", remark: "it works, which the table does not know" };
  }
  return failing?.evidence?.test(said)
    ? { verdict, remark: failing.why }
    : { verdict: "surprise", remark: `it does not work: ${said}` };
}
