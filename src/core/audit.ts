/**
 * Audit events: what is written down, never a token or a secret, never a query string.
 *
 * @module
 */

/** Kinds of events, in the words of the log's EVENT column. */
export const AUDIT_EVENTS = [
  "VaultCreated",
  "VaultUnlocked",
  "VaultLocked",
  "UnlockFailed",
  "PasswordChanged",
  "CredentialAdded",
  "CredentialEdited",
  "CredentialRemoved",
  "CredentialRotated",
  "CredentialValueReplaced",
  "CredentialRevealed",
  "TokenDisclosed",
  "CredentialUsed",
  "FallbackUsed",
  "CredentialUseFinished",
  "CredentialDenied",
  "PolicyDenied",
  "PolicyWouldDeny",
  "PolicyApplied",
  "ResponseScrubbed",
  "ProjectCreated",
  "ProjectRenamed",
  "ProjectDeleted",
  "ProjectExported",
  "ProjectImported",
  "PartitionCreated",
  "PartitionRenamed",
  "PartitionDeleted",
  "PartitionExported",
  "PartitionImported",
  "CredentialExported",
  "CredentialImported",
  "FileBackedUp",
  "FileRestored",
  "FileForgotten",
  "VaultMigrated",
  "VaultRestored",
  "SettingChanged",
  "ApprovalAsked",
  "ApprovalGranted",
  "ApprovalDenied",
  "ApprovalTimedOut",
  "ApprovalCancelled",
  "LogPruned",
  "LogExported",
  "CaCreated",
  "CaRenewed",
  "TunnelOpened",
  "TunnelClosed",
  "TunnelBlind",
  "InterceptionFailed",
  "CallerOpened",
  "CallerEnded",
  "CallerRevoked",
  "CallerRefused",
  "GuessesRefused",
  "ProxyStarted",
  "ProxyStopped",
  "DaemonStarted",
  "DaemonReplaced",
  "DaemonStopped",
  "VaultChangedOutside",
] as const;

/** One of {@linkcode AUDIT_EVENTS}. */
export type AuditEvent = typeof AUDIT_EVENTS[number];

/** What one audit row says. Everything but `event` may be absent (null in the table). */
export interface AuditEntry {
  /** What happened. */
  event: AuditEvent;
  /** Name of the credential concerned. */
  credential?: string;
  /** Name of its project. */
  project?: string;
  /** Keyed fingerprint of the token, 16 hex digits; never the token. */
  tokenFingerprint?: string;
  /** Who called: a `run` caller's name; absent for plain callers. */
  caller?: string;
  /** `host` or `host:port`, lower case. */
  host?: string;
  /** Path without query. */
  path?: string;
  /** Request method. */
  method?: string;
  /** Response status, once known. */
  status?: number;
  /** Whether a rule or check refused it. */
  denied?: boolean;
  /** Why: a denial's or failure's reason, or a detail of the act. */
  reason?: string;
  /** Id by which a refusal can be asked about, as its answer carries it. */
  requestId?: string;
  /** Name of the policy that decided. */
  policy?: string;
  /** Sequence number of the row this one completes (`CredentialUseFinished`). */
  refersTo?: number;
  /** Bytes of request body sent upstream. */
  bytesOut?: number;
  /** Bytes of response body received. */
  bytesIn?: number;
  /** Whole duration in milliseconds. */
  durationMs?: number;
}

/** An entry with its time, ms since the epoch. */
export interface TimedEntry {
  /** What is to be written. */
  readonly entry: AuditEntry;
  /** When it happened. */
  readonly at: number;
}

/** A row as read back. */
export interface AuditRow extends AuditEntry {
  /** Sequence number, from 1 without gaps. */
  seq: number;
  /** Milliseconds since the epoch, UTC. */
  at: number;
  /** Whether the row carries the keyed chain's MAC; rows written while locked cannot. */
  authenticated: boolean;
}

/** Rows of one answer, of a search that may have more. */
export interface AuditPage {
  /** In the order of the search: oldest first, or with `last` newest first. */
  rows: AuditRow[];
  /** What takes the place of `afterSeq`, or with `last` of `upToSeq`, to go on; null at the end. A page may be empty before it. */
  next: number | null;
}

/** Which rows to read. */
export interface AuditFilter {
  /** At most so many of the newest. */
  last?: number;
  /** Only this credential's. */
  credential?: string;
  /** Only this caller's. */
  caller?: string;
  /** Only this host's: `host` or `host:port` as it was written down; without a port, of every port. */
  host?: string;
  /** Only this kind of event. */
  event?: AuditEvent;
  /** Only refusals, or with false only what was not refused. */
  denied?: boolean;
  /** Only rows at or after this time, ms. */
  since?: number;
  /** Only rows before this time, ms. */
  until?: number;
  /** Only rows with `seq` greater than this. */
  afterSeq?: number;
  /** Only rows with `seq` up to this. */
  upToSeq?: number;
}
