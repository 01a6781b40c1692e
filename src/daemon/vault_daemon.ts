/**
 * The daemon's heart: the open vault, its index of tokens, the log, the proxy and the session, joined. The life of the
 * process around it (socket, singleton, replacement) is in `lifecycle.ts`.
 *
 * @module
 */

import type { AuditEntry, AuditRow } from "../core/audit.ts";
import { sortedJson } from "../core/act.ts";
import { NotFoundError } from "../core/errors.ts";
import type { SettingValues } from "../core/settings.ts";
import { logger } from "../platform/logging.ts";
import { vaultFiles } from "../platform/paths.ts";
import { networkOf, type ProxyNetwork } from "../proxy/network.ts";
import type { ProxyLimits } from "../proxy/ports.ts";
import { Proxy } from "../proxy/proxy.ts";
import { exemptHosts } from "../proxy/tunnel/exempt_hosts.ts";
import { UnderWay } from "../proxy/under_way.ts";
import { type AuditJournal, Vault } from "../vault/mod.ts";
import type { DaemonStatus, ProxyInfo } from "./api.ts";
import { ApprovalDesk } from "./approvals/desk.ts";
import { AuditWriter } from "./audit_writer.ts";
import { AutoFixNotes } from "./auto_fix_notes.ts";
import { type FallbackCredential, Fallbacks, type TakenFallback } from "./fallbacks.ts";
import { LocalAuthority } from "./authority/local_authority.ts";
import { writeTrustFiles } from "./authority/trust_files.ts";
import { CallerRegistry } from "./callers.ts";
import { GuessBudget } from "./guess_budget.ts";
import { type SessionKeeper, VaultKeyring } from "./keyring.ts";
import { LogKeeper } from "./log_keeper.ts";
import { effectiveSettings } from "./operations/settings.ts";
import { stagingArea } from "./operations/staging.ts";
import type { OperationContext } from "./operations/types.ts";
import { PolicyKeeper } from "./policies/keeper.ts";
import { RefusedRequests } from "./refused_requests.ts";
import { describeDifference, OutsideChanges, POLL_MS } from "./outside_changes.ts";

const log = logger("daemon");

/** Largest head of a request or response, bytes. */
const MAX_HEAD_BYTES = 64 * 1024;
/** Most header fields of a message. */
const MAX_HEADER_FIELDS = 200;
/** How long `unlock` waits for earlier uses to be counted for rate limits, milliseconds. */
const COUNT_MS = 5_000;
/** How long requests under way may go on when the listener closes, milliseconds. */
export const DRAIN_MS = 10_000;

/** So long another process may hold the database locked, milliseconds; nothing is answered meanwhile, not even `lock`. */
const WAIT_MS = 1_000;

/** How a {@linkcode VaultDaemon} is made. */
export interface VaultDaemonOptions {
  /** The vault directory. */
  directory: string;
  /** The data key; copied, the caller wipes it. */
  key: Uint8Array;
  /** Project that plain callers are bound to; null = all. */
  scope: string | null;
  /** Program version, for `GET /health`. */
  version: string;
  /** Variables that stand in for credentials; wiped. */
  fallbacks?: readonly TakenFallback[];
  /** Decides whether the key may still be used, and is told of each use. */
  session: SessionKeeper;
}

/** An open vault with its proxy. */
export class VaultDaemon implements OperationContext {
  /** The vault, open or locked. */
  readonly vault: Vault;
  /** Project that plain callers are bound to; null = all. */
  readonly scope: string | null;
  /** See {@linkcode OperationContext.guesses}. */
  readonly guesses = new GuessBudget();
  /** See {@linkcode OperationContext.refusedRequests}. */
  readonly refusedRequests = new RefusedRequests();
  /** See {@linkcode OperationContext.approvals}. */
  readonly approvals: ApprovalDesk;
  readonly #keyring: VaultKeyring;
  readonly #callers: CallerRegistry;
  readonly #policies: PolicyKeeper;
  readonly #notes: AutoFixNotes;
  readonly #fallbacksUsed = new Set<string>();
  readonly #journal: AuditJournal;
  readonly #writer: AuditWriter;
  readonly #authority: LocalAuthority;
  readonly #underWay = new UnderWay();
  readonly #proxy: Proxy;
  readonly #keeper: LogKeeper;
  readonly #outside: OutsideChanges;
  readonly #poll: ReturnType<typeof setInterval>;
  #settings: SettingValues;
  #network: ProxyNetwork;
  #isExempt: (host: string, port: number) => boolean;

  private constructor(vault: Vault, options: VaultDaemonOptions) {
    this.vault = vault;
    this.scope = options.scope;
    this.#settings = effectiveSettings(vault);
    this.#network = networkOf(this.#settings);
    this.#isExempt = exemptHosts(this.#settings["proxy.never_intercept"]);
    this.#journal = vault.openJournal();
    vault.waitAtMost(WAIT_MS);
    this.#writer = new AuditWriter(this.#journal, { now: Date.now, authenticated: () => !vault.locked });
    this.#notes = new AutoFixNotes(options.directory);
    const fallbacks = new Fallbacks(options.fallbacks ?? [], (token) => vault.tokenFingerprint(token));
    this.#keyring = new VaultKeyring(vault, options.session, fallbacks, (used) => this.#noteFallback(used));
    this.#keyring.scope = options.scope === null ? null : scopeId(vault, options.scope);
    this.#authority = new LocalAuthority(vault);
    this.#callers = new CallerRegistry({
      vault,
      note: (entry) => this.#writer.note(entry),
      requireCaller: () => this.#settings["proxy.require_caller"],
      onEnd: () => this.#underWay.rightsChanged(),
    });
    this.approvals = new ApprovalDesk({
      note: (entry) => this.#writer.note(entry),
      timeoutMs: () => this.#settings["proxy.approval_timeout"] * 1000,
      locked: () => vault.locked,
    });
    this.#policies = new PolicyKeeper({
      vault,
      path: vaultFiles(options.directory).policies,
      past: { settleAudit: this.settleAudit, subjects: () => this.#keyring.subjects() },
      now: Date.now,
    });
    this.#proxy = new Proxy({
      approvals: this.approvals,
      keyring: this.#keyring,
      audit: this.#writer,
      callers: this.#callers,
      policy: this.#policies,
      limits: () => proxyLimits(this.#settings),
      network: () => this.#network,
      health: () => ({ locked: vault.locked, version: options.version }),
      onRefused: (refused) => this.refusedRequests.note(refused),
      underWay: this.#underWay,
      certificates: this.#authority,
      neverIntercept: (host, port) => this.#isExempt(host, port),
    }, { onDefect: (error) => log.error("a request met a defect of the program", { error }) });
    if (!this.#keyring.isComplete()) {
      this.#writer.note({
        event: "VaultChangedOutside",
        reason: "credentials were removed, or put back as they were",
      });
    }
    this.#keeper = new LogKeeper({
      vault,
      settings: () => this.#settings,
      busy: () => this.#writer.busy,
      isIndexed: () => this.#journal.isElsewhere,
    });
    this.#keeper.start();
    this.#outside = new OutsideChanges(vault, this.#journal);
    this.#poll = setInterval(() => this.#lookOutside(), POLL_MS);
  }

  /**
   * Opens a vault with its key.
   *
   * @throws what {@linkcode Vault.openWithKey} throws; {NotFoundError} `project_not_found` for the scope.
   */
  static async open(options: VaultDaemonOptions): Promise<VaultDaemon> {
    const vault = await Vault.openWithKey(options.directory, options.key);
    try {
      const daemon = new VaultDaemon(vault, options);
      await Promise.all([daemon.#writeTrustFiles(), daemon.#policies.countedWithin(COUNT_MS)]);
      return daemon;
    } catch (error) {
      vault.close();
      throw error;
    }
  }

  /** Settings in force. */
  get settings(): Readonly<SettingValues> {
    return this.#settings;
  }

  /** Live client connections of the proxy. */
  get connections(): number {
    return this.#proxy.connections;
  }

  /** Where the proxy listens; null if it does not. */
  get proxyInfo(): ProxyInfo | null {
    const { port } = this.#proxy;
    if (port === null) return null;
    const { intercept, askingPorts } = this.#proxy;
    const address = `http://127.0.0.1:${port}`;
    return { pid: Deno.pid, port, address, project: this.scope, intercept, askingPorts };
  }

  /** The files that tell programs to trust the local authority; null without one, or while locked. */
  get trustFiles(): Pick<DaemonStatus, "caBundlePath" | "caCertificatePath"> {
    if (this.#authority.authority === null) return { caBundlePath: null, caCertificatePath: null };
    const { caBundle, caCertificate } = vaultFiles(this.vault.directory);
    return { caBundlePath: caBundle, caCertificatePath: caCertificate };
  }

  /** See {@linkcode OperationContext.credentialChanged}. */
  credentialChanged = (id: string): void => {
    this.#keyring.refresh(id);
    this.#underWay.rightsChanged();
  };

  /** See {@linkcode OperationContext.callers}. */
  callers = (): CallerRegistry => this.#callers;

  /** See {@linkcode OperationContext.policies}. */
  policies = (): PolicyKeeper => this.#policies;

  /** See {@linkcode OperationContext.settleAudit}. */
  settleAudit = (): void => this.#writer.flush();

  /** See {@linkcode OperationContext.settingsChanged}. */
  settingsChanged = (): void => {
    const before = this.#settings;
    const next = effectiveSettings(this.vault);
    if (sortedJson(next) === sortedJson(before)) return;
    this.#settings = next;
    if (next["proxy.extra_ca"].join() !== before["proxy.extra_ca"].join()) void this.#writeTrustFiles();
    this.#network = networkOf(next);
    this.#isExempt = exemptHosts(next["proxy.never_intercept"]);
    this.#keeper.pruneSoon();
  };

  /** See {@linkcode OperationContext.authorityChanged}. */
  authorityChanged = (): void => this.#authority.reload();

  /** Opens the listener, or answers the one that is open; see {@linkcode DaemonCore.openProxy}. */
  async openProxy(port: number, intercept: boolean): Promise<ProxyInfo> {
    if (this.#proxy.port === null) {
      try {
        await this.#proxy.open({ port, intercept });
      } catch (error) {
        this.#writer.note({
          event: "ProxyStopped",
          reason: error instanceof Error ? error.message : String(error),
        });
        throw error;
      }
      this.#writer.note({
        event: "ProxyStarted",
        host: `127.0.0.1:${this.#proxy.port}`,
        ...(this.scope === null ? {} : { project: this.scope }),
      });
      this.#writer.flush();
    }
    const info = this.proxyInfo;
    if (info === null) throw new Error("the listener closed while it was opened");
    return info;
  }

  /** See {@linkcode DaemonCore.interceptAll}. */
  interceptAll(): ProxyInfo {
    this.#proxy.interceptAll();
    const info = this.proxyInfo;
    if (info === null) throw new Error("the listener is closed");
    return info;
  }

  /** See {@linkcode DaemonCore.openAsking}. */
  openAsking(port: number): number {
    return this.#proxy.openAsking(port);
  }

  /** See {@linkcode DaemonCore.closeAsking}. */
  closeAsking(port: number, drainMs: number): Promise<void> {
    return this.#proxy.closeAsking(port, { drainMs });
  }

  /** Closes the listener; requests under way have {@linkcode DRAIN_MS} to end. False if it was not open. */
  async closeProxy(drainMs: number = DRAIN_MS): Promise<boolean> {
    const { port } = this.#proxy;
    if (port === null) return false;
    this.note({ event: "ProxyStopped", host: `127.0.0.1:${port}` });
    await this.#proxy.close({ drainMs });
    return true;
  }

  /** Tells each audit row as it is written; returns what ends it. */
  watch(watcher: (row: AuditRow) => void): () => void {
    return this.#writer.watch(watcher);
  }

  /** Writes a row of the process's own life. */
  note(entry: AuditEntry): void {
    this.#writer.note(entry);
    this.#writer.flush();
  }

  /** Drops the key; token-free traffic goes on. See {@linkcode DaemonCore.lock}. */
  lock(reason: string, asked: boolean): boolean {
    if (asked) this.#underWay.shut();
    if (this.vault.locked) return false;
    this.#journal.hurry();
    this.approvals.clear();
    this.#keyring.flushLastUsed();
    this.#writer.note({ event: "VaultLocked", reason });
    this.#writer.leave();
    try {
      this.vault.audit.anchor();
    } catch (error) {
      // Who keeps the database locked does not keep the vault open.
      log.error("cannot anchor the log", { error });
    }
    this.wipe();
    return true;
  }

  /** See {@linkcode DaemonCore.dropFallbacks}. */
  dropFallbacks(): void {
    this.#keyring.dropFallbacks();
    this.#underWay.rightsChanged();
  }

  /** Writes what is left, drops the key, closes the database. The listener must be closed before. */
  async close(): Promise<void> {
    stagingArea(this.vault).clear();
    clearInterval(this.#poll);
    this.approvals.clear();
    this.#keeper.end();
    this.#policies.end();
    this.#keyring.dropFallbacks();
    this.#journal.hurry();
    if (!this.vault.locked) this.#keyring.flushLastUsed();
    this.#writer.close();
    await this.#journal.close();
    this.vault.close();
    await this.#notes.flush();
  }

  /** The log says it once for each variable; the notes count. */
  #noteFallback(credential: FallbackCredential): void {
    this.#notes.add(credential);
    if (this.#fallbacksUsed.has(credential.name)) return;
    this.#fallbacksUsed.add(credential.name);
    this.#writer.note({
      event: "FallbackUsed",
      credential: credential.name,
      tokenFingerprint: credential.tokenFingerprint,
      reason: "the vault holds no credential for the token",
    });
  }

  /** Drops the key at once, for a process about to be examined. */
  wipe(): void {
    this.approvals.clear();
    stagingArea(this.vault).clear();
    this.#keyring.clear();
    this.#keyring.dropFallbacks();
    this.#authority.clear();
    this.#journal.dropKeys();
    this.vault.dropKeys();
  }

  /** What was changed in the files since, or in the system's roots, is set right. */
  async #writeTrustFiles(): Promise<void> {
    const { info } = this.#authority;
    if (info === null) return;
    try {
      await writeTrustFiles({
        directory: this.vault.directory,
        certificate: info.certificate,
        extra: this.#settings["proxy.extra_ca"],
      });
    } catch (error) {
      log.error("cannot write the files for programs that are to trust the local authority", { error });
    }
  }

  /** Each by itself: an agent that spoils what one of them looks at must not hold up the others. */
  #lookOutside(): void {
    for (
      const look of [
        () => this.#policies.reload(),
        () => this.#callers.sweep(),
        () => this.#lookAtRows(),
      ]
    ) {
      try {
        look();
      } catch (error) {
        log.error("cannot look for outside changes", { error });
      }
    }
  }

  #lookAtRows(): void {
    if (this.vault.locked) return;
    if (this.#writer.failure === undefined) this.vault.audit.anchor();
    if (!this.#outside.wrote()) return;
    const before = [...this.#keyring.rows()];
    this.#keyring.reload();
    this.#underWay.rightsChanged();
    this.settingsChanged();
    this.authorityChanged();
    const difference = describeDifference(before, this.#keyring.rows());
    if (difference !== undefined) this.note({ event: "VaultChangedOutside", reason: difference });
  }
}

function scopeId(vault: Vault, name: string): string {
  const project = vault.projects.getByName(name);
  if (project !== undefined) return project.id;
  throw new NotFoundError(`cannot serve project '${name}': there is no such project`, {
    code: "project_not_found",
    hint: "wispkey project list",
  });
}

function proxyLimits(settings: SettingValues): ProxyLimits {
  return {
    maxConnections: settings["proxy.max_connections"],
    headerTimeoutMs: settings["proxy.header_timeout"] * 1000,
    idleTimeoutMs: settings["proxy.idle_timeout"] * 1000,
    connectTimeoutMs: settings["proxy.connect_timeout"] * 1000,
    responseTimeoutMs: settings["proxy.response_timeout"] * 1000,
    bodyTimeoutMs: settings["proxy.body_timeout"] * 1000,
    maxHeadBytes: MAX_HEAD_BYTES,
    maxHeaderFields: MAX_HEADER_FIELDS,
  };
}
