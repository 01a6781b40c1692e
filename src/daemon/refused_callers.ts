/**
 * Writes down who was refused as a caller, so that a flood of wrong secrets does not become a flood of rows: the first one
 * of a minute at once, the others of that minute in one row.
 *
 * @module
 */

import type { AuditEntry } from "../core/audit.ts";

/** Refusals within this time become two rows at most, milliseconds. */
export const COALESCE_MS = 60_000;

interface Period {
  readonly begin: number;
  more: number;
}

/** Counts refusals by the name that was shown, where there is such a caller; all others are one. */
export class RefusedCallers {
  readonly #note: (entry: AuditEntry) => void;
  readonly #now: () => number;
  readonly #periods = new Map<string | null, Period>();

  /** Writes to `note`. */
  constructor(note: (entry: AuditEntry) => void, now: () => number) {
    this.#note = note;
    this.#now = now;
  }

  /** One more; `name` only if it is known, because any other is whatever somebody made up. */
  note(name: string | null): void {
    const now = this.#now();
    const period = this.#periods.get(name);
    if (period !== undefined && now - period.begin < COALESCE_MS && now >= period.begin) {
      period.more++;
      return;
    }
    if (period !== undefined && period.more > 0) this.#write(name, `and ${period.more} times more`);
    this.#periods.set(name, { begin: now, more: 0 });
    this.#write(name, name === null ? "no known caller" : "wrong secret");
  }

  /** Writes what was only counted yet; for periods that are over, or for all. */
  flush(all = false): void {
    const now = this.#now();
    for (const [name, { begin, more }] of this.#periods) {
      if (!all && now - begin < COALESCE_MS) continue;
      if (more > 0) this.#write(name, `and ${more} times more`);
      this.#periods.delete(name);
    }
  }

  #write(name: string | null, reason: string): void {
    this.#note({ event: "CallerRefused", denied: true, reason, ...(name === null ? {} : { caller: name }) });
  }
}
