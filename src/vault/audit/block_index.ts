/**
 * Keeps and searches the index of the log (`core/audit_block.ts`). It is made after the rows, a little at a time, by whoever
 * has time to; rows that are in no block yet, or whose block is not well-formed, are read one by one.
 *
 * @module
 */

import type { AuditFilter } from "../../core/audit.ts";
import {
  type AuditBlock,
  BLOCK_ROWS,
  BlockBuilder,
  type BlockHead,
  blockOf,
  CELL_BYTES,
  FACETS,
  fitsFilter,
  type IndexedRow,
  queryBlock,
  searchBlock,
  TIME_BYTES,
} from "../../core/audit_block.ts";
import { indexedRows } from "./rows.ts";
import { Columns, isTextList } from "../columns.ts";
import type { Database, Row } from "../database.ts";

/** Heads of blocks read at once. */
const HEADS_AT_ONCE = 32;

/** The index of one vault's log. */
export class AuditIndex {
  readonly #db: Database;
  #making: { builder: BlockBuilder; next: number; start: number } | undefined;
  #exists: boolean | undefined;
  /** There is no block to be made before this one. */
  #upTo = 0;

  /** The index in a database; in one of an older schema there is none, and every row is read. */
  constructor(db: Database) {
    this.#db = db;
  }

  /**
   * Numbers of the rows that fit, newest first, at most `filter.last`.
   */
  search(filter: AuditFilter): number[] {
    const most = filter.last ?? Infinity;
    const { afterSeq: after = 0, upToSeq: upTo = Infinity } = filter;
    const found: number[] = [];
    if (most <= 0) return found;
    const take = (seq: number): boolean => {
      if (seq <= after) return false;
      if (seq > upTo) return true;
      found.push(seq);
      return found.length < most;
    };
    this.walk(filter, {
      rows: (rows) => rows.every((row) => !fitsFilter(row, filter) || take(row.seq)),
      block: (head, columns) => {
        if (head.first + BLOCK_ROWS - 1 <= after) return false;
        const query = queryBlock(head, filter);
        if (query === null) return true;
        const { cells, times } = columns(query.timed);
        return searchBlock(query, filter, cells, times, (at) => take(head.first + at));
      },
    });
    return found;
  }

  /** Goes through the log from its end: indexed parts block by block, the others row by row, until one answers false. */
  walk(filter: AuditFilter, visitor: IndexVisitor): void {
    const { low, high: newest } = this.range();
    const high = Math.min(newest, filter.upToSeq ?? newest);
    const lowest = Math.max(low, (filter.afterSeq ?? 0) + 1);
    let above = high + 1;
    for (const head of this.#heads(lowest, high, newest)) {
      const end = head.first + BLOCK_ROWS;
      if (end <= lowest) break;
      if (!this.#scan(end, above - 1, visitor)) return;
      above = head.first;
      const columns = this.#columns(head.first);
      if (columns === undefined) {
        if (!this.#scan(head.first, end - 1, visitor)) return;
      } else if (!visitor.block(head, columns)) return;
    }
    this.#scan(lowest, above - 1, visitor);
  }

  /**
   * Makes the next part of the index, of at most `most` rows.
   *
   * @returns whether there is more to be done
   */
  step(most: number): boolean {
    const { low, high } = this.range();
    // Rows may have been removed from the log's beginning meanwhile.
    if (this.#making?.start !== low) this.#making = undefined;
    if (this.#making === undefined) {
      if (high < this.#upTo) return false;
      const first = this.#firstMissing(low, high);
      if (first === undefined) return false;
      this.#making = { builder: new BlockBuilder(first), next: first, start: low };
    }
    const { builder, next } = this.#making;
    const end = builder.first + BLOCK_ROWS - 1;
    const rows = this.#rows("ASC", next, end, most);
    for (const row of rows) builder.add(row);
    if (rows.length === most) {
      this.#making.next = (rows.at(-1)?.seq ?? next) + 1;
      return true;
    }
    this.#making = undefined;
    this.#write(builder.finish());
    return this.#firstMissing(low, high) !== undefined;
  }

  /** The block stored for these rows as it was written, without looking whether it is well-formed; undefined if there is none. */
  stored(first: number): Row | undefined {
    if (!this.#there()) return undefined;
    return this.#db.prepare("SELECT * FROM audit_blocks WHERE first = ?", { bigints: true }).get(first);
  }

  /** Whether a stored block is exactly this one. */
  isSame(stored: Row, block: AuditBlock): boolean {
    const columns = new Columns(stored);
    return columns.integer("first") === block.first && columns.integer("min_at") === block.from &&
      columns.integer("max_at") === block.to && columns.text("words") === wordsText(block) &&
      sameBytes(columns.bytes("cells"), block.cells) && sameBytes(columns.bytes("times"), block.times) &&
      !columns.damaged;
  }

  /** Forgets blocks, for instance because their rows are removed; all from `from` to the one that holds the row `to`. */
  drop(from: number, to: number): void {
    this.#making = undefined;
    this.#upTo = 0;
    if (this.#there()) this.#db.prepare("DELETE FROM audit_blocks WHERE first BETWEEN ? AND ?").run(from, to);
  }

  /** Numbers of the first and the last row; the first is the greater one if there is none. */
  range(): { low: number; high: number } {
    // Rows that someone planted far outside are left to the check of the log.
    const row = this.#db.prepare(
      `SELECT (SELECT min(seq) FROM audit WHERE seq >= 1) AS low,
         (SELECT max(seq) FROM audit WHERE seq <= ${Number.MAX_SAFE_INTEGER}) AS high`,
    ).get();
    return { low: Number(row?.low ?? 1), high: Number(row?.high ?? 0) };
  }

  #firstMissing(low: number, high: number): number | undefined {
    const there = new Set(
      this.#db.prepare("SELECT first FROM audit_blocks", { bigints: true }).all().map(({ first }) =>
        Number(first)
      ),
    );
    const next = this.#db.prepare(
      `SELECT min(seq) AS seq FROM audit WHERE seq BETWEEN ? AND ${Number.MAX_SAFE_INTEGER}`,
    );
    for (let first = blockOf(low);;) {
      if (!there.has(first)) {
        const seq = next.get(first)?.seq ?? null;
        if (seq === null || blockOf(Number(seq)) + BLOCK_ROWS - 1 > high) {
          this.#upTo = blockOf(high + 1) + BLOCK_ROWS - 1;
          return undefined;
        }
        if (blockOf(Number(seq)) === first) return first;
        first = blockOf(Number(seq));
      } else first += BLOCK_ROWS;
    }
  }

  /** Blocks with numbers between two, both included, the newest first; none that goes beyond the log's end. */
  *#heads(low: number, high: number, newest: number): Generator<BlockHead, void> {
    if (!this.#there()) return;
    const heads = this.#db.prepare(
      `SELECT first, min_at, max_at, words FROM audit_blocks WHERE first < ? AND first >= ?
       ORDER BY first DESC LIMIT ${HEADS_AT_ONCE}`,
      { bigints: true },
    );
    for (let below = high + 1;;) {
      const rows = heads.all(below, Math.max(1, low - BLOCK_ROWS + 1));
      for (const row of rows) {
        const head = readHead(row);
        if (head !== undefined && head.first + BLOCK_ROWS - 1 <= newest) yield head;
      }
      if (rows.length < HEADS_AT_ONCE) return;
      below = Number(rows.at(-1)?.first);
    }
  }

  /** Reads the columns of a block at need; undefined if they are not of their sizes. */
  #columns(first: number): ColumnReader | undefined {
    const sizes = this.#db.prepare(
      "SELECT length(cells) AS cells, length(times) AS times FROM audit_blocks WHERE first = ?",
    ).get(first);
    if (sizes?.cells !== CELL_BYTES || sizes.times !== TIME_BYTES) return undefined;
    return (timed) => ({
      cells: this.#bytes("cells", first, CELL_BYTES),
      times: timed ? new Float64Array(this.#bytes("times", first, TIME_BYTES).buffer) : null,
    });
  }

  #bytes(column: "cells" | "times", first: number, length: number): Uint8Array<ArrayBuffer> {
    const value = this.#db.prepare(`SELECT ${column} AS bytes FROM audit_blocks WHERE first = ?`).get(first)
      ?.bytes;
    const aligned = value instanceof Uint8Array && value.byteOffset === 0 && value.length === length &&
      value.buffer instanceof ArrayBuffer && value.buffer.byteLength === length;
    if (aligned) return value as Uint8Array<ArrayBuffer>;
    const copy = new Uint8Array(length);
    if (value instanceof Uint8Array && value.length === length) copy.set(value);
    return copy;
  }

  #scan(from: number, to: number, visitor: IndexVisitor): boolean {
    for (let high = to; high >= from;) {
      const rows = this.#rows("DESC", from, high, BLOCK_ROWS);
      if (rows.length > 0 && !visitor.rows(rows)) return false;
      if (rows.length < BLOCK_ROWS) return true;
      high = (rows.at(-1)?.seq ?? from) - 1;
    }
    return true;
  }

  #rows(order: "ASC" | "DESC", from: number, to: number, most: number): IndexedRow[] {
    return indexedRows(this.#db, order, from, to, most);
  }

  #write(block: AuditBlock): void {
    this.#db.transaction(
      "process",
      () =>
        this.#db.prepare(
          "INSERT OR REPLACE INTO audit_blocks (first, min_at, max_at, words, cells, times) VALUES (?, ?, ?, ?, ?, ?)",
        ).run(block.first, block.from, block.to, wordsText(block), block.cells, block.times),
    );
  }

  #there(): boolean {
    return this.#exists ??=
      this.#db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'audit_blocks'").get() !== undefined;
  }
}

/** Reads the columns of a block. */
export type ColumnReader = (timed: boolean) => {
  cells: Uint8Array<ArrayBuffer>;
  times: Float64Array | null;
};

/** Sees the log part by part, newest first; answers false to end it. */
export interface IndexVisitor {
  /** Rows that are in no block. */
  rows(rows: readonly IndexedRow[]): boolean;
  /** A block. */
  block(head: BlockHead, columns: ColumnReader): boolean;
}

function wordsText({ words }: BlockHead): string {
  return JSON.stringify(FACETS.map((facet) => words[facet]));
}

function readHead(row: Row): BlockHead | undefined {
  const columns = new Columns(row);
  const [event, credential, caller, host] = columns.json("words", isTextLists, []);
  const first = columns.integer("first");
  if (columns.damaged || blockOf(first) !== first) return undefined;
  if (event === undefined || credential === undefined || caller === undefined || host === undefined) {
    return undefined;
  }
  const words = { event, credential, caller, host };
  return { first, from: columns.integer("min_at"), to: columns.integer("max_at"), words };
}

function isTextLists(value: unknown): value is string[][] {
  return Array.isArray(value) && value.length === FACETS.length && value.every(isTextList);
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
