/**
 * What the stores of one open vault share: database, keys, clock, and the one way in which anything is changed.
 *
 * @module
 */

import type { AuditEntry } from "../core/audit.ts";
import { LockedError } from "../core/errors.ts";
import type { AuditStore } from "./audit/store.ts";
import type { Database } from "./database.ts";
import type { Ledger, LedgerChange } from "./ledger.ts";
import type { VaultKeys } from "./keys.ts";

/** More to say in the audit row of a change than the store itself knows, for instance the caller. */
export type AuditNote = Partial<AuditEntry>;

/** Shared by the stores of a vault. */
export class VaultContext {
  /** The open database. */
  readonly db: Database;
  /** The log. */
  readonly audit: AuditStore;
  /** Generation and digests of the rows. */
  readonly ledger: Ledger;
  /** Wall time, milliseconds since the epoch. */
  readonly now: () => number;
  readonly #keys: () => VaultKeys | undefined;

  /** Gathers the parts. */
  constructor(parts: {
    db: Database;
    audit: AuditStore;
    ledger: Ledger;
    now: () => number;
    keys: () => VaultKeys | undefined;
  }) {
    this.db = parts.db;
    this.audit = parts.audit;
    this.ledger = parts.ledger;
    this.now = parts.now;
    this.#keys = parts.keys;
  }

  /** Whether there are no keys. */
  get locked(): boolean {
    return this.#keys() === undefined;
  }

  /**
   * The keys.
   *
   * @throws {LockedError} `vault_locked`.
   */
  get keys(): VaultKeys {
    const keys = this.#keys();
    if (keys === undefined) {
      throw new LockedError("the vault is locked", { code: "vault_locked", hint: "wispkey unlock" });
    }
    return keys;
  }

  /**
   * Changes rows: one transaction that also moves the generation and writes the audit row, durable when it returns.
   *
   * @param work changes rows, tells the ledger, and answers its result with the audit entry, or several; null
   * for bookkeeping that is no act of anyone
   */
  change<T>(
    work: (ledger: LedgerChange) => [result: T, entry: AuditEntry | readonly AuditEntry[] | null],
  ): T {
    const keys = this.keys;
    return this.db.transaction("power", () => {
      const ledger = this.ledger.read(keys);
      const [result, entry] = work(ledger);
      if (entry !== null) {
        const seqs = this.audit.append([entry].flat(), this.now());
        this.audit.anchor();
        ledger.auditSeq = seqs.at(-1) ?? ledger.auditSeq;
      }
      ledger.generation++;
      this.ledger.write(keys, ledger);
      return result;
    });
  }
}
