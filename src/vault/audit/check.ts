/**
 * The check of a whole log, a slice at a time: a million rows take some seconds, and a daemon has other things to do.
 *
 * @module
 */

import { BLOCK_ROWS, BlockBuilder, blockOf } from "../../core/audit_block.ts";
import { ChainChecker, type ChainRow, type ChainVerdict } from "../../core/audit_chain.ts";
import type { AuditIndex } from "./block_index.ts";
import type { AuditPoints } from "./points.ts";
import { readIndexedRow } from "./record.ts";
import { chainRows, hasStrayRows } from "./rows.ts";
import type { Database } from "../database.ts";
import { sha256 } from "../hmac.ts";
import type { LogKeys } from "../keys.ts";

/** Rows of a slice: a few milliseconds of work. */
export const SLICE_ROWS = 512;

/** What the check found. */
export type AuditVerdict = ChainVerdict & {
  /** First rows of blocks of the index that do not say what their rows say. */
  badBlocks: number[];
};

/** What a check works on. */
export interface AuditCheckParts {
  /** The database. */
  db: Database;
  /** The log's head and start. */
  points: AuditPoints;
  /** Its index. */
  index: AuditIndex;
  /** Keys, which may be wiped while the check is under way. */
  keys: LogKeys;
  /** The log is known to have reached at least this row. */
  least: number;
}

/** A check under way. Rows that come while it runs are not part of it. */
export class AuditCheck {
  readonly #parts: AuditCheckParts;
  readonly #badBlocks: number[] = [];
  readonly #last: number;
  readonly #start: number;
  #checker: ChainChecker | undefined;
  #verdict: ChainVerdict | undefined;
  #block: BlockBuilder | undefined;

  /** Begins a check of the log as it is now. */
  constructor(parts: AuditCheckParts) {
    this.#parts = parts;
    const { db, points, keys } = parts;
    this.#last = Number(
      db.prepare(`SELECT max(seq) AS seq FROM audit WHERE seq <= ${Number.MAX_SAFE_INTEGER}`).get()?.seq ?? 0,
    );
    const start = points.start(keys);
    this.#start = start.seq;
    const head = points.read("audit_head", keys);
    if (head === undefined || !head.trusted) {
      this.#verdict = {
        ok: false,
        badSeq: head?.point.seq ?? 1,
        reason: "the log's head is not as it was written",
      };
      return;
    }
    if (hasStrayRows(db)) {
      this.#verdict = {
        ok: false,
        badSeq: start.seq + 1,
        reason: "there are rows with numbers that no log has",
      };
      return;
    }
    this.#checker = new ChainChecker({ start, head: head.point }, (m) => keys.mac("audit", m), sha256);
  }

  /** Whether the log's beginning was removed since the check began, which then tells nothing. */
  get overtaken(): boolean {
    const { points, keys } = this.#parts;
    return points.start(keys).seq !== this.#start;
  }

  /** Checks a slice; the verdict once there is one. */
  step(rows: number = SLICE_ROWS): AuditVerdict | undefined {
    const checker = this.#checker;
    if (this.#verdict === undefined && checker !== undefined) {
      const slice = chainRows(this.#parts.db, checker.seq, Math.min(rows, this.#last - checker.seq));
      for (const row of slice) {
        this.#verdict = checker.take(row);
        if (this.#verdict !== undefined) break;
        this.#index(row);
      }
      if (this.#verdict === undefined && (slice.length === 0 || checker.seq >= this.#last)) {
        this.#verdict = this.#finish(checker);
      }
    }
    return this.#verdict && { ...this.#verdict, badBlocks: this.#badBlocks };
  }

  #finish(checker: ChainChecker): ChainVerdict {
    const verdict = checker.finish();
    if (verdict.ok && verdict.last < this.#parts.least) {
      return { ok: false, badSeq: verdict.last + 1, reason: "an older log was put in its place" };
    }
    return verdict;
  }

  /** Makes the index of the row's block anew, to compare at its end. */
  #index({ seq, at, record }: ChainRow): void {
    const first = blockOf(seq);
    if (this.#block?.first !== first) this.#block = new BlockBuilder(first);
    this.#block.add(readIndexedRow(seq, at, record));
    if (seq !== first + BLOCK_ROWS - 1) return;
    const { index } = this.#parts;
    const stored = index.stored(first);
    if (stored !== undefined && !index.isSame(stored, this.#block.finish())) this.#badBlocks.push(first);
  }
}
