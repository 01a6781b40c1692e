/**
 * Puts the stores of a vault together over one database.
 *
 * @module
 */

import { AuditStore } from "./audit/store.ts";
import { VaultContext } from "./context.ts";
import { CredentialStore } from "./credentials.ts";
import type { Database } from "./database.ts";
import type { VaultKeys } from "./keys.ts";
import { DocumentStore } from "./documents.ts";
import { Ledger } from "./ledger.ts";
import { PartitionStore } from "./partitions.ts";
import { ProjectStore } from "./projects.ts";
import { SettingStore } from "./settings.ts";

/** Everything that reads and writes one vault's database. */
export interface VaultParts {
  /** What the stores share. */
  context: VaultContext;
  /** The credentials. */
  credentials: CredentialStore;
  /** The projects. */
  projects: ProjectStore;
  /** The partitions. */
  partitions: PartitionStore;
  /** The settings. */
  settings: SettingStore;
  /** The sealed documents. */
  documents: DocumentStore;
}

/** Makes the stores; `keys` answers `undefined` once the vault is locked. */
export function assemble(
  db: Database,
  vaultId: string,
  keys: () => VaultKeys | undefined,
  now: () => number,
): VaultParts {
  const ledger = new Ledger(db, vaultId);
  const leastSeq = () => {
    const current = keys();
    return current === undefined ? 0 : ledger.auditSeq(current);
  };
  const audit = new AuditStore(db, vaultId, keys, leastSeq);
  const context = new VaultContext({ db, audit, ledger, now, keys });
  const partitions = new PartitionStore(context);
  return {
    context,
    credentials: new CredentialStore(context),
    projects: new ProjectStore(context, partitions),
    partitions,
    settings: new SettingStore(context),
    documents: new DocumentStore(context),
  };
}
