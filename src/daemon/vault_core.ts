/**
 * The heart the real daemon runs with: the open vault, its proxy and its session behind {@linkcode DaemonCore}.
 *
 * @module
 */

import type { AuditRow } from "../core/audit.ts";
import { LockedError, NotFoundError } from "../core/errors.ts";
import type { ProxyInfo } from "./api.ts";
import type { CallerEnding } from "./callers.ts";
import type { CoreStatus, DaemonCore } from "./core.ts";
import type { DaemonReply, DaemonRequest } from "./request.ts";
import { lockedError, runOperation } from "./service.ts";
import { Session } from "./session.ts";
import { VaultDaemon, type VaultDaemonOptions } from "./vault_daemon.ts";

/** How the heart is made. */
export interface VaultCoreOptions
  extends Pick<VaultDaemonOptions, "directory" | "scope" | "version" | "fallbacks"> {
  /** Minutes without use before the key is dropped; 0 = never. */
  timeoutMinutes: number;
}

/** What is asked whether anybody uses the vault or not: by a guard at every turn of an agent, by whoever looks. */
const IDLE: ReadonlySet<string> = new Set(["guard.match", "policy.status"]);
const LOCK_REASONS = { idle: "not used for the time that was set", age: "open for 12 hours" } as const;

/** The open vault of a daemon process. */
export class VaultCore implements DaemonCore {
  readonly #options: VaultCoreOptions;
  readonly #session: Session;
  #daemon: VaultDaemon | undefined;

  /** Makes it; `openWithKey` brings it to life. */
  constructor(options: VaultCoreOptions) {
    this.#options = options;
    this.#session = new Session({
      idleMs: options.timeoutMinutes * 60_000,
      onLock: (reason) => void this.lock(LOCK_REASONS[reason], false),
    });
  }

  /** See {@linkcode DaemonCore.openWithKey}. */
  async openWithKey(key: Uint8Array | null): Promise<void> {
    if (key === null) throw lockedError();
    this.#daemon = await VaultDaemon.open({ ...this.#options, key, session: this.#session });
    this.#daemon.note({
      event: "DaemonStarted",
      reason: `pid ${Deno.pid}, version ${this.#options.version}`,
    });
    this.#session.start();
  }

  /** See {@linkcode DaemonCore.dispatch}. Acts that use the key keep the session awake. */
  async dispatch({ op, params, payload, proof, caller }: DaemonRequest): Promise<DaemonReply> {
    const daemon = this.#opened();
    this.#session.check();
    const takeNonce = (nonce: Uint8Array) => caller.takeNonce(nonce);
    const outcome = await runOperation(daemon, { kind: "caller", proof, takeNonce }, op, params, payload);
    if (!daemon.vault.locked && !IDLE.has(op)) this.#session.touch();
    return outcome;
  }

  /** See {@linkcode DaemonCore.status}. */
  status(): CoreStatus {
    const daemon = this.#opened();
    const { locked } = daemon.vault;
    return {
      locked,
      locksAt: locked ? null : this.#session.locksAt,
      connections: daemon.connections,
      scope: daemon.scope,
      ...daemon.trustFiles,
    };
  }

  /** See {@linkcode DaemonCore.proxy}. */
  proxy(): ProxyInfo | null {
    return this.#daemon?.proxyInfo ?? null;
  }

  /** See {@linkcode DaemonCore.openProxy}. */
  async openProxy(port: number, intercept: boolean): Promise<ProxyInfo> {
    return await this.#opened().openProxy(port, intercept);
  }

  /** See {@linkcode DaemonCore.interceptAll}. */
  interceptAll(): ProxyInfo {
    return this.#opened().interceptAll();
  }

  /** See {@linkcode DaemonCore.closeProxy}. */
  async closeProxy(drainMs: number): Promise<void> {
    await this.#daemon?.closeProxy(drainMs);
  }

  /** See {@linkcode DaemonCore.openAsking}. */
  openAsking(port: number): number {
    return this.#opened().openAsking(port);
  }

  /** See {@linkcode DaemonCore.closeAsking}. */
  async closeAsking(port: number, drainMs: number): Promise<void> {
    await this.#daemon?.closeAsking(port, drainMs);
  }

  /** See {@linkcode DaemonCore.dropFallbacks}. */
  dropFallbacks(): void {
    this.#daemon?.dropFallbacks();
  }

  /** See {@linkcode DaemonCore.watch}. */
  watch(watcher: (row: AuditRow) => void): () => void {
    return this.#opened().watch(watcher);
  }

  /** See {@linkcode DaemonCore.holdCaller}. */
  holdCaller(id: string, onEnd: (why: CallerEnding) => void): () => void {
    const release = this.#opened().callers().hold(id, onEnd);
    if (release !== null) return release;
    throw new NotFoundError("cannot hold the caller: it has ended", {
      code: "caller_not_found",
      hint: "wispkey callers list",
    });
  }

  /** See {@linkcode DaemonCore.lock}. */
  lock(reason: string, asked: boolean): boolean {
    this.#session.end();
    return this.#daemon?.lock(reason, asked) ?? false;
  }

  /** See {@linkcode DaemonCore.wipe}. */
  wipe(): void {
    this.#daemon?.wipe();
  }

  /** See {@linkcode DaemonCore.close}. */
  async close(reason: string): Promise<void> {
    this.#session.end();
    this.#daemon?.note({
      event: reason === "handover" || reason === "replaced" ? "DaemonReplaced" : "DaemonStopped",
      reason,
    });
    await this.#daemon?.close();
  }

  #opened(): VaultDaemon {
    if (this.#daemon !== undefined) return this.#daemon;
    throw new LockedError("the daemon has no vault", { code: "vault_locked", hint: "wispkey unlock" });
  }
}
