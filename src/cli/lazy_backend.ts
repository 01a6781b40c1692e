/**
 * A backend that is loaded when it is first asked for something, so that `version`, `help` and completions do not wait for
 * a database and a key derivation to load.
 *
 * @module
 */

import type { AuditFilter, AuditPage } from "../core/audit.ts";
import type { Finding, VaultClient } from "../daemon/api.ts";
import type {
  Backend,
  DaemonClient,
  Prover,
  StartOptions,
  UnlockReport,
  VaultDescription,
} from "./backend.ts";

/** Passes every call on; see {@linkcode Backend} for what they do. */
export class LazyBackend implements Backend {
  readonly #load: () => Promise<Backend>;
  #loaded: Promise<Backend> | undefined;

  /** `load` is called once, at the first call. */
  constructor(load: () => Promise<Backend>) {
    this.#load = load;
  }

  /** See {@linkcode Backend.exists}. */
  async exists(): Promise<boolean> {
    return await (await this.#get()).exists();
  }

  /** See {@linkcode Backend.describe}. */
  async describe(): Promise<VaultDescription | null> {
    return await (await this.#get()).describe();
  }

  /** See {@linkcode Backend.create}. */
  async create(password: Uint8Array): Promise<void> {
    await (await this.#get()).create(password);
  }

  /** See {@linkcode Backend.connect}. */
  async connect(): Promise<DaemonClient | null> {
    return await (await this.#get()).connect();
  }

  /** See {@linkcode Backend.openDirect}. */
  async openDirect(password: Uint8Array): Promise<VaultClient> {
    return await (await this.#get()).openDirect(password);
  }

  /** See {@linkcode Backend.startDaemon}. */
  async startDaemon(password: Uint8Array, options: StartOptions): Promise<UnlockReport> {
    return await (await this.#get()).startDaemon(password, options);
  }

  /** See {@linkcode Backend.proveWith}. */
  async proveWith(password: Uint8Array): Promise<Prover> {
    return await (await this.#get()).proveWith(password);
  }

  /** See {@linkcode Backend.changePassword}. */
  async changePassword(current: Uint8Array, next: Uint8Array): Promise<void> {
    await (await this.#get()).changePassword(current, next);
  }

  /** See {@linkcode Backend.readLog}. */
  async readLog(filter: AuditFilter): Promise<AuditPage> {
    return await (await this.#get()).readLog(filter);
  }

  /** See {@linkcode Backend.inspect}. */
  async inspect(): Promise<Finding[]> {
    return await (await this.#get()).inspect();
  }

  /** See {@linkcode Backend.readActiveProject}. */
  async readActiveProject(): Promise<string | null> {
    return await (await this.#get()).readActiveProject();
  }

  /** See {@linkcode Backend.writeActiveProject}. */
  async writeActiveProject(name: string): Promise<void> {
    await (await this.#get()).writeActiveProject(name);
  }

  #get(): Promise<Backend> {
    return this.#loaded ??= this.#load();
  }
}
