/**
 * The log as the running daemon writes it: intents of one event-loop turn are one line of the journal, all rows of a
 * moment one transaction, denials that repeat are counted instead of written again and again.
 *
 * @module
 */

import { clearImmediate, setImmediate } from "node:timers";
import type { AuditEntry, AuditRow, TimedEntry } from "../core/audit.ts";
import { FailedError } from "../core/errors.ts";
import type { AuditPort } from "../proxy/ports.ts";

/** Rows wait at most so long for company before they go into the log, milliseconds. */
export const SETTLE_DELAY_MS = 200;

/** With so many rows waiting they go into the log at once: about two milliseconds of work. */
export const SETTLE_COUNT = 256;

/** Denials that look the same are counted for so long before they are written as one row, milliseconds. */
export const COALESCE_MS = 5_000;

/** For so long after a use other work makes way, milliseconds. */
const BUSY_MS = 100;

/** Rows kept for later while the log cannot be written. */
const MAX_WAITING = 10_000;

/** Different repeated denials counted at once; more are written as they come. */
const MAX_COALESCED = 256;

/** What an agent can bring about as often as it likes, without using anything. */
function isNoise({ denied, event }: AuditEntry): boolean {
  return denied === true || event === "ResponseScrubbed" || event === "PolicyWouldDeny";
}

/** What the writer needs of the log and its journal; see `vault/audit_journal.ts`. */
export interface AuditTarget {
  /** Appends rows to the journal; throws if they are not safe from the end of the process. */
  write(rows: readonly TimedEntry[]): void;
  /** Appends rows to the log in one transaction and voids the journal; answers their numbers. */
  settle(rows: readonly TimedEntry[]): number[];
}

/** A row that is not in the log yet. */
interface Waiting extends TimedEntry {
  entry: AuditEntry;
  /** Number by which its result refers to it, for intents. */
  readonly ticket?: number;
}

interface Intent extends Waiting {
  readonly ticket: number;
  resolve(ticket: number): void;
  reject(error: unknown): void;
}

interface Repeated {
  entry: AuditEntry;
  count: number;
  timer: ReturnType<typeof setTimeout>;
}

/** Gathers rows for the journal and the log, and tells watchers of them. */
export class AuditWriter implements AuditPort {
  readonly #target: AuditTarget;
  readonly #now: () => number;
  readonly #authenticated: () => boolean;
  readonly #watchers = new Set<(row: AuditRow) => void>();
  readonly #repeated = new Map<string, Repeated>();
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
  #closed = false;
  #failure: unknown;

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
    if (isNoise(entry) && this.#countRepeat(entry)) return;
    // While nothing can be written nothing is used either, so what is lost here is refusals.
    if (this.#failure !== undefined && this.#waiting.length >= MAX_WAITING) return;
    this.#waiting.push({ entry, at: this.#now() });
    this.#settleSoon();
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

  /** Writes what is left, counted denials included, and takes no more. */
  close(): void {
    if (this.#closed) return;
    for (const key of [...this.#repeated.keys()]) this.#writeRepeated(key);
    this.flush();
    this.#closed = true;
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
    if (this.#waiting.length >= SETTLE_COUNT) this.#settle();
    else this.#later ??= setTimeout(() => this.#settle(), SETTLE_DELAY_MS);
  }

  #settle(): void {
    clearTimeout(this.#later);
    this.#later = undefined;
    try {
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
    }
  }

  #put(rows: readonly Waiting[]): void {
    if (rows.length === 0) return;
    const seqs = this.#target.settle(rows);
    const authenticated = this.#authenticated();
    for (const [i, { entry, at, ticket }] of rows.entries()) {
      const seq = seqs[i] ?? 0;
      if (ticket !== undefined && this.#open.delete(ticket)) this.#settled.set(ticket, { seq, entry });
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
    this.#waiting.push({
      entry: { ...entry, reason: `${entry.reason ?? "denied"} (${count} more)` },
      at: this.#now(),
    });
    this.#settleSoon();
  }
}
