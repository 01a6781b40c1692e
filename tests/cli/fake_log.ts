/**
 * What the fake daemon answers about the log and about approvals.
 *
 * @module
 */

import type { ApprovalQuestion } from "../../src/core/approval.ts";
import type { AuditFilter, AuditPage, AuditRow } from "../../src/core/audit.ts";
import type { LogVerdict } from "../../src/daemon/api/log.ts";

const NOW = Date.UTC(2026, 0, 31, 12, 34, 56);

/** A request that waits for a person, with a path that an agent chose. */
export const QUESTION: ApprovalQuestion = {
  kind: "request",
  id: "3f9a1c0b7d2e",
  askedAt: NOW,
  expiresAt: NOW + 90_000,
  caller: null,
  credentials: ["default/openai"],
  policies: ["ask-me"],
  method: "POST",
  scheme: "https",
  host: "api.openai.com",
  path: "/v1\u001b]0;x\u0007",
  bodyBytes: 12,
  bodySha256: "ab".repeat(32),
  targetSha256: "cd".repeat(32),
  headersSha256: "ef".repeat(32),
  reason: "",
};

const VERDICT: LogVerdict = {
  ok: true,
  badSeq: null,
  reason: null,
  rows: 7,
  unauthenticated: 1,
  removedUpTo: 3,
  last: 10,
  head: "9f86d081".repeat(8),
  indexChanged: false,
};

/** Answers by operation. */
export const LOG_RESULTS = {
  "audit.verify": VERDICT,
  "audit.prune": { removed: 3, removedUpTo: 3 },
  "approvals.list": { questions: [QUESTION] },
  "approvals.approve": { question: QUESTION },
  "approvals.deny": { question: QUESTION },
};

/** Rows that the fakes answer at most at a time. */
export const FAKE_PAGE = 5_000;

/** A page of the rows that fit. */
export function pageOf(rows: readonly AuditRow[], filter: AuditFilter): AuditPage {
  const fitting = filterRows(rows, filter);
  if (filter.last !== undefined) fitting.reverse();
  const page = fitting.slice(0, FAKE_PAGE);
  const end = page.at(-1)?.seq ?? 0;
  return {
    rows: page,
    next: page.length === fitting.length ? null : filter.last === undefined ? end : end - 1,
  };
}

function filterRows(rows: readonly AuditRow[], filter: AuditFilter): AuditRow[] {
  const { last = Infinity, credential, since = 0, until = Infinity, afterSeq = 0, upToSeq = Infinity } =
    filter;
  return rows.filter((row) =>
    row.seq > afterSeq && row.seq <= upToSeq && row.at >= since && row.at < until &&
    (credential === undefined || row.credential === credential)
  ).slice(-last);
}
