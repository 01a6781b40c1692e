/**
 * The journal of the log: a file to which rows are appended before they go into the database together with many others.
 * One small write is ten times as fast as a transaction, and a secret waits for it at every use; like a transaction
 * it survives the end of the process at any moment.
 *
 * Settling moves the rows into the log and begins the next generation in one transaction; lines (`journal_line.ts`) of an older
 * generation mean nothing. While another thread settles a generation the next one is written into a second file.
 * Cut off lines cannot be missed, but only while no process holds the vault open.
 *
 * @module
 */

import type { TimedEntry } from "../../core/audit.ts";
import { toRecord } from "./record.ts";
import type { TimedRecord } from "./store.ts";
import { beginGeneration, readGeneration } from "./generation.ts";
import type { Checkpointer } from "../checkpointer.ts";
import type { VaultContext } from "../context.ts";
import { JournalFile } from "./journal_file.ts";
import { writeLine } from "./journal_line.ts";
import { recoverJournal } from "./journal_recovery.ts";
import { LogThread } from "./thread.ts";
import type { Settled } from "./thread_report.ts";

/** Names of its files in the vault directory. */
export const JOURNAL_NAMES = ["audit.journal", "audit.journal-2"] as const;

/** For so long after its last rows the other thread is said to be at work, milliseconds. */
const AT_WORK_MS = 1_000;

/** So long others are waited for when the keys are about to be dropped, milliseconds. */
const HURRIED_MS = 250;

/** Told how rows fare that are settled elsewhere. */
export interface SettleListener {
  /** They are in the log, under these numbers. Called once. */
  settled(seqs: number[]): void;
  /** They could not be written so far. They are tried again before anything else is settled. */
  failed(error: unknown): void;
}

/** Rows of a generation that another thread settles, or has failed to. */
interface Elsewhere {
  readonly generation: number;
  readonly rows: readonly TimedRecord[];
  /** The log had reached this row when the order was given. */
  readonly seen: number;
  readonly file: JournalFile;
  /** Lines of the generation. */
  readonly lines: number;
  readonly listener: SettleListener;
}

/** The journal of the one process that holds the vault open. */
export class AuditJournal {
  readonly #context: VaultContext;
  readonly #vaultId: string;
  readonly #checkpointer: Checkpointer;
  /** The file that is written to, and the other one. */
  #file: JournalFile;
  #other: JournalFile;
  #generation: number;
  #lines = 0;
  #thread: LogThread | undefined;
  #elsewhere: Elsewhere | undefined;
  #lastElsewhere = -Infinity;
  #seenElsewhere = { settled: false, othersWrote: false };
  #patience: number | undefined;

  private constructor(context: VaultContext, vaultId: string, files: [JournalFile, JournalFile]) {
    this.#context = context;
    this.#vaultId = vaultId;
    [this.#file, this.#other] = files;
    this.#checkpointer = context.db.checkpointElsewhere();
    this.#generation = readGeneration(context.db);
  }

  /** Moves into the log what an earlier process left, and begins empty files. */
  static open(directory: (name: string) => string, context: VaultContext, vaultId: string): AuditJournal {
    const [path, second] = [directory(JOURNAL_NAMES[0]), directory(JOURNAL_NAMES[1])];
    recoverJournal([path, second], context, vaultId);
    const file = JournalFile.create(path);
    try {
      return new AuditJournal(context, vaultId, [file, JournalFile.create(second)]);
    } catch (error) {
      file.close();
      throw error;
    }
  }

  /**
   * Appends rows; they are safe from the end of this process when it returns.
   *
   * @throws {LockedError} `vault_locked`; {FailedError} `audit_unavailable`, and then nothing was appended.
   */
  write(rows: readonly TimedEntry[]): void {
    this.#append(rows, false);
  }

  /**
   * Appends rows to the log, among them all that were written here since the last time, and empties the journal.
   * Rows that are settled elsewhere come first.
   *
   * @returns their numbers in the log
   */
  settle(rows: readonly TimedEntry[]): number[] {
    this.finish();
    const { db, audit, locked } = this.#context;
    // Without keys rows are written that nobody can vouch for; those of the journal wait in it for the next process.
    const isJournaled = this.#lines > 0 && !locked;
    const seqs = db.transaction("process", () => {
      // Another process may have gone on since: an older one must not undo that.
      if (isJournaled) beginGeneration(db, this.#generation, this.#generation + 1);
      return audit.appendTimed(rows);
    });
    if (isJournaled) {
      this.#generation++;
      this.#lines = 0;
      this.#file.empty();
    }
    this.#checkpointer.changed();
    return seqs;
  }

  /**
   * Begins to do the same on another thread.
   *
   * @param kept rows that were written here and are not among `rows`: they stay in the journal
   * @returns false, and nothing is begun, if that cannot be done now
   * @throws {FailedError} `audit_unavailable`, and nothing is begun.
   */
  settleElsewhere(
    rows: readonly TimedEntry[],
    kept: readonly TimedEntry[],
    listener: SettleListener,
  ): boolean {
    const { db, audit, locked } = this.#context;
    if (locked || this.#elsewhere !== undefined || this.#thread?.dead) return false;
    this.#thread ??= this.#startThread();
    const elsewhere: Elsewhere = {
      generation: this.#generation,
      rows: rows.map(({ entry, at }) => ({ record: toRecord(entry), at })),
      seen: audit.seen,
      file: this.#file,
      lines: this.#lines,
      listener,
    };
    this.#turnFiles(this.#generation + 1);
    try {
      if (kept.length > 0) this.#append(kept, true);
    } catch (error) {
      this.#turnFiles(elsewhere.generation);
      this.#lines = elsewhere.lines;
      throw error;
    }
    this.#elsewhere = elsewhere;
    this.#thread.settle({
      generation: elsewhere.generation,
      rows: elsewhere.rows,
      seen: elsewhere.seen,
      ownCommits: db.commits,
    }, (settled) => this.#collect(elsewhere, settled));
    return true;
  }

  /**
   * Ends what is settled elsewhere before it returns, without leaving the turn of the event loop; its listener is told.
   *
   * @throws what {@linkcode settle} throws, if the other thread failed and it cannot be done here either.
   */
  finish(): void {
    this.#thread?.wait(this.#patience);
    this.#settleFailed();
  }

  /** From now on waits for nobody longer than a moment. Call it before the keys are dropped, which others must not put off. */
  hurry(): void {
    this.#patience = HURRIED_MS;
    this.#context.db.setBusyTimeout(HURRIED_MS);
  }

  /**
   * Leaves rows to the next process, behind all that were written here and could not be settled: whoever keeps the database
   * locked while the keys are dropped does not get rows that lack a MAC.
   *
   * @param onTheirWay of the rows that are settled elsewhere those that were not written here
   * @param rows others that were not written here
   * @throws what {@linkcode write} throws.
   */
  leave(onTheirWay: readonly TimedEntry[], rows: readonly TimedEntry[]): void {
    const { keys } = this.#context;
    const elsewhere = this.#elsewhere;
    if (elsewhere !== undefined && onTheirWay.length > 0) {
      const { generation, lines: index, file } = elsewhere;
      // If the other thread commits its rows after all, lines of their generation mean nothing.
      file.append(
        writeLine(keys, { vaultId: this.#vaultId, generation, index }, { rows: onTheirWay, again: false }),
      );
    }
    if (rows.length > 0) this.#append(rows, false);
  }

  /** Whether rows were settled elsewhere since the last call, and whether somebody else was seen to write meanwhile. */
  lookElsewhere(): { settled: boolean; othersWrote: boolean } {
    const { settled, othersWrote } = this.#seenElsewhere;
    this.#seenElsewhere = { settled: false, othersWrote: false };
    // Who wrote after the last rows shows at the next ones, or at the next call.
    if (settled) this.#thread?.look(this.#context.db.commits);
    return { settled: settled || this.#elsewhere !== undefined, othersWrote };
  }

  /** Whether another thread puts new rows into the log just now, and into its index. */
  get isElsewhere(): boolean {
    return performance.now() - this.#lastElsewhere < AT_WORK_MS;
  }

  /** Ends the other thread, which wipes its keys. Call it when the vault is locked. */
  dropKeys(): void {
    void this.#thread?.end();
  }

  /**
   * Closes the files; what was not settled stays in them for the next process. Resolves when nobody else writes to the
   * database on our behalf any more.
   */
  async close(): Promise<void> {
    const others = Promise.all([this.#checkpointer.close(), this.#thread?.end()]);
    this.#file.close();
    this.#other.close();
    await others;
  }

  #startThread(): LogThread {
    const { db, keys } = this.#context;
    return new LogThread({ path: db.path, vaultId: this.#vaultId }, keys, () => {
      this.#seenElsewhere.othersWrote = true;
    });
  }

  #append(rows: readonly TimedEntry[], again: boolean): void {
    const place = { vaultId: this.#vaultId, generation: this.#generation, index: this.#lines };
    this.#file.append(writeLine(this.#context.keys, place, { rows, again }));
    this.#lines++;
  }

  #turnFiles(generation: number): void {
    [this.#file, this.#other] = [this.#other, this.#file];
    this.#generation = generation;
    this.#lines = 0;
  }

  #collect(elsewhere: Elsewhere, settled: Settled | undefined): void {
    if (settled === undefined) {
      try {
        this.#settleFailed();
      } catch (error) {
        elsewhere.listener.failed(error);
      }
      return;
    }
    this.#context.audit.follow(settled.tail);
    this.#seenElsewhere.settled = true;
    this.#lastElsewhere = performance.now();
    this.#endElsewhere(elsewhere, elsewhere.rows.map((_, i) => settled.first + i));
  }

  /**
   * Settles here what the other thread has not. A thread that was given up may have committed all the same; only the log
   * can tell, since anybody may write another generation into the database.
   */
  #settleFailed(): void {
    const elsewhere = this.#elsewhere;
    const { db, audit, locked } = this.#context;
    if (elsewhere === undefined || locked) return;
    const seqs = db.transaction("process", () => {
      beginGeneration(db, elsewhere.generation, elsewhere.generation + 1);
      return audit.find(elsewhere.rows, elsewhere.seen) ?? audit.appendRecords(elsewhere.rows);
    });
    this.#endElsewhere(elsewhere, seqs);
  }

  #endElsewhere({ file, listener }: Elsewhere, seqs: number[]): void {
    this.#elsewhere = undefined;
    file.empty();
    this.#checkpointer.changed();
    listener.settled(seqs);
  }
}
