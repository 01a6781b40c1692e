/**
 * Rows of the last while, for who must not be told less than happened: each is checked against the chain, and neither their
 * times nor the index is believed before.
 *
 * @module
 */

import type { AuditRow } from "../../core/audit.ts";
import { ChainChecker, type ChainHead, type ChainRow } from "../../core/audit_chain.ts";
import { DeniedError } from "../../core/errors.ts";
import { Columns } from "../columns.ts";
import type { Database } from "../database.ts";
import { sha256 } from "../hmac.ts";
import type { LogKeys } from "../keys.ts";
import type { AuditPoints } from "./points.ts";
import { readAuditRow } from "./record.ts";
import { chainRows } from "./rows.ts";

/** Rows that are read at a time: a few milliseconds of work. */
const ROWS_AT_ONCE = 512;
/** Numbers looked through at a time for where to begin. */
const SPAN = 4_096;
/** A row may come so long after others that happened later, milliseconds: uses under way are settled after those that ended. */
const LATE_MS = 60_000;

/** What is read. */
export interface ProvenRowsParts {
  /** The database. */
  readonly db: Database;
  /** The log's head and start. */
  readonly points: AuditPoints;
  /** Keys of the log. */
  readonly keys: LogKeys;
  /** The log is known to have reached at least this row. */
  readonly least: number;
}

/**
 * The rows since a time (ms since the epoch) up to the end of the log, oldest first and some at a time; parts may be empty.
 *
 * @throws {DeniedError} `audit_tampered` if a row among them is not as it was written, or is missing.
 */
export function* provenRows(parts: ProvenRowsParts, since: number): Generator<AuditRow[], void> {
  const { db, points, keys, least } = parts;
  const head = points.read("audit_head", keys);
  if (head === undefined || !head.trusted) throw tampered("its head is not as it was written");
  let start: ChainHead | undefined;
  for (let high = Math.max(head.point.seq, least); high > 0 && start === undefined; high -= SPAN) {
    start = lastBefore(db, since - LATE_MS, high);
    yield [];
  }
  const checker = new ChainChecker(
    { start: start ?? points.start(keys), head: head.point },
    (message) => keys.mac("audit", message),
    sha256,
  );
  for (;;) {
    const rows = chainRows(db, checker.seq, ROWS_AT_ONCE);
    for (const row of rows) {
      const wrong = checker.take(row);
      if (wrong?.ok === false) throw tampered(`row ${wrong.badSeq}: ${wrong.reason}`);
    }
    yield rows.filter(({ at }) => at >= since).map(toAuditRow);
    if (rows.length < ROWS_AT_ONCE) break;
  }
  const end = checker.finish();
  if (!end.ok) throw tampered(`row ${end.badSeq}: ${end.reason}`);
  if (end.last < least) throw tampered(`row ${end.last + 1}: the row is missing`);
}

/**
 * The row before the last one of the {@linkcode SPAN} up to a number that says it is older than a time. It says so under its
 * MAC, which the check that begins with it shows.
 */
function lastBefore(db: Database, time: number, high: number): ChainHead | undefined {
  const found = db.prepare(
    `SELECT before.seq, before.mac FROM audit AS row JOIN audit AS before ON before.seq = row.seq - 1
     WHERE row.seq BETWEEN ? AND ? AND row.at < ? AND row.mac IS NOT NULL AND before.mac IS NOT NULL
     ORDER BY row.seq DESC LIMIT 1`,
  ).get(high - SPAN + 1, high, Math.trunc(time));
  if (found === undefined) return undefined;
  const columns = new Columns(found);
  return { seq: columns.integer("seq"), link: columns.bytes("mac") };
}

function toAuditRow({ seq, at, record, mac }: ChainRow): AuditRow {
  return readAuditRow({ seq, at, record, mac }).row;
}

function tampered(why: string): DeniedError {
  return new DeniedError(`cannot rely on the log: ${why}`, {
    code: "audit_tampered",
    hint: "wispkey log verify",
  });
}
