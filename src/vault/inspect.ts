/**
 * What can be told of a vault without its key.
 *
 * @module
 */

import type { AuditFilter, AuditPage } from "../core/audit.ts";
import { AuditIndex } from "./audit/block_index.ts";
import { pageOfAudit } from "./audit/query.ts";
import { Database } from "./database.ts";
import { requireDatabase } from "./files.ts";
import { readHeader } from "./header.ts";
import { checkSchema } from "./migrations.ts";

/** A locked vault as `status` shows it; nothing here is authenticated. */
export interface VaultDescription {
  /** Random UUID. */
  id: string;
  /** When it was made, milliseconds since the epoch. */
  createdAt: number;
  /** Number of credentials. */
  credentialCount: number;
  /** Version of its schema. */
  schemaVersion: number;
}

/**
 * Describes the vault in a directory.
 *
 * @throws {NotFoundError} `vault_not_found`; {FailedError} `newer_schema`, `vault_corrupt`.
 */
export function describeVault(directory: string): VaultDescription {
  return withDatabase(directory, (db, schemaVersion) => {
    const { id, createdAt } = readHeader(db);
    const credentialCount = Number(db.prepare("SELECT count(*) AS n FROM credentials").get()?.n ?? 0);
    return { id, createdAt, credentialCount, schemaVersion };
  });
}

/**
 * Reads the log of the vault in a directory, a page at a time; see {@linkcode pageOfAudit}.
 *
 * @throws as {@linkcode describeVault}.
 */
export async function readAuditPage(directory: string, filter: AuditFilter): Promise<AuditPage> {
  const db = Database.open(requireDatabase(directory), { readOnly: true });
  try {
    checkSchema(db);
    return await pageOfAudit(db, new AuditIndex(db), filter);
  } finally {
    db.close();
  }
}

function withDatabase<T>(directory: string, read: (db: Database, schemaVersion: number) => T): T {
  const db = Database.open(requireDatabase(directory), { readOnly: true });
  try {
    return read(db, checkSchema(db));
  } finally {
    db.close();
  }
}
