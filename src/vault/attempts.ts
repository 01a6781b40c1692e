/**
 * Slows down guessing of the master password through the front door. The count lives in the database, so that a new
 * process begins where the last one ended. (Whoever can copy the file guesses elsewhere; there Argon2id is the brake.)
 *
 * @module
 */

import { LockedError } from "../core/errors.ts";
import type { AuditStore } from "./audit/store.ts";
import { Columns } from "./columns.ts";
import type { Database } from "./database.ts";

/** Failures that cost no waiting. */
const FREE_FAILURES = 3;

/** Longest wait between attempts, milliseconds. */
const MAX_WAIT_MS = 30_000;

/** How long an attempt must wait after the last of `failures`, milliseconds: 0, then 1, 2, 4 … 30 seconds. */
export function waitAfter(failures: number): number {
  if (failures < FREE_FAILURES) return 0;
  return Math.min(1_000 * 2 ** (failures - FREE_FAILURES), MAX_WAIT_MS);
}

/** Counts failed attempts. */
export class Attempts {
  readonly #db: Database;
  readonly #audit: AuditStore;

  /** The attempts on one vault. */
  constructor(db: Database, audit: AuditStore) {
    this.#db = db;
    this.#audit = audit;
  }

  /**
   * Refuses at once an attempt that comes too early.
   *
   * @param now milliseconds since the epoch
   * @throws {LockedError} `too_many_attempts`; the hint tells the seconds.
   */
  check(now: number): void {
    const { failures, lastFailedAt } = this.#read();
    // A clock that was set back must not lengthen the wait beyond what it would be now.
    const left = Math.min(lastFailedAt + waitAfter(failures) - now, waitAfter(failures));
    if (left <= 0) return;
    throw new LockedError(`cannot unlock: ${failures} wrong passwords in a row`, {
      code: "too_many_attempts",
      hint: `try again in ${Math.ceil(left / 1_000)} s`,
    });
  }

  /** Counts a failure and writes it down. */
  failed(now: number): void {
    this.#db.transaction("power", () => {
      const failures = Math.min(this.#read().failures + 1, 1_000_000);
      this.#db.prepare(
        `INSERT INTO attempts (one, failures, last_failed_at) VALUES (1, ?, ?)
         ON CONFLICT (one) DO UPDATE SET failures = excluded.failures, last_failed_at = excluded.last_failed_at`,
      ).run(failures, now);
      this.#audit.append([{
        event: "UnlockFailed",
        denied: true,
        reason: `wrong password, ${failures} in a row`,
      }], now);
    });
  }

  /** Forgets the failures after a success. */
  succeeded(): void {
    if (this.#read().failures === 0) return;
    this.#db.transaction("power", () => void this.#db.prepare("DELETE FROM attempts").run());
  }

  #read(): { failures: number; lastFailedAt: number } {
    const row = this.#db.prepare("SELECT failures, last_failed_at FROM attempts", { bigints: true }).get();
    if (row === undefined) return { failures: 0, lastFailedAt: 0 };
    const columns = new Columns(row);
    return {
      failures: Math.max(0, columns.integer("failures")),
      lastFailedAt: columns.integer("last_failed_at"),
    };
  }
}
