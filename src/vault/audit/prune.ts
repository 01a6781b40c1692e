/**
 * Removing the oldest rows of the log. What is left stays verifiable: the link of the last row that went is sealed as the
 * log's start. Rows are checked before they go, so that removing them hides no tampering.
 *
 * @module
 */

import { ChainChecker } from "../../core/audit_chain.ts";
import { DeniedError } from "../../core/errors.ts";
import type { AuditIndex } from "./block_index.ts";
import type { AuditPoints } from "./points.ts";
import { chainRows } from "./rows.ts";
import { blockOf } from "../../core/audit_block.ts";
import type { Database } from "../database.ts";
import { sha256 } from "../hmac.ts";
import type { LogKeys } from "../keys.ts";

/** Rows that go in one transaction: some milliseconds of work. */
export const PRUNE_ROWS = 1_024;

/** Which rows are to go; of two conditions either is enough. Times are milliseconds since the epoch. */
export interface Retention {
  /** Rows before this time. */
  before?: number;
  /** All but so many of the newest. */
  keep?: number;
  /** Rows from this time on do not go for their number. */
  keepSince?: number;
}

/** What removing works on. */
export interface AuditPruneParts {
  /** The database. */
  db: Database;
  /** The log's head and start. */
  points: AuditPoints;
  /** Its index. */
  index: AuditIndex;
}

/**
 * Number of the last row that is to go; 0 if none is. Rows from one that has to stay on all stay, whatever their times.
 *
 * @param reached the log has reached this row; what is planted behind it does not count
 */
export function lastToPrune(db: Database, { before, keep, keepSince }: Retention, reached: number): number {
  const ends = db.prepare(
    `SELECT (SELECT min(seq) FROM audit WHERE seq >= 1) AS low,
       (SELECT max(seq) FROM audit WHERE seq <= ?) AS high`,
  ).get(reached);
  const high = Number(ends?.high ?? 0);
  // The last row up to one before which none is of this time or later; it looks only at rows that may go.
  const lastBefore = (time: number, upTo: number) => {
    const stays = db.prepare(
      "SELECT seq FROM audit WHERE at >= ? AND seq BETWEEN 1 AND ? ORDER BY seq LIMIT 1",
    )
      .get(Math.trunc(time), upTo);
    return stays === undefined ? upTo : Number(stays.seq) - 1;
  };
  let last = 0;
  if (before !== undefined) last = lastBefore(before, high);
  if (keep !== undefined) {
    const many = Math.max(0, high - Math.max(0, Math.trunc(keep)));
    last = Math.max(last, keepSince === undefined ? many : lastBefore(keepSince, many));
  }
  return ends?.low === null || last < Number(ends?.low) ? 0 : last;
}

/**
 * Removes the next rows up to one, in a transaction of their own. The row that the head names stays in any case.
 *
 * @returns how many went; 0 when there is nothing more to remove
 * @throws {DeniedError} `audit_tampered` if a row that is to go is not as it was written; then none goes.
 */
export function pruneSome({ db, points, index }: AuditPruneParts, keys: LogKeys, upTo: number): number {
  return db.transaction("process", () => {
    const start = points.start(keys);
    const head = points.read("audit_head", keys);
    if (head === undefined || !head.trusted) throw tampered("its head is not as it was written");
    const most = Math.min(PRUNE_ROWS, Math.min(upTo, head.point.seq - 1) - start.seq);
    if (most <= 0) return 0;
    const checker = new ChainChecker({ start, head: head.point }, (m) => keys.mac("audit", m), sha256);
    let end = start;
    for (const row of chainRows(db, start.seq, most)) {
      const wrong = checker.take(row);
      if (wrong?.ok === false) throw tampered(`row ${wrong.badSeq}: ${wrong.reason}`);
      // A row without a MAC of its own cannot vouch for those before it.
      if (row.mac !== null) end = { seq: row.seq, link: row.mac };
    }
    if (end.seq === start.seq) return 0;
    db.prepare("DELETE FROM audit WHERE seq BETWEEN 1 AND ?").run(end.seq);
    index.drop(1, blockOf(end.seq));
    points.write("audit_start", keys, end);
    return end.seq - start.seq;
  });
}

function tampered(why: string): DeniedError {
  return new DeniedError(`cannot remove rows of the log: ${why}`, {
    code: "audit_tampered",
    hint: "wispkey log verify",
  });
}
