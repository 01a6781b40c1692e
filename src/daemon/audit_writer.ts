/**
 * The log as the running daemon writes it: intents of one event-loop turn are one line of the journal, all rows of a
 * moment one transaction, denials that repeat are counted instead of written again and again.
 *
 * @module
 */

import { clearImmediate, setImmediate } from "node:timers";
import type { AuditEntry, AuditRow, TimedEntry } from "../core/audit.ts";
import { FailedError, WispKeyError } from "../core/errors.ts";
import type { AuditPort } from "../proxy/ports.ts";
import { RepeatedRows } from "./repeated_rows.ts";

/** Rows wait at most so long for company before they go into the log, milliseconds. */
const SETTLE_DELAY_MS = 200;

/** With so many rows waiting they go into the log at once, on another thread: about five milliseconds of its time. */
export const SETTLE_COUNT = 512;

/** With so many rows waiting the other thread does not keep up, and who writes waits for it. */
const MAX_BEHIND = 16_384;

/** A use that began within so long may still end before its row is written, so that it needs one row, milliseconds. */
const YOUNG_MS = 1_000;

/** After a wait in vain for the database nobody waits for it again for so long, milliseconds. */
const RETRY_MS = 2_000;

/** For so long after a use other work makes way, milliseconds. */
const BUSY_MS = 100;

/** Rows kept for later while the log cannot be written. */
const MAX_WAITING = 10_000;

/** What the writer needs of the log and its journal; see `vault/audit/journal.ts`. */
export interface AuditTarget {
  /** Appends rows to the journal; throws if they are not safe from the end of the process. */
  write(rows: readonly TimedEntry[]): void;
  /** Appends rows to the log in one transaction and voids the journal; answers their numbers. */
  settle(rows: readonly TimedEntry[]): number[];
  /**
   * Begins to do the same on another thread, while `kept` stays in the journal; false if that cannot be done now.
   * The listener is never told from inside this call.
   */
  settleElsewhere(
    rows: readonly TimedEntry[],
    kept: readonly TimedEntry[],
    listener: { settled(seqs: number[]): void; failed(error: unknown): void },
  ): boolean;
  /** Ends what is settled elsewhere before it returns; throws if it cannot be. */
  finish(): void;
  /** Leaves what was not settled to the next process, these rows too, of which the first are settled elsewhere. */
  leave(onTheirWay: readonly TimedEntry[], rows: readonly TimedEntry[]): void;
}

/** A row that is not in the log yet. */
interface Waiting extends TimedEntry {
  entry: AuditEntry;
  /** Number by which its result refers to it, for intents. */
  readonly ticket?: number;
}

function isBusy(error: unknown): boolean {
  return error instanceof WispKeyError && error.code === "vault_busy";
}

/** Whether it is not in the journal either: only intents are. */
function isUnwritten({ ticket }: Waiting): boolean {
  return ticket === undefined;
}

interface Intent extends Waiting {
  readonly ticket: number;
  resolve(ticket: number): void;
  reject(error: unknown): void;
}

/** Gathers rows for the journal and the log, and tells watchers of them. */
export class AuditWriter implements AuditPort {
  readonly #target: AuditTarget;
  readonly #now: () => number;
  readonly #authenticated: () => boolean;
  readonly #watchers = new Set<(row: AuditRow) => void>();
  readonly #repeated = new RepeatedRows((entry) => this.#write(entry));
  /** Intents that are journaled and not in the log yet, by ticket. */
  readonly #open = new Map<number, Waiting>();
  /** Intents that are in the log and whose result is still to come, by ticket. */
  readonly #settled = new Map<number, { readonly seq: number; readonly entry: AuditEntry }>();
  #intents: Intent[] = [];
  #waiting: Waiting[] = [];
  #tickets = 0;
  #turn: ReturnType<typeof setImmediate> | undefined;
  #later: ReturnType<typeof setTimeout> | undefined;
  #lastCommit = -Infinity;
  /** Rows that are on their way into the log on another thread. */
  #elsewhere: readonly Waiting[] | undefined;
  #settling = false;
  #closed = false;
  #failure: unknown;
  #retryAt = 0;

  /**
   * A writer with nothing to write yet.
   *
   * @param target where the rows go
   * @param options `now` in ms since the epoch; `authenticated` tells whether rows carry the keyed chain
   */
  constructor(target: AuditTarget, options: { now: () => number; authenticated: () => boolean }) {
    this.#target = target;
    this.#now = options.now;
    this.#authenticated = options.authenticated;
  }

  /** The last failure to write, until a later write succeeds. */
  get failure(): unknown {
    return this.#failure;
  }

  /** Whether tokens were used within the last tenth of a second. */
  get busy(): boolean {
    return performance.now() - this.#lastCommit < BUSY_MS;
  }

  /** Writes a row before a secret is sent; see {@linkcode AuditPort.intent}. */
  intent(entry: AuditEntry): Promise<number> {
    if (this.#closed) {
      return Promise.reject(
        new FailedError("cannot write the audit log: it is closed", { code: "audit_unavailable" }),
      );
    }
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    this.#intents.push({ entry, at: this.#now(), ticket: ++this.#tickets, resolve, reject });
    // An immediate runs once the turn's other connections have spoken, 2 µs later; a timer of 0 takes 2 ms.
    this.#turn ??= setImmediate(() => this.#commit());
    return promise;
  }

  /** Writes a row soon; a result joins the row of its use if that is not in the log yet; repeated denials are counted. */
  note(entry: AuditEntry): void {
    if (this.#closed || this.#joinUse(entry)) return;
    if (this.#repeated.count(entry)) return;
    // While nothing can be written nothing is used either, so what is lost here is refusals.
    if (this.#failure !== undefined && this.#waiting.length >= MAX_WAITING) return;
    this.#write(entry);
  }

  /** Tells every row as it goes into the log; returns the function that ends it. */
  watch(watcher: (row: AuditRow) => void): () => void {
    this.#watchers.add(watcher);
    return () => void this.#watchers.delete(watcher);
  }

  /** Puts what is waiting into the log, now. Never throws: a failure shows at the next intent. */
  flush(): void {
    this.#commit();
    this.#settle();
  }

  /**
   * Puts what is waiting into the log, or where that cannot be done leaves it to the next process, as long as there are keys.
   * Call it before they are dropped. Never throws.
   */
  leave(): void {
    this.#retryAt = 0;
    this.flush();
    if (this.#failure === undefined) return;
    const onTheirWay = (this.#elsewhere ?? []).filter(isUnwritten);
    const rows = this.#waiting.filter(isUnwritten).map(({ entry, at }) => ({
      at,
      entry: this.#numbered(entry),
    }));
    try {
      this.#target.leave(onTheirWay, rows);
    } catch (error) {
      this.#failure = error;
      return;
    }
    this.#elsewhere = undefined;
    this.#waiting = [];
    this.#open.clear();
    this.#settled.clear();
    this.#failure = undefined;
  }

  /** Writes what is left, counted denials included, and takes no more. */
  close(): void {
    if (this.#closed) return;
    this.#repeated.flush();
    this.leave();
    this.#closed = true;
  }

  #write(entry: AuditEntry): void {
    this.#waiting.push({ entry, at: this.#now() });
    this.#settleSoon();
  }

  /** Journals the intents of this turn; who waits for them goes on. */
  #commit(): void {
    clearImmediate(this.#turn);
    this.#turn = undefined;
    const intents = this.#intents;
    if (intents.length === 0) return;
    this.#intents = [];
    this.#lastCommit = performance.now();
    try {
      // Rows that cannot get into the log must not pile up: then nothing more is used.
      if (this.#failure !== undefined) this.#settle();
      if (this.#failure !== undefined) throw this.#failure;
      this.#target.write(intents);
    } catch (error) {
      this.#failure = error;
      for (const { reject } of intents) reject(error);
      return;
    }
    for (const { entry, at, ticket, resolve } of intents) {
      const use: Waiting = { entry, at, ticket };
      this.#waiting.push(use);
      this.#open.set(ticket, use);
      resolve(ticket);
    }
    this.#settleSoon();
  }

  #settleSoon(): void {
    if (this.#waiting.length >= MAX_BEHIND) this.#settle();
    else if (this.#elsewhere !== undefined) return;
    else if (this.#waiting.length - this.#open.size < SETTLE_COUNT) {
      this.#later ??= setTimeout(() => this.#settle(), SETTLE_DELAY_MS);
    } else if (!this.#settleElsewhere()) this.#settle();
  }

  /** Hands rows over to another thread, save uses that may soon end; false if that cannot be done now. */
  #settleElsewhere(): boolean {
    const young = this.#now() - YOUNG_MS;
    const rows: Waiting[] = [];
    const kept: Waiting[] = [];
    const results: Waiting[] = [];
    for (const row of this.#waiting) {
      const { entry: { refersTo }, at, ticket } = row;
      if (ticket !== undefined && at > young && this.#open.has(ticket)) kept.push(row);
      else if (refersTo === undefined) rows.push(row);
      else if (this.#open.has(refersTo)) results.push(row);
      else rows.push({ at, entry: this.#numbered(row.entry) });
    }
    const open = new Set<number>();
    try {
      const begun = this.#target.settleElsewhere(rows, kept, {
        settled: (seqs) => this.#settledElsewhere(rows, seqs, open),
        failed: (error) => this.#failure = error,
      });
      if (!begun) return false;
    } catch (error) {
      this.#failure = error;
      return true;
    }
    clearTimeout(this.#later);
    this.#later = undefined;
    this.#elsewhere = rows;
    for (const { entry: { refersTo } } of this.#waiting) {
      if (refersTo !== undefined && !this.#open.has(refersTo)) this.#settled.delete(refersTo);
    }
    this.#waiting = [...kept, ...results];
    // From here on the results of these are rows of their own.
    for (const { ticket = 0 } of rows) if (this.#open.delete(ticket)) open.add(ticket);
    return true;
  }

  #settledElsewhere(rows: readonly Waiting[], seqs: readonly number[], open: ReadonlySet<number>): void {
    this.#elsewhere = undefined;
    this.#failure = undefined;
    this.#written(rows, seqs, open);
    if (!this.#settling && this.#waiting.length > 0) this.#settleSoon();
  }

  /** Puts all that waits into the log before it returns; a failure is kept. */
  #settle(): void {
    clearTimeout(this.#later);
    this.#later = undefined;
    if (this.#failure !== undefined && performance.now() < this.#retryAt) return;
    this.#settling = true;
    try {
      this.#target.finish();
      // Results name the number of their intent, which has to be in the log before them.
      const first = this.#waiting.filter(({ entry }) => entry.refersTo === undefined);
      const results = this.#waiting.filter(({ entry }) => entry.refersTo !== undefined);
      this.#put(first);
      this.#waiting = results;
      this.#put(results.map(({ entry, at }) => ({ at, entry: this.#numbered(entry) })));
      for (const { entry } of results) this.#settled.delete(entry.refersTo ?? 0);
      this.#waiting = [];
      this.#failure = undefined;
    } catch (error) {
      this.#failure = error;
      // Everybody else waits along, so who holds the database locked is not waited for again and again.
      if (isBusy(error)) this.#retryAt = performance.now() + RETRY_MS;
    } finally {
      this.#settling = false;
    }
  }

  #put(rows: readonly Waiting[]): void {
    if (rows.length === 0) return;
    const seqs = this.#target.settle(rows);
    const open = new Set<number>();
    for (const { ticket = 0 } of rows) if (this.#open.delete(ticket)) open.add(ticket);
    this.#written(rows, seqs, open);
  }

  /** Rows are in the log; the uses in `open` have not ended yet. */
  #written(rows: readonly Waiting[], seqs: readonly number[], open: ReadonlySet<number>): void {
    const authenticated = this.#authenticated();
    for (const [i, { entry, at, ticket = 0 }] of rows.entries()) {
      const seq = seqs[i] ?? 0;
      if (open.has(ticket)) this.#settled.set(ticket, { seq, entry });
      if (this.#watchers.size > 0) this.#tell({ ...entry, seq, at, authenticated });
    }
  }

  /** A result with the number of its intent, and with what that says, so that each row can be found by itself. */
  #numbered(entry: AuditEntry): AuditEntry {
    const { refersTo, ...rest } = entry;
    const use = this.#settled.get(refersTo ?? 0);
    return use === undefined ? rest : { ...use.entry, ...rest, refersTo: use.seq };
  }

  #joinUse(result: AuditEntry): boolean {
    const use = this.#open.get(result.refersTo ?? 0);
    if (use === undefined) return false;
    const { event, refersTo: _, ...outcome } = result;
    if (event !== "CredentialUseFinished") return false;
    this.#open.delete(result.refersTo ?? 0);
    use.entry = { ...use.entry, ...outcome };
    return true;
  }

  #tell(row: AuditRow): void {
    for (const watcher of this.#watchers) watcher(row);
  }
}
