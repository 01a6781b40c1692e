/**
 * Sealed documents: small things that must be kept with the vault and are neither credential nor setting, such as the key
 * of the certificate authority or the policies that were applied. Each is encrypted and authenticated by itself, and
 * counted in the ledger, so that a changed, removed or put-back one is noticed.
 *
 * @module
 */

import type { AuditEntry } from "../core/audit.ts";
import { equalInConstantTime, wipe } from "../core/bytes.ts";
import { canonical } from "../core/canonical.ts";
import { DeniedError } from "../core/errors.ts";
import { escapeText } from "../core/name.ts";
import { open, seal, type Sealed } from "./aead.ts";
import { Columns } from "./columns.ts";
import type { VaultContext } from "./context.ts";
import { FORMAT_VERSION, type KeyPurpose, type VaultKeys } from "./keys.ts";
import { LedgerChange, type LedgerTable } from "./ledger.ts";

const TABLE: LedgerTable = "documents";

/** What is told of a document without opening it. */
export interface DocumentInfo {
  /** What it is, e.g. `ca`. */
  kind: string;
  /** Which one of its kind. */
  id: string;
  /** When it was last written, milliseconds since the epoch. */
  updatedAt: number;
}

/** A document as it stands in the table. */
export interface StoredDocument extends DocumentInfo {
  /** Its MAC. */
  mac: Uint8Array;
  /** Whether the MAC fits. */
  intact: boolean;
}

/** Reads and writes documents. */
export class DocumentStore {
  readonly #context: VaultContext;

  /** The documents in the vault of `context`. */
  constructor(context: VaultContext) {
    this.#context = context;
  }

  /**
   * Opens one; the caller wipes it. `undefined` if there is none.
   *
   * @throws {LockedError} `vault_locked`; {DeniedError} `document_tampered` if it, or what documents there are, was changed
   * behind our back.
   */
  get(kind: string, id: string): Uint8Array<ArrayBuffer> | undefined {
    if (!this.list(kind).some((document) => document.id === id)) return undefined;
    const plain = this.#open(kind, id);
    if (plain === undefined) throw documentTampered(kind, id);
    return plain;
  }

  /** Whether the content of each row opens, whatever the ledger says; reads them all. Answers those that do not. */
  unreadable(): DocumentInfo[] {
    return this.rows().filter(({ kind, id }) => {
      const plain = this.#open(kind, id);
      wipe(plain);
      return plain === undefined;
    });
  }

  #open(kind: string, id: string): Uint8Array<ArrayBuffer> | undefined {
    const { db, keys } = this.#context;
    const row = db.prepare(
      "SELECT kind, id, updated_at, nonce, tag, mac, ciphertext FROM documents WHERE kind = ? AND id = ?",
      { bigints: true },
    ).get(kind, id);
    if (row === undefined) return undefined;
    const columns = new Columns(row);
    const { info, head } = readRow(columns);
    const sealed = { ...head, ciphertext: columns.bytes("ciphertext") };
    return columns.damaged ? undefined : open(keys.key(purposeOf(kind)), sealed, binding(info));
  }

  /**
   * The documents of a kind, by id.
   *
   * @throws {LockedError} `vault_locked`; {DeniedError} `document_tampered`.
   */
  list(kind: string): DocumentInfo[] {
    const { ledger, keys } = this.#context;
    const expected = ledger.read(keys).digest(TABLE);
    const found = new LedgerChange(keys, 0, 0, new Map());
    const infos: DocumentInfo[] = [];
    for (const { intact, mac, ...info } of this.rows()) {
      found.toggle(TABLE, rowId(info), mac);
      if (info.kind !== kind) continue;
      if (!intact) throw documentTampered(info.kind, info.id);
      infos.push(info);
    }
    if (!equalInConstantTime(expected, found.digest(TABLE))) throw documentTampered(kind, undefined);
    return infos;
  }

  /**
   * Writes one, new or in the place of an older one, intact or not, durable when it returns.
   *
   * @param bytes the caller wipes them
   * @param entry the audit row of the change; null for bookkeeping that is no act of anyone
   * @throws {LockedError} `vault_locked`.
   */
  put(kind: string, id: string, bytes: Uint8Array, entry: AuditEntry | null): void {
    const { db, keys, now } = this.#context;
    this.#context.change((ledger) => {
      this.#strike(ledger, kind, id);
      const info = { kind, id, updatedAt: now() };
      const sealed = seal(keys.key(purposeOf(kind)), bytes, binding(info));
      const mac = documentMac(keys, info, sealed);
      db.prepare(
        "INSERT OR REPLACE INTO documents (kind, id, updated_at, nonce, tag, mac, ciphertext) VALUES (?, ?, ?, ?, ?, ?, ?)",
      ).run(kind, id, info.updatedAt, sealed.nonce, sealed.tag, mac, sealed.ciphertext);
      ledger.toggle(TABLE, rowId(info), mac);
      return [undefined, entry];
    });
  }

  /**
   * Removes one, intact or not; answers whether there was one.
   *
   * @throws {LockedError} `vault_locked`.
   */
  remove(kind: string, id: string, entry: AuditEntry | null): boolean {
    const isThere = this.rows().some((row) => row.kind === kind && row.id === id);
    if (!isThere) return false;
    this.#context.change((ledger) => {
      this.#strike(ledger, kind, id);
      this.#context.db.prepare("DELETE FROM documents WHERE kind = ? AND id = ?").run(kind, id);
      return [undefined, entry];
    });
    return true;
  }

  /** The rows as they stand, intact or not, without their contents. */
  rows(): StoredDocument[] {
    const { db, keys } = this.#context;
    return db.prepare("SELECT kind, id, updated_at, nonce, tag, mac FROM documents ORDER BY kind, id", {
      bigints: true,
    }).all().map((row) => {
      const columns = new Columns(row);
      const { info, head } = readRow(columns);
      const mac = columns.bytes("mac");
      const intact = !columns.damaged && equalInConstantTime(mac, documentMac(keys, info, head));
      return { ...info, mac, intact };
    });
  }

  #strike(ledger: LedgerChange, kind: string, id: string): void {
    const row = this.rows().find((row) => row.kind === kind && row.id === id);
    if (row !== undefined) ledger.toggle(TABLE, rowId(row), row.mac);
  }
}

/** Name of a document in the ledger. */
export function rowId({ kind, id }: DocumentInfo): string {
  return `${kind}/${id}`;
}

function readRow(columns: Columns): { info: DocumentInfo; head: Omit<Sealed, "ciphertext"> } {
  return {
    info: {
      kind: columns.text("kind"),
      id: columns.text("id"),
      updatedAt: columns.integer("updated_at"),
    },
    head: { nonce: columns.bytes("nonce"), tag: columns.bytes("tag") },
  };
}

/** The private key of the certificate authority has a key of its own. */
function purposeOf(kind: string): KeyPurpose {
  return kind === "ca" ? "ca" : "values";
}

function binding({ kind, id, updatedAt }: DocumentInfo): Uint8Array {
  return canonical(["wispkey document", FORMAT_VERSION, kind, id, updatedAt]);
}

/** Covers the content by its tag, so that a listing need not read it. */
function documentMac(
  keys: VaultKeys,
  { kind, id, updatedAt }: DocumentInfo,
  { nonce, tag }: Omit<Sealed, "ciphertext">,
): Uint8Array<ArrayBuffer> {
  return keys.mac("rows", canonical(["wispkey document", FORMAT_VERSION, kind, id, updatedAt, nonce, tag]));
}

function documentTampered(kind: string, id: string | undefined): DeniedError {
  const which = id === undefined ? "the documents" : `the document ${escapeText(`${kind}/${id}`)}`;
  return new DeniedError(`cannot use ${which} of the vault: changed behind our back`, {
    code: "document_tampered",
    hint: "wispkey doctor",
  });
}
