/**
 * What binds the rows of the vault together. Each row carries its own MAC, but a row that was removed behind our
 * back, or put back as it was before a change that narrowed it, would still look intact. So one sealed record holds
 * for each table a digest over the rows it ought to have, and a generation number that each change increments.
 *
 * The digest is the exclusive-or of a keyed function of each row's MAC (Bellare and Micciancio's XHASH, of which an
 * attacker sees neither terms nor sums because the record is encrypted): a change costs the same in a vault of ten
 * rows and of a million.
 *
 * @module
 */

import { concat } from "../core/bytes.ts";
import { canonical } from "../core/canonical.ts";
import { DeniedError } from "../core/errors.ts";
import { open, seal } from "./aead.ts";
import { Columns } from "./columns.ts";
import type { Database } from "./database.ts";
import { FORMAT_VERSION, MAC_LENGTH, type VaultKeys } from "./keys.ts";

/**
 * Tables whose rows the ledger counts. The order is part of the format; new ones come last, and a record written before
 * a table existed counts no rows of it.
 */
export const LEDGER_TABLES = ["credentials", "projects", "partitions", "settings", "documents"] as const;

/** One of {@linkcode LEDGER_TABLES}. */
export type LedgerTable = typeof LEDGER_TABLES[number];

const AUDIT_SEQ_LENGTH = 8;
/** How many tables the first version counted. */
const FIRST_TABLES = 4;

/** The record while a transaction changes it. */
export class LedgerChange {
  /** Number of changes so far. */
  generation: number;
  /** The audit log had reached this row at the last change. */
  auditSeq: number;
  readonly #keys: VaultKeys;
  readonly #digests: Map<LedgerTable, Uint8Array>;

  /** Starts from the record as it was read. */
  constructor(keys: VaultKeys, generation: number, auditSeq: number, digests: Map<LedgerTable, Uint8Array>) {
    this.#keys = keys;
    this.generation = generation;
    this.auditSeq = auditSeq;
    this.#digests = digests;
  }

  /** Enters a row by its MAC, or strikes out one that was entered: the same operation. */
  toggle(table: LedgerTable, id: string, mac: Uint8Array): void {
    const digest = this.digest(table);
    const term = this.#keys.mac("rows", canonical(["wispkey row term", table, id, mac]));
    for (let i = 0; i < MAC_LENGTH; i++) digest[i] = (digest[i] ?? 0) ^ (term[i] ?? 0);
  }

  /** The digest of a table, to be read or compared. */
  digest(table: LedgerTable): Uint8Array {
    let digest = this.#digests.get(table);
    if (digest === undefined) this.#digests.set(table, digest = new Uint8Array(MAC_LENGTH));
    return digest;
  }
}

/** Reads and writes the record of one vault. */
export class Ledger {
  readonly #db: Database;
  readonly #vaultId: string;
  #seen = 0;
  #pending: number | undefined;

  /** The ledger of the vault `vaultId`. */
  constructor(db: Database, vaultId: string) {
    this.#db = db;
    this.#vaultId = vaultId;
    db.onTransactionEnd((committed) => {
      if (committed && this.#pending !== undefined) this.#seen = this.#pending;
      this.#pending = undefined;
    });
  }

  /**
   * Reads the record.
   *
   * @throws {DeniedError} `vault_tampered` if it is not as it was written, `vault_rolled_back` if it is older than
   * what this process has seen.
   */
  read(keys: VaultKeys): LedgerChange {
    const row = this.#db.prepare("SELECT generation, nonce, tag, sealed FROM state", { bigints: true }).get();
    if (row === undefined) throw tampered();
    const columns = new Columns(row);
    const generation = columns.integer("generation");
    const sealed = {
      nonce: columns.bytes("nonce"),
      tag: columns.bytes("tag"),
      ciphertext: columns.bytes("sealed"),
    };
    const plain = columns.damaged ? undefined : open(keys.key("state"), sealed, this.#binding(generation));
    if (plain === undefined || !isRecordLength(plain.length)) throw tampered();
    if (generation < this.#seen) {
      throw new DeniedError("cannot use the vault: an older copy was put in its place while it was open", {
        code: "vault_rolled_back",
        hint: "wispkey lock",
      });
    }
    if (this.#pending === undefined) this.#seen = generation;
    const digests = new Map<LedgerTable, Uint8Array>();
    for (const [i, table] of LEDGER_TABLES.entries()) {
      const at = AUDIT_SEQ_LENGTH + i * MAC_LENGTH;
      if (at < plain.length) digests.set(table, plain.slice(at, at + MAC_LENGTH));
    }
    const view = new DataView(plain.buffer, plain.byteOffset);
    return new LedgerChange(keys, generation, Number(view.getBigUint64(0)), digests);
  }

  /** The greatest generation known, from the record if it can be read. */
  newest(keys: VaultKeys): number {
    try {
      return this.read(keys).generation;
    } catch (error) {
      if (error instanceof DeniedError) return this.#seen;
      throw error;
    }
  }

  /** Row that the log had reached at the last change; 0 if the record cannot tell. */
  auditSeq(keys: VaultKeys): number {
    try {
      return this.read(keys).auditSeq;
    } catch (error) {
      // A bad record is reported where rows are changed or checked; the log must go on to say so.
      if (error instanceof DeniedError) return 0;
      throw error;
    }
  }

  /** An empty record that follows on what this process has seen. */
  blank(keys: VaultKeys): LedgerChange {
    return new LedgerChange(keys, this.#seen, 0, new Map());
  }

  /** Writes the record, inside the transaction that changed the rows. */
  write(keys: VaultKeys, change: LedgerChange): void {
    const auditSeq = new Uint8Array(AUDIT_SEQ_LENGTH);
    new DataView(auditSeq.buffer).setBigUint64(0, BigInt(change.auditSeq));
    const plain = concat(auditSeq, ...LEDGER_TABLES.map((table) => change.digest(table)));
    const { nonce, tag, ciphertext } = seal(keys.key("state"), plain, this.#binding(change.generation));
    this.#db.prepare(
      `INSERT INTO state (one, generation, nonce, tag, sealed) VALUES (1, ?, ?, ?, ?)
       ON CONFLICT (one) DO UPDATE SET generation = excluded.generation, nonce = excluded.nonce,
         tag = excluded.tag, sealed = excluded.sealed`,
    ).run(change.generation, nonce, tag, ciphertext);
    this.#pending = change.generation;
  }

  #binding(generation: number): Uint8Array {
    return canonical(["wispkey state", FORMAT_VERSION, this.#vaultId, generation]);
  }
}

function isRecordLength(length: number): boolean {
  const tables = (length - AUDIT_SEQ_LENGTH) / MAC_LENGTH;
  return Number.isInteger(tables) && tables >= FIRST_TABLES && tables <= LEDGER_TABLES.length;
}

function tampered(): DeniedError {
  return new DeniedError("cannot change the vault: its record of rows was changed behind our back", {
    code: "vault_tampered",
    hint: "wispkey doctor",
  });
}
