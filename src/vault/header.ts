/**
 * The vault's one header row: who it is, and how the password leads to its data key.
 *
 * @module
 */

import { equalInConstantTime } from "../core/bytes.ts";
import { canonical } from "../core/canonical.ts";
import { FailedError } from "../core/errors.ts";
import { escapeText } from "../core/name.ts";
import { Columns } from "./columns.ts";
import type { Database } from "./database.ts";
import type { KdfParameters } from "./kdf.ts";
import { FORMAT_VERSION, VaultKeys, type WrappedKey } from "./keys.ts";

/** The header row. */
export interface VaultHeader {
  /** Random UUID. */
  id: string;
  /** Milliseconds since the epoch. */
  createdAt: number;
  /** Leads from the password to the key that wraps the data key. */
  kdf: KdfParameters;
  /** The data key, wrapped. */
  key: WrappedKey;
  /** Tells the right data key from any other; see {@linkcode keyCheck}. */
  keyCheck: Uint8Array;
}

/**
 * Reads the header row.
 *
 * @throws {FailedError} `vault_corrupt`.
 */
export function readHeader(db: Database): VaultHeader {
  const row = db.prepare("SELECT * FROM vault", { bigints: true }).get();
  const columns = new Columns(row ?? {});
  const header: VaultHeader = {
    id: columns.text("id"),
    createdAt: columns.integer("created_at"),
    kdf: {
      memoryKiB: columns.integer("kdf_memory_kib"),
      passes: columns.integer("kdf_passes"),
      parallelism: columns.integer("kdf_parallelism"),
      salt: columns.bytes("kdf_salt"),
    },
    key: { nonce: columns.bytes("key_nonce"), wrapped: columns.bytes("wrapped_key") },
    keyCheck: columns.bytes("key_check"),
  };
  if (!columns.damaged) return header;
  throw new FailedError(`cannot open '${escapeText(db.path)}': its header is damaged`, {
    code: "vault_corrupt",
    hint: "put back a copy of the vault directory that you trust",
  });
}

/** Writes the header row, inside a transaction. */
export function writeHeader(db: Database, header: VaultHeader): void {
  const { id, createdAt, kdf, key, keyCheck } = header;
  db.prepare(
    `INSERT OR REPLACE INTO vault (one, id, created_at, kdf_memory_kib, kdf_passes, kdf_parallelism, kdf_salt,
       key_nonce, wrapped_key, key_check) VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  ).run(
    id,
    createdAt,
    kdf.memoryKiB,
    kdf.passes,
    kdf.parallelism,
    kdf.salt,
    key.nonce,
    key.wrapped,
    keyCheck,
  );
}

/** A MAC that only the vault's own data key gives. */
export function keyCheck(keys: VaultKeys, vaultId: string): Uint8Array<ArrayBuffer> {
  return keys.mac("rows", canonical(["wispkey key check", FORMAT_VERSION, vaultId]));
}

/** The keys of the vault if `dataKey` is its own, else `undefined`. */
export function keysFor(dataKey: Uint8Array, header: VaultHeader): VaultKeys | undefined {
  const keys = new VaultKeys(dataKey, header.id);
  if (equalInConstantTime(keyCheck(keys, header.id), header.keyCheck)) return keys;
  keys.wipe();
  return undefined;
}
