/**
 * Reading the log, open or locked: at once, or page by page for whoever must not be held up by a long one.
 *
 * @module
 */

import { setImmediate } from "node:timers";
import type { AuditFilter, AuditPage, AuditRow } from "../../core/audit.ts";
import { BLOCK_ROWS, blockOf, FACETS } from "../../core/audit_block.ts";
import type { AuditIndex } from "./block_index.ts";
import { readAuditRow } from "./record.ts";
import type { Database } from "../database.ts";

/** Most rows of a page. */
export const PAGE_ROWS = 2_048;
/** A page ends with the row that brings it to so many characters of text. */
export const PAGE_CHARACTERS: number = 1024 * 1024;
/** A page ends after so many numbers of the log, even if nothing was found among them. */
export const PAGE_SPAN: number = 512 * BLOCK_ROWS;
/** What a row takes besides its text, in characters. */
const ROW_CHARACTERS = 200;

const COLUMNS = "seq, at, record, mac";

/** Reads rows: oldest first, or with `last` newest first. */
export function queryAudit(db: Database, index: AuditIndex, filter: AuditFilter): AuditRow[] {
  return [...eachAuditRow(db, index, filter)];
}

/** The same one by one, for more rows than are to be held at once. */
function* eachAuditRow(
  db: Database,
  index: AuditIndex,
  filter: AuditFilter,
): Generator<AuditRow, void> {
  if (!isSearch(filter)) {
    const { afterSeq = 0, upToSeq = Number.MAX_SAFE_INTEGER, last } = filter;
    const order = last === undefined ? "ORDER BY seq" : "ORDER BY seq DESC LIMIT ?";
    const rows = db.prepare(`SELECT ${COLUMNS} FROM audit WHERE seq > ? AND seq <= ? ${order}`, {
      bigints: true,
    });
    const values = last === undefined
      ? [afterSeq, upToSeq]
      : [afterSeq, upToSeq, Math.max(0, Math.trunc(last))];
    for (const row of rows.iterate(...values)) yield readAuditRow(row).row;
    return;
  }
  const found = index.search(filter);
  if (filter.last === undefined) found.reverse();
  const one = db.prepare(`SELECT ${COLUMNS} FROM audit WHERE seq = ?`, { bigints: true });
  for (const seq of found) {
    const row = one.get(seq);
    // It may have been removed a moment ago, because of its age.
    if (row !== undefined) yield readAuditRow(row).row;
  }
}

/**
 * Reads one page: bounded in rows, in text, and in how much of the log is looked through for it. After each block of the log
 * others get their turn, so rows that come or go meanwhile may be missed, and none is told twice.
 */
export async function pageOfAudit(db: Database, index: AuditIndex, filter: AuditFilter): Promise<AuditPage> {
  const { low, high } = index.range();
  const { last, ...search } = filter;
  const most = Math.min(last ?? PAGE_ROWS, PAGE_ROWS);
  const rows: AuditRow[] = [];
  let [from, to] = [Math.max(low, (filter.afterSeq ?? 0) + 1), Math.min(high, filter.upToSeq ?? high)];
  let characters = 0;
  for (let covered = 0; from <= to && most > 0; covered += BLOCK_ROWS) {
    // A number far from the others, which only somebody else can have written, must not make the way to it endless.
    const near = last === undefined ? nextSeq(db, from) : previousSeq(db, to);
    if (near === undefined || near < from || near > to) break;
    if (last === undefined) from = near;
    else to = near;
    if (covered >= PAGE_SPAN) return { rows, next: last === undefined ? from - 1 : to };
    const first = last === undefined ? from : Math.max(from, blockOf(to));
    const end = last === undefined ? Math.min(to, blockOf(from) + BLOCK_ROWS - 1) : to;
    const part: AuditFilter = { ...search, afterSeq: first - 1, upToSeq: end };
    if (last !== undefined) part.last = most - rows.length;
    for (const row of eachAuditRow(db, index, part)) {
      rows.push(row);
      characters += charactersOf(row);
      if (rows.length < most && characters < PAGE_CHARACTERS) continue;
      if (last === undefined) return { rows, next: row.seq < to ? row.seq : null };
      return { rows, next: rows.length < last && row.seq > from ? row.seq - 1 : null };
    }
    if (last === undefined) from = end + 1;
    else to = first - 1;
    await new Promise<void>((resolve) => void setImmediate(resolve));
  }
  return { rows, next: null };
}

function nextSeq(db: Database, from: number): number | undefined {
  const seq = db.prepare("SELECT min(seq) AS seq FROM audit WHERE seq >= ?", { bigints: true }).get(from)
    ?.seq;
  return typeof seq === "bigint" ? Number(seq) : undefined;
}

function previousSeq(db: Database, to: number): number | undefined {
  const seq = db.prepare("SELECT max(seq) AS seq FROM audit WHERE seq <= ?", { bigints: true }).get(to)?.seq;
  return typeof seq === "bigint" ? Number(seq) : undefined;
}

/** Paths and reasons may be long; the other texts are names and words. */
function charactersOf({ path = "", reason = "", method = "" }: AuditRow): number {
  return ROW_CHARACTERS + path.length + reason.length + method.length;
}

function isSearch(filter: AuditFilter): boolean {
  return FACETS.some((facet) => filter[facet] !== undefined) || filter.denied !== undefined ||
    filter.since !== undefined || filter.until !== undefined;
}
