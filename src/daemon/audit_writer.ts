/**
 * The log as the running daemon writes it: rows of one event-loop turn go into one transaction, a promise tells when
 * an intent row is committed, denials that repeat are counted instead of written again and again.
 *
 * @module
 */

import { clearImmediate, setImmediate } from "node:timers";
import type { AuditEntry, AuditRow } from "../core/audit.ts";
import { FailedError } from "../core/errors.ts";
import type { AuditPort } from "../proxy/ports.ts";

/** Rows that carry no promise wait at most so long for company, milliseconds. */
export const NOTE_DELAY_MS = 25;

/** Denials that look the same are counted for so long before they are written as one row, milliseconds. */
export const COALESCE_MS = 5_000;

/** Different repeated denials counted at once; more are written as they come. */
const MAX_COALESCED = 256;

/** What the writer needs of the store: appends rows in one transaction, answers their sequence numbers. */
export interface AuditAppender {
  /** Appends rows in one transaction; throws if they could not be committed. */
  append(entries: readonly AuditEntry[], at: number): number[];
}

interface Pending {
  entry: AuditEntry;
  resolve?: (seq: number) => void;
  reject?: (error: unknown) => void;
}

interface Repeated {
  entry: AuditEntry;
  count: number;
  timer: ReturnType<typeof setTimeout>;
}

/** Batches rows into transactions and tells watchers of them. */
export class AuditWriter implements AuditPort {
  readonly #store: AuditAppender;
  readonly #now: () => number;
  readonly #authenticated: () => boolean;
  readonly #watchers = new Set<(row: AuditRow) => void>();
  readonly #repeated = new Map<string, Repeated>();
  #pending: Pending[] = [];
  #turn: ReturnType<typeof setImmediate> | undefined;
  #later: ReturnType<typeof setTimeout> | undefined;
  #closed = false;
  #failure: unknown;

  /**
   * Ready to write.
   *
   * @param store where the rows go
   * @param options `now` in ms since the epoch; `authenticated` tells whether rows carry the keyed chain
   */
  constructor(store: AuditAppender, options: { now: () => number; authenticated: () => boolean }) {
    this.#store = store;
    this.#now = options.now;
    this.#authenticated = options.authenticated;
  }

  /** The last failure to write, until a later write succeeds. */
  get failure(): unknown {
    return this.#failure;
  }

  /** Writes a row before a secret is sent; see {@linkcode AuditPort.intent}. */
  intent(entry: AuditEntry): Promise<number> {
    if (this.#closed) {
      return Promise.reject(
        new FailedError("cannot write the audit log: it is closed", { code: "audit_unavailable" }),
      );
    }
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    this.#pending.push({ entry, resolve, reject });
    // An immediate runs once the turn's other connections have spoken, 2 µs later; a timer of 0 takes 2 ms.
    this.#turn ??= setImmediate(() => this.flush());
    return promise;
  }

  /** Writes a row soon; repeated denials are counted. */
  note(entry: AuditEntry): void {
    if (this.#closed) return;
    if (entry.denied && this.#countRepeat(entry)) return;
    this.#pending.push({ entry });
    this.#later ??= setTimeout(() => this.flush(), NOTE_DELAY_MS);
  }

  /** Tells every row as it is written; returns the function that ends it. */
  watch(watcher: (row: AuditRow) => void): () => void {
    this.#watchers.add(watcher);
    return () => void this.#watchers.delete(watcher);
  }

  /** Commits what is waiting, now. Never throws: intents learn of a failure by their promise. */
  flush(): void {
    clearImmediate(this.#turn);
    clearTimeout(this.#later);
    this.#turn = undefined;
    this.#later = undefined;
    const batch = this.#pending;
    if (batch.length === 0) return;
    this.#pending = [];
    const at = this.#now();
    let seqs: number[];
    try {
      seqs = this.#store.append(batch.map((pending) => pending.entry), at);
      this.#failure = undefined;
    } catch (error) {
      this.#failure = error;
      for (const pending of batch) pending.reject?.(error);
      return;
    }
    const authenticated = this.#authenticated();
    for (const [i, pending] of batch.entries()) {
      const seq = seqs[i]!;
      pending.resolve?.(seq);
      if (this.#watchers.size > 0) this.#tell({ ...pending.entry, seq, at, authenticated });
    }
  }

  /** Writes what is left, counted denials included, and takes no more. */
  close(): void {
    if (this.#closed) return;
    for (const key of [...this.#repeated.keys()]) this.#writeRepeated(key);
    this.flush();
    this.#closed = true;
  }

  #tell(row: AuditRow): void {
    for (const watcher of this.#watchers) watcher(row);
  }

  /** Counts a denial that was written a moment ago; true if it was counted and is not to be written now. */
  #countRepeat(entry: AuditEntry): boolean {
    const key = JSON.stringify([
      entry.event,
      entry.credential,
      entry.host,
      entry.method,
      entry.reason,
      entry.caller,
    ]);
    const known = this.#repeated.get(key);
    if (known !== undefined) {
      known.count++;
      return true;
    }
    if (this.#repeated.size < MAX_COALESCED) {
      const timer = setTimeout(() => this.#writeRepeated(key), COALESCE_MS);
      this.#repeated.set(key, { entry, count: 0, timer });
    }
    return false;
  }

  #writeRepeated(key: string): void {
    const repeated = this.#repeated.get(key);
    this.#repeated.delete(key);
    clearTimeout(repeated?.timer);
    if (repeated === undefined || repeated.count === 0 || this.#closed) return;
    const { entry, count } = repeated;
    this.#pending.push({ entry: { ...entry, reason: `${entry.reason ?? "denied"} (${count} more)` } });
    this.flush();
  }
}
