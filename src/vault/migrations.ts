/**
 * The schema of the vault and the steps that lead to it.
 *
 * @module
 */

import { FailedError } from "../core/errors.ts";
import { escapeText } from "../core/name.ts";
import { APPLICATION_ID, type Database } from "./database.ts";

/**
 * Statements that lead from one schema version to the next; the first from an empty file to version 1. Never reword one:
 * `schema_guard.ts` compares each vault with what they make, text by text.
 */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE vault (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    id TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    kdf_memory_kib INTEGER NOT NULL,
    kdf_passes INTEGER NOT NULL,
    kdf_parallelism INTEGER NOT NULL,
    kdf_salt BLOB NOT NULL,
    key_nonce BLOB NOT NULL,
    wrapped_key BLOB NOT NULL,
    key_check BLOB NOT NULL
  ) STRICT;

  CREATE TABLE state (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    generation INTEGER NOT NULL,
    nonce BLOB NOT NULL,
    tag BLOB NOT NULL,
    sealed BLOB NOT NULL
  ) STRICT;

  CREATE TABLE attempts (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    failures INTEGER NOT NULL,
    last_failed_at INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE projects (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    description TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    mac BLOB NOT NULL
  ) STRICT;

  CREATE TABLE partitions (
    id TEXT PRIMARY KEY,
    project_id TEXT NOT NULL REFERENCES projects (id),
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    mac BLOB NOT NULL,
    UNIQUE (project_id, name),
    UNIQUE (project_id, id)
  ) STRICT;

  CREATE TABLE credentials (
    id TEXT PRIMARY KEY,
    project_id TEXT NOT NULL,
    partition_id TEXT NOT NULL,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    type TEXT NOT NULL,
    place TEXT,
    hosts TEXT NOT NULL,
    tags TEXT NOT NULL,
    token TEXT NOT NULL UNIQUE,
    revision INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    last_used_at INTEGER,
    mac BLOB NOT NULL,
    nonce BLOB NOT NULL,
    tag BLOB NOT NULL,
    ciphertext BLOB NOT NULL,
    UNIQUE (project_id, name),
    FOREIGN KEY (project_id, partition_id) REFERENCES partitions (project_id, id)
  ) STRICT;
  CREATE INDEX credentials_by_partition ON credentials (project_id, partition_id);

  CREATE TABLE retired_tokens (
    fingerprint BLOB PRIMARY KEY,
    credential_id TEXT NOT NULL,
    credential_name TEXT NOT NULL,
    project_id TEXT NOT NULL,
    reason TEXT NOT NULL,
    retired_at INTEGER NOT NULL,
    mac BLOB NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE settings (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL,
    mac BLOB NOT NULL
  ) STRICT;

  CREATE TABLE audit (
    seq INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    record TEXT NOT NULL,
    mac BLOB
  ) STRICT;

  CREATE TABLE audit_head (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    seq INTEGER NOT NULL,
    link BLOB NOT NULL,
    mac BLOB NOT NULL
  ) STRICT;

  CREATE TABLE audit_journal (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    generation INTEGER NOT NULL
  ) STRICT;
  INSERT INTO audit_journal VALUES (1, 1);
  `,
  `
  CREATE TABLE documents (
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    nonce BLOB NOT NULL,
    tag BLOB NOT NULL,
    mac BLOB NOT NULL,
    ciphertext BLOB NOT NULL,
    PRIMARY KEY (kind, id)
  ) STRICT;
  `,
  "ALTER TABLE credentials ADD COLUMN hosts_confirmed INTEGER NOT NULL DEFAULT 0",
  `
  CREATE TABLE audit_start (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    seq INTEGER NOT NULL,
    link BLOB NOT NULL,
    mac BLOB NOT NULL
  ) STRICT;

  CREATE TABLE audit_blocks (
    first INTEGER PRIMARY KEY,
    min_at INTEGER NOT NULL,
    max_at INTEGER NOT NULL,
    words TEXT NOT NULL,
    cells BLOB NOT NULL,
    times BLOB NOT NULL
  ) STRICT;
  `,
];

/** The schema version this program writes. */
export const SCHEMA_VERSION: number = MIGRATIONS.length;

/**
 * Checks that an existing file is a vault of a version this program knows; answers the version.
 *
 * @throws {FailedError} `vault_corrupt` if it is no vault, `newer_schema` if a newer program wrote it.
 */
export function checkSchema(db: Database, latest: number = SCHEMA_VERSION): number {
  const version = db.pragma("user_version");
  const shown = escapeText(db.path);
  if (db.pragma("application_id") !== APPLICATION_ID || version < 1) {
    if (isEarlierVault(db)) {
      throw new FailedError(`cannot open '${shown}': an earlier build of WispKey made this vault`, {
        code: "earlier_vault",
        hint: "wispkey migrate",
      });
    }
    throw new FailedError(`cannot open '${shown}': it is not a WispKey vault`, {
      code: "vault_corrupt",
      hint: "name the vault's directory in WISPKEY_VAULT_PATH",
    });
  }
  if (version > latest) {
    throw new FailedError(
      `cannot open '${shown}': a newer WispKey wrote it (schema ${version}, this one knows ${latest})`,
      { code: "newer_schema", hint: "update wispkey, or name another vault in WISPKEY_VAULT_PATH" },
    );
  }
  return version;
}

function isEarlierVault(db: Database): boolean {
  return db.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'vault_meta'").get() !==
    undefined;
}

/** Makes an empty file a vault without rows, in one transaction. */
export function createSchema(db: Database): void {
  db.transaction("power", () => apply(db, MIGRATIONS, 0));
}

/**
 * Brings an existing vault to the latest schema, all steps in one transaction.
 *
 * @param migrations the steps; other than the real ones only in tests
 * @throws {FailedError} as {@linkcode checkSchema}.
 */
export function migrate(db: Database, migrations: readonly string[] = MIGRATIONS): void {
  if (checkSchema(db, migrations.length) === migrations.length) return;
  // Another process may have done it while this one waited for the lock.
  db.transaction("power", () => apply(db, migrations, checkSchema(db, migrations.length)));
}

function apply(db: Database, migrations: readonly string[], from: number): void {
  for (const step of migrations.slice(from)) db.exec(step);
  db.exec(`PRAGMA application_id=${APPLICATION_ID}; PRAGMA user_version=${migrations.length}`);
}
