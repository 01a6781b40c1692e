/**
 * What the command line needs of the vault and its daemon, as interfaces. `program/real_io.ts` joins the real ones; tests
 * join a vault in memory.
 *
 * @module
 */

import type { AuditFilter, AuditPage } from "../core/audit.ts";
import type {
  Answer,
  DaemonStatus,
  Finding,
  OperationName,
  Params,
  ProxyInfo,
  ServeEvent,
  VaultClient,
} from "../daemon/api.ts";

/** Proves knowledge of the master password for one act, without the password crossing a socket. */
export interface Prover {
  /** MAC over the daemon's nonce and the canonical text of the act. */
  prove(nonce: Uint8Array, act: Uint8Array): Promise<Uint8Array>;
  /** Seals the payload that goes along with the act. */
  seal(nonce: Uint8Array, payload: Uint8Array): Uint8Array;
  /** Opens the payload that comes back; the caller wipes it. */
  open(nonce: Uint8Array, sealed: Uint8Array): Uint8Array<ArrayBuffer>;
  /** Forgets the derived key. */
  wipe(): void;
}

/** A connection to the running daemon. */
export interface DaemonClient extends VaultClient {
  /** Calls an operation together with a proof of the password for exactly this act. */
  callWithPassword<N extends OperationName>(
    name: N,
    params: Params<N>,
    prover: Prover,
    payload?: Uint8Array,
  ): Promise<Answer<N>>;
  /**
   * Follows the log until the signal aborts or the listener is closed by someone else.
   *
   * @returns `interrupted` if the signal ended it, `closed` otherwise
   */
  watch(
    onEvent: (event: ServeEvent) => void,
    options: { closeOnEnd: boolean; signal: AbortSignal },
  ): Promise<"interrupted" | "closed">;
  /**
   * Holds a caller until this connection is closed, and opens the proxy.
   *
   * @returns where the proxy listens, and what settles when the caller ends, or as `closed` when the connection does
   */
  holdCaller(
    params: Params<"caller.hold">,
  ): Promise<{ proxy: ProxyInfo; askingPort: number | null; ended: Promise<string> }>;
}

/** How a fresh daemon is to be started. */
export interface StartOptions {
  /** Lock after so many minutes without use, 0 = never; undefined = the vault's setting. */
  timeoutMinutes: number | undefined;
  /** Project that plain callers are bound to; null = all. */
  scope: string | null;
}

/** What `unlock` tells about the vault it opened and the daemon it started. */
export interface UnlockReport {
  /** The fresh daemon. */
  status: DaemonStatus;
  /** Minutes without use after which it locks; 0 = never. */
  timeoutMinutes: number;
  /** Newest use of a credential in the log, if there is one. */
  lastUse: { at: number; credential: string; host: string } | null;
  /** Rows in the log. */
  logRows: number;
  /** First characters of the log's authenticated head. */
  logHead: string;
  /** Names of environment variables that were passed on to the daemon. */
  environment: string[];
  /** The same for people: each fallback with where it may go. */
  fallbacks: string[];
  /** Program files that this user, and so an agent, can write. */
  writableProgramFiles: string[];
}

/** What can be told about a vault without its key. */
export interface VaultDescription {
  /** When it was made, ms. */
  createdAt: number;
  /** Credentials of all projects. */
  credentialCount: number;
}

/** The vault directory and the daemon that belongs to it. */
export interface Backend {
  /** Whether the directory holds a vault. */
  exists(): Promise<boolean>;
  /** What is known without the key; null if there is no vault. */
  describe(): Promise<VaultDescription | null>;
  /** Makes a vault. Does not start a daemon. */
  create(password: Uint8Array): Promise<void>;
  /** Connects to the running daemon; null if there is none. */
  connect(): Promise<DaemonClient | null>;
  /**
   * Opens the vault in this process, for one command.
   *
   * @throws {LockedError} `wrong_password`.
   */
  openDirect(password: Uint8Array): Promise<VaultClient>;
  /** Starts a fresh, unlocked daemon; an older one hands over and ends. Its key is derived here and passed by pipe. */
  startDaemon(password: Uint8Array, options: StartOptions): Promise<UnlockReport>;
  /** Derives what proves the password to the daemon. */
  proveWith(password: Uint8Array): Promise<Prover>;
  /** Wraps the data key under a new password. */
  changePassword(current: Uint8Array, next: Uint8Array): Promise<void>;
  /** Reads the next page of the log without the key: oldest first, or with `last` newest first. */
  readLog(filter: AuditFilter): Promise<AuditPage>;
  /** Looks at everything that can be judged without the key: files, modes, daemon, program. */
  inspect(): Promise<Finding[]>;
  /** Name of the project chosen with `project use`; null if none was. */
  readActiveProject(): Promise<string | null>;
  /** Chooses the project. */
  writeActiveProject(name: string): Promise<void>;
}
