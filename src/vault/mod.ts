/**
 * The vault: keys, rows and log in one encrypted, authenticated database. It knows no proxy and no daemon.
 *
 * @module
 */

export type { AuditStore } from "./audit/store.ts";
export type { AuditCheck, AuditVerdict } from "./audit/check.ts";
export type { AuditJournal } from "./audit/journal.ts";
export type { Retention } from "./audit/prune.ts";
export type { AuditNote } from "./context.ts";
export type {
  CheckedCredential,
  CredentialFilter,
  CredentialStore,
  SealedCredential,
} from "./credentials.ts";
export type { Checked } from "./group_row.ts";
export type { DocumentInfo, DocumentStore } from "./documents.ts";
export { describeVault, readAuditPage, type VaultDescription } from "./inspect.ts";
export { DEFAULT_KDF_COST, KDF_LIMITS, type KdfCost, type KdfLimits } from "./kdf.ts";
export type { VaultOptions } from "./options.ts";
export type { PartitionDraft, PartitionStore } from "./partitions.ts";
export { MIN_PASSWORD_LENGTH } from "./password.ts";
export type { ProjectDraft, ProjectStore } from "./projects.ts";
export type { RetiredToken, RetirementReason } from "./retired_tokens.ts";
export type { SettingStore } from "./settings.ts";
export { Vault, type VaultInfo } from "./vault.ts";
export type { VaultProblem, VaultReport } from "./verify.ts";
