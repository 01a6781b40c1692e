/**
 * Reading the rows of the log as the chain sees them.
 *
 * @module
 */

import type { ChainRow } from "../../core/audit_chain.ts";
import type { IndexedRow } from "../../core/audit_block.ts";
import { readIndexedRow } from "./record.ts";
import type { Database, SqlValue } from "../database.ts";

const LARGEST = Number.MAX_SAFE_INTEGER;

// Someone else may have written anything: times out of range are cut, and then fit no MAC.
const AT = `max(0, min(at, ${LARGEST})) AS at`;
const SELECT = `SELECT seq, ${AT}, record, mac FROM audit
  WHERE seq > ? AND seq <= ${LARGEST} ORDER BY seq`;

/** At most `most` rows after a number, in order. */
export function chainRows(db: Database, after: number, most: number): ChainRow[] {
  return db.prepare(`${SELECT} LIMIT ?`, { lists: true }).lists(after, most).map(toChainRow);
}

/** All rows after a number, in order, one by one. */
export function* eachChainRow(db: Database, after: number): Generator<ChainRow, void> {
  for (const { seq, at, record, mac } of db.prepare(SELECT).iterate(after)) {
    yield toChainRow([seq ?? null, at ?? null, record ?? null, mac ?? null]);
  }
}

/** What the index knows of the rows between two numbers, both included. */
export function indexedRows(
  db: Database,
  order: "ASC" | "DESC",
  from: number,
  to: number,
  most: number,
): IndexedRow[] {
  const sql = `SELECT seq, ${AT}, record FROM audit WHERE seq BETWEEN ? AND ? ORDER BY seq ${order} LIMIT ?`;
  return db.prepare(sql, { lists: true }).lists(from, to, most).map(([seq, at, record]) =>
    readIndexedRow(Number(seq), Number(at), typeof record === "string" ? record : "")
  );
}

/** Whether there are rows with numbers that no log has. */
export function hasStrayRows(db: Database): boolean {
  return db.prepare(`SELECT 1 FROM audit WHERE seq < 1 OR seq > ${LARGEST} LIMIT 1`).get() !== undefined;
}

function toChainRow([seq, at, record, mac]: readonly SqlValue[]): ChainRow {
  return {
    seq: Number(seq),
    at: typeof at === "number" ? at : 0,
    // What is not of its kind has no bytes that could match.
    record: typeof record === "string" ? record : "",
    mac: mac instanceof Uint8Array ? mac : null,
  };
}
