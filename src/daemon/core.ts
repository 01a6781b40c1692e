/**
 * What the life cycle needs of the daemon's heart (vault, proxy, session, operations), as an interface.
 *
 * @module
 */

import type { AuditRow } from "../core/audit.ts";
import type { DaemonStatus, ProxyInfo } from "./api.ts";
import type { CallerEnding } from "./callers.ts";
import type { DaemonReply, DaemonRequest } from "./request.ts";

/** Why a daemon ends: asked to stop, asked by a successor, told to by the system, or because another took its lock. */
export type Ending = "stop" | "handover" | "signal" | "replaced";

/** The core's part of {@linkcode DaemonStatus}. */
export type CoreStatus = Pick<
  DaemonStatus,
  "locked" | "locksAt" | "connections" | "scope" | "caBundlePath" | "caCertificatePath"
>;

/** The heart of a daemon. The life cycle calls `openWithKey` once and first, `close` (or, on failure, `wipe`) last. */
export interface DaemonCore {
  /**
   * Opens the vault.
   *
   * @param key the data key; copied, the caller wipes it
   * @throws {WispKeyError} why it cannot be opened; that ends the daemon and is told to whoever started it.
   */
  openWithKey(key: Uint8Array): Promise<void>;
  /** Answers every operation but `daemon.*`, `proxy.*` and `caller.hold`, which are the life cycle's. */
  dispatch(request: DaemonRequest): Promise<DaemonReply>;
  /** The core's part of `daemon.status`. */
  status(): CoreStatus;
  /** Where the proxy listens; null if it does not. */
  proxy(): ProxyInfo | null;
  /**
   * Opens the proxy's listener; 0 = any free port. Called only while it is closed.
   *
   * @param intercept whether the tunnels of plain callers are opened, too
   */
  openProxy(port: number, intercept: boolean): Promise<ProxyInfo>;
  /** From now on opens the tunnels of plain callers, too. Called only while the listener is open. */
  interceptAll(): ProxyInfo;
  /**
   * Closes the proxy's listener. The port is free when the call returns; the promise settles once requests under way
   * have ended, or were cut off after `drainMs` milliseconds.
   */
  closeProxy(drainMs: number): Promise<void>;
  /**
   * Opens a port more, at which who does not say who calls is asked to; 0 = any free port. Called only while the listener is
   * open.
   */
  openAsking(port: number): number;
  /** Closes such a port. Settles once requests under way have ended, or were cut off after `drainMs` milliseconds. */
  closeAsking(port: number, drainMs: number): Promise<void>;
  /** Drops what stands in for credentials from the environment, for the rest of this daemon's life. */
  dropFallbacks(): void;
  /** Tells every audit row as it is written; returns what ends it. */
  watch(watcher: (row: AuditRow) => void): () => void;
  /**
   * Holds a caller of the proxy, see `CallerRegistry.hold`.
   *
   * @throws {NotFoundError} `caller_not_found`.
   */
  holdCaller(id: string, onEnd: (why: CallerEnding) => void): () => void;
  /**
   * Drops the key. False if it was dropped already.
   *
   * @param asked whether somebody has asked for it: then answers that a secret was used for are cut, too
   */
  lock(reason: string, asked: boolean): boolean;
  /** Zeroes the key at once, without writing anything. */
  wipe(): void;
  /** Writes what is left, drops the key, closes the vault. A successor may be serving already. */
  close(reason: Ending): Promise<void>;
}
