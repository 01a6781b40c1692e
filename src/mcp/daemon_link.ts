/**
 * The way to the daemon: a connection for each question, so that lock, unlock and a daemon that was replaced meanwhile
 * need no care.
 *
 * @module
 */

import { LockedError, NotFoundError, WispKeyError } from "../core/errors.ts";
import { escapeText } from "../core/name.ts";
import type { OperationName, Params, Result } from "../daemon/api.ts";
import type { DaemonClient } from "../daemon/client.ts";
import { connectDaemon } from "../daemon/connect.ts";

/** Code of a daemon that did not do what it was asked, because a successor is taking over. */
const DAEMON_ENDING = "daemon_ending";

/** Asks the daemon of one vault. */
export class DaemonLink {
  readonly #vaultDir: string;
  readonly #vaultExists: () => Promise<boolean>;

  /** The daemon of the vault in a directory, whether it runs or not. */
  constructor(vaultDir: string, vaultExists: () => Promise<boolean>) {
    this.#vaultDir = vaultDir;
    this.#vaultExists = vaultExists;
  }

  /** Where the vault lies. */
  get vaultDir(): string {
    return this.#vaultDir;
  }

  /** Whether there is a vault. */
  async vaultExists(): Promise<boolean> {
    return await this.#vaultExists();
  }

  /** A connection, which the caller closes; null if no daemon runs. */
  async tryConnect(): Promise<DaemonClient | null> {
    return await connectDaemon(this.#vaultDir);
  }

  /**
   * A connection, which the caller closes.
   *
   * @throws {NotFoundError} `vault_not_found`; {LockedError} `vault_locked` if no daemon runs.
   */
  async connect(): Promise<DaemonClient> {
    const client = await this.tryConnect();
    if (client !== null) return client;
    if (await this.#vaultExists()) {
      throw new LockedError("the vault is locked", { code: "vault_locked", hint: "wispkey unlock" });
    }
    throw new NotFoundError(`there is no vault in ${escapeText(this.#vaultDir)}`, {
      code: "vault_not_found",
      hint: "wispkey init",
    });
  }

  /**
   * Calls one operation.
   *
   * @throws {WispKeyError} what {@linkcode connect} and the operation throw.
   */
  async call<N extends OperationName>(name: N, params: Params<N>): Promise<Result<N>> {
    try {
      return await this.#callOnce(name, params);
    } catch (error) {
      // Nothing was done yet, so the daemon that comes next may be asked the same.
      if (!(error instanceof WispKeyError && error.code === DAEMON_ENDING)) throw error;
      return await this.#callOnce(name, params);
    }
  }

  async #callOnce<N extends OperationName>(name: N, params: Params<N>): Promise<Result<N>> {
    const client = await this.connect();
    try {
      return (await client.call(name, params)).result;
    } finally {
      client.close();
    }
  }
}
