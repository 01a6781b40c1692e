/**
 * Reading the log page by page, so that nobody holds more of it than it needs.
 *
 * @module
 */

import type { AuditFilter, AuditPage, AuditRow } from "./audit.ts";

/** Rows that a sorted reading holds back: more than can lie between a row and where its time would have it. */
const HELD_BACK = 10_000;

/** The rows that fit, a page at a time, in the order of their numbers: upwards, or with `last` downwards. */
export async function* logPages(
  read: (filter: AuditFilter) => Promise<AuditPage>,
  filter: AuditFilter,
): AsyncGenerator<AuditRow[], void> {
  for (let part = filter;;) {
    const { rows, next } = await read(part);
    yield rows;
    if (next === null) return;
    part = part.last === undefined
      ? { ...part, afterSeq: next }
      : { ...part, upToSeq: next, last: part.last - rows.length };
  }
}

/** The same, one by one and newest first. Results are written in bulk after their uses, so a row's number does not tell its time. */
export async function* newestFirst(
  pages: AsyncIterable<readonly AuditRow[]>,
): AsyncGenerator<AuditRow, void> {
  let held: AuditRow[] = [];
  for await (const page of pages) {
    held = [...held, ...page].sort((a, b) => b.at - a.at || b.seq - a.seq);
    yield* held.splice(0, held.length - HELD_BACK);
  }
  yield* held;
}
