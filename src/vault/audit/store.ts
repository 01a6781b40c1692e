/**
 * The audit log: a table with a keyed chain (`core/audit_chain.ts`) and, beside it, its anchored head.
 *
 * The head follows the log at least every {@linkcode ANCHOR_EVERY} rows, with each change of the vault, and when the keys
 * are dropped; rows cut off behind it are missed. What this process has seen it remembers besides, and refuses to
 * continue a log that went back behind that.
 *
 * @module
 */

import type { AuditEntry, AuditFilter, AuditPage, AuditRow, TimedEntry } from "../../core/audit.ts";
import { type ChainHead, firstLink, linkInput } from "../../core/audit_chain.ts";
import { equalInConstantTime } from "../../core/bytes.ts";
import { DeniedError } from "../../core/errors.ts";
import { AuditCheck, type AuditVerdict } from "./check.ts";
import { AuditIndex } from "./block_index.ts";
import { AuditPoints } from "./points.ts";
import { provenRows } from "./proven.ts";
import { lastToPrune, pruneSome, type Retention } from "./prune.ts";
import { pageOfAudit, queryAudit } from "./query.ts";
import { toRecord } from "./record.ts";
import { chainRows, eachChainRow } from "./rows.ts";
import type { Database } from "../database.ts";
import { sha256 } from "../hmac.ts";
import type { LogKeys } from "../keys.ts";

/** The head is anchored at the latest after so many rows. */
const ANCHOR_EVERY = 256;

/** The end of the log: the next row goes after this number, on this link. */
export interface AuditTail extends ChainHead {
  /** Number of the row that the head names. */
  anchored: number;
}

/** A row as text, with its time in milliseconds since the epoch. */
export interface TimedRecord {
  /** What {@linkcode toRecord} made of an entry. */
  readonly record: string;
  /** When it happened. */
  readonly at: number;
}

// Only right behind the last row: if another process wrote since, or rows were cut off, nothing is inserted.
const INSERT_BEHIND = `INSERT INTO audit (seq, at, record, mac)
  SELECT ?1, ?2, ?3, ?4 WHERE ifnull((SELECT max(seq) FROM audit), 0) = ?1 - 1`;
const LAST_SEQ = `SELECT max(seq) AS seq FROM audit WHERE seq <= ${Number.MAX_SAFE_INTEGER}`;
const INSERT = "INSERT INTO audit (seq, at, record, mac) VALUES (?, ?, ?, ?)";
const ROWS_AT_ONCE = 16;
/** More rows than one connection of this process writes while another has an order under way. */
const ROWS_BETWEEN = 1_024;
const INSERT_MANY = INSERT + ", (?, ?, ?, ?)".repeat(ROWS_AT_ONCE - 1);

/** A row ready for the table. */
interface LinkedRow {
  seq: number;
  at: number;
  record: string;
  mac: Uint8Array;
}

/** Reads and writes the log of one vault. */
export class AuditStore {
  /** What makes searching fast; see {@linkcode AuditIndex}. */
  readonly index: AuditIndex;
  readonly #db: Database;
  readonly #points: AuditPoints;
  readonly #keys: () => LogKeys | undefined;
  readonly #leastSeq: () => number;
  /** Reads the next rows of a search that may be long; see {@linkcode pageOfAudit}. */
  page(filter: AuditFilter): Promise<AuditPage> {
    return pageOfAudit(this.#db, this.index, filter);
  }

  /** The end of the log as this process left it. */
  #tail: AuditTail | undefined;
  /** The same inside a transaction, until that is committed. */
  #pending: AuditTail | undefined;
  /** The newest row this process has seen committed. */
  #seen = 0;

  /**
   * The log of the vault `vaultId`.
   *
   * @param keys the keys, or `undefined` while locked
   * @param leastSeq the log is known, from elsewhere, to have reached at least this row
   */
  constructor(db: Database, vaultId: string, keys: () => LogKeys | undefined, leastSeq: () => number) {
    this.#db = db;
    this.index = new AuditIndex(db);
    this.#points = new AuditPoints(db, vaultId);
    this.#keys = keys;
    this.#leastSeq = leastSeq;
    db.onTransactionEnd((committed) => committed ? this.#remember() : this.#forget());
  }

  /**
   * Appends rows in one transaction (or in the one that is open) and answers their numbers. While locked the rows
   * carry no MAC.
   *
   * @param at time of the rows, milliseconds since the epoch
   * @throws {DeniedError} `audit_tampered` if the log went back behind what this process has seen.
   */
  append(entries: readonly AuditEntry[], at: number): number[] {
    return this.appendTimed(entries.map((entry) => ({ entry, at })));
  }

  /** The same for entries that each have their own time. */
  appendTimed(rows: readonly TimedEntry[]): number[] {
    if (rows.length === 0) return [];
    return this.appendRecords(rows.map(({ entry, at }) => ({ record: toRecord(entry), at })));
  }

  /** The same for rows that are text already. */
  appendRecords(rows: readonly TimedRecord[]): number[] {
    if (rows.length === 0) return [];
    return this.#db.transaction("process", () => this.#insert(rows));
  }

  /**
   * Numbers of rows that another connection of this process may have put into the log, one behind the other; undefined if
   * they are not there. Inside a transaction.
   *
   * @param after the log had reached this row before
   * @throws {DeniedError} `audit_tampered`.
   */
  find(rows: readonly TimedRecord[], after: number): number[] | undefined {
    const keys = this.#keys();
    const [first] = rows;
    if (keys === undefined || first === undefined) return undefined;
    const there = chainRows(this.#db, after, rows.length + ROWS_BETWEEN);
    const begin = there.findIndex((_, from) =>
      rows.every(({ at, record }, i) => there[from + i]?.at === at && there[from + i]?.record === record)
    );
    if (begin < 0) return undefined;
    // They are ours only if their links are.
    this.#pending = this.#readTail(keys, first.at);
    return there.slice(begin, begin + rows.length).map(({ seq }) => seq);
  }

  /** The newest row this process has seen committed. */
  get seen(): number {
    return this.#seen;
  }

  /** Tells of what another connection of this process has seen: the log reached at least this row. */
  expect(seq: number): void {
    this.#seen = Math.max(this.#seen, seq);
  }

  /** Tells where the log ends since another connection of this process wrote to it. */
  follow(tail: AuditTail): void {
    this.expect(tail.seq);
    if (tail.seq > (this.#tail?.seq ?? 0)) this.#tail = tail;
  }

  /** The end of the log as this process left it; undefined if that has to be read. */
  get tail(): Readonly<AuditTail> | undefined {
    return this.#tail;
  }

  /** Reads rows: oldest first, or with `last` newest first. */
  query(filter: AuditFilter = {}): AuditRow[] {
    return queryAudit(this.#db, this.index, filter);
  }

  /** The end of the log as this process knows it, else the anchored head: number and link. Number 0 if it is empty. */
  head(): ChainHead {
    return this.#tail ?? this.#points.read("audit_head", this.#keys())?.point ??
      { seq: 0, link: firstLink() };
  }

  /** Number of rows in the log, told by the first and the last, so that it costs nothing. */
  count(): number {
    const row = this.#db.prepare(
      "SELECT (SELECT max(seq) FROM audit) - (SELECT min(seq) FROM audit) + 1.0 AS n",
    ).get();
    return Number(row?.n ?? 0);
  }

  /** Checks the whole log against the chain and its head, at once. */
  verify(keys: LogKeys): AuditVerdict {
    const check = this.beginCheck(keys);
    for (;;) {
      const verdict = check.step();
      if (verdict !== undefined) return verdict;
    }
  }

  /** Begins a check of the whole log that goes on slice by slice. */
  beginCheck(keys: LogKeys): AuditCheck {
    const least = Math.max(this.#seen, this.#leastSeq());
    return new AuditCheck({ db: this.#db, points: this.#points, index: this.index, keys, least });
  }

  /** Rows since a time, each checked against the chain, oldest first and some at a time; see {@linkcode provenRows}. */
  proven(keys: LogKeys, since: number): Generator<AuditRow[], void> {
    const least = Math.max(this.#seen, this.#leastSeq());
    return provenRows({ db: this.#db, points: this.#points, keys, least }, since);
  }

  /** Number of the last row that has to go by the rules of how long rows are kept; 0 if none has. */
  lastToPrune(retention: Retention): number {
    const head = this.#points.read("audit_head", this.#keys());
    const reached = Math.max(this.#seen, this.#leastSeq(), head?.trusted === true ? head.point.seq : 0);
    return lastToPrune(this.#db, retention, reached);
  }

  /**
   * Removes the oldest rows up to one, as many as take some milliseconds; see {@linkcode pruneSome}.
   *
   * @returns how many went; 0 when nothing more is to be removed
   * @throws {DeniedError} `audit_tampered`.
   */
  prune(keys: LogKeys, upTo: number): number {
    this.anchor();
    return pruneSome({ db: this.#db, points: this.#points, index: this.index }, keys, upTo);
  }

  /** Where the log begins: number of the last row that was removed; 0 if none was. */
  startSeq(keys: LogKeys): number {
    return this.#points.start(keys).seq;
  }

  /** Moves the head to the end of the log, if it is behind. Does nothing while locked. */
  anchor(): void {
    const keys = this.#keys();
    const tail = this.#pending ?? this.#tail;
    if (keys === undefined || tail === undefined || tail.anchored === tail.seq) return;
    this.#db.transaction("process", () => this.#writeHead(keys, { ...tail }));
  }

  #insert(rows: readonly TimedRecord[]): number[] {
    const keys = this.#keys();
    if (keys === undefined) return this.#insertUnauthenticated(rows);
    const now = rows[0]?.at ?? 0;
    let tail = this.#pending ?? (this.#tail === undefined ? this.#readTail(keys, now) : { ...this.#tail });
    // Inside the transaction nobody else writes, so only its first row has to look where the log ends.
    let links = this.#link(tail, keys, rows);
    if (!this.#insertBehind(links)) {
      // Another process wrote since: its rows are followed, then it is our turn again.
      tail = this.#readTail(keys, now);
      links = this.#link(tail, keys, rows);
      this.#insertRows(links.slice(0, 1));
    }
    this.#insertRows(links.slice(1));
    if (tail.seq - tail.anchored >= ANCHOR_EVERY) this.#writeHead(keys, tail);
    this.#pending = tail;
    return links.map(({ seq }) => seq);
  }

  /** The rows with their numbers and links, behind `tail`, which moves onto the last one. */
  #link(tail: AuditTail, keys: LogKeys, rows: readonly TimedRecord[]): LinkedRow[] {
    return rows.map(({ record, at }) => {
      tail.seq++;
      tail.link = keys.mac("audit", linkInput(tail.link, tail.seq, at, record));
      return { seq: tail.seq, at, record, mac: tail.link };
    });
  }

  /** Inserts the first row, unless the log does not end right before it. */
  #insertBehind([first]: readonly LinkedRow[]): boolean {
    return first !== undefined &&
      this.#db.prepare(INSERT_BEHIND).run(first.seq, first.at, first.record, first.mac) > 0;
  }

  #insertRows(rows: readonly LinkedRow[]): void {
    let next = 0;
    for (; rows.length - next >= ROWS_AT_ONCE; next += ROWS_AT_ONCE) {
      const some = rows.slice(next, next + ROWS_AT_ONCE);
      this.#db.prepare(INSERT_MANY).run(
        ...some.flatMap(({ seq, at, record, mac }) => [seq, at, record, mac]),
      );
    }
    for (const { seq, at, record, mac } of rows.slice(next)) {
      this.#db.prepare(INSERT).run(seq, at, record, mac);
    }
  }

  #insertUnauthenticated(rows: readonly TimedRecord[]): number[] {
    let seq = Math.max(this.#lastSeq(), this.#points.read("audit_head", undefined)?.point.seq ?? 0);
    return rows.map(({ record, at }) => {
      this.#db.prepare(INSERT).run(++seq, at, record, null);
      return seq;
    });
  }

  #lastSeq(): number {
    return Number(this.#db.prepare(LAST_SEQ).get()?.seq ?? 0);
  }

  /** Where the log ends, as the table and the head tell. */
  #readTail(keys: LogKeys, at: number): AuditTail {
    const last = this.#lastSeq();
    const stored = this.#points.read("audit_head", keys);
    const trusted = stored === undefined ? last === 0 : stored.trusted;
    const head = stored?.point ?? { seq: 0, link: firstLink() };
    const least = Math.max(this.#seen, this.#leastSeq());
    const end = trusted ? this.#walk(keys, head) : undefined;
    if (end !== undefined && end.seq >= least) return { ...end, anchored: head.seq };

    if (this.#seen > 0) {
      throw new DeniedError("cannot write the audit log: it was changed behind our back", {
        code: "audit_tampered",
        hint: "wispkey doctor",
      });
    }
    // A log that was tampered with while no process watched must not keep the owner out. It goes on behind a row
    // that says so, after a gap that no later check overlooks.
    const restart: AuditTail = { seq: Math.max(head.seq, last, least) + 1, link: firstLink(), anchored: 0 };
    const entry: AuditEntry = {
      event: "VaultChangedOutside",
      reason: "the audit log was changed before this row",
    };
    this.#insertRows(this.#link(restart, keys, [{ record: toRecord(entry), at }]));
    this.#writeHead(keys, restart);
    return restart;
  }

  /** From the head to the end of the log; undefined if a row on the way is not what its MAC says. */
  #walk(keys: LogKeys, head: ChainHead): ChainHead | undefined {
    let { seq, link } = head;
    for (const row of eachChainRow(this.#db, head.seq)) {
      if (row.seq !== seq + 1) return undefined;
      const input = linkInput(link, row.seq, row.at, row.record);
      link = row.mac === null ? sha256(input) : keys.mac("audit", input);
      if (row.mac !== null && !equalInConstantTime(row.mac, link)) return undefined;
      seq = row.seq;
    }
    return { seq, link };
  }

  #writeHead(keys: LogKeys, tail: AuditTail): void {
    this.#points.write("audit_head", keys, tail);
    tail.anchored = tail.seq;
    this.#pending = tail;
  }

  #remember(): void {
    if (this.#pending === undefined) return;
    this.#tail = this.#pending;
    this.#pending = undefined;
    this.#seen = this.#tail.seq;
  }

  #forget(): void {
    this.#tail = undefined;
    this.#pending = undefined;
  }
}
