/**
 * Fills the database of a new vault.
 *
 * @module
 */

import { DEFAULT_PROJECT } from "../core/credential.ts";
import { Database } from "./database.ts";
import { type VaultHeader, writeHeader } from "./header.ts";
import type { VaultKeys } from "./keys.ts";
import { createSchema } from "./migrations.ts";
import { assemble } from "./parts.ts";

/** Writes schema, header, the first project with its partition, and the log's first row; closes the file whole. */
export function buildDatabase(path: string, header: VaultHeader, keys: VaultKeys, now: () => number): void {
  const db = Database.open(path);
  try {
    createSchema(db);
    const { context, projects } = assemble(db, header.id, () => keys, now);
    db.transaction("power", () => {
      writeHeader(db, header);
      context.ledger.write(keys, context.ledger.blank(keys));
      context.change((ledger) => {
        projects.insert(ledger, DEFAULT_PROJECT, { name: DEFAULT_PROJECT, description: "" });
        return [undefined, { event: "VaultCreated" }];
      });
    });
    db.checkpoint();
  } finally {
    db.close();
  }
}
