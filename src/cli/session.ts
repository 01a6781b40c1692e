/**
 * Where a command runs: in the unlocked daemon if there is one, else on the vault itself, opened with the master password
 * for this one command. An act that needs the password is answered with `password_required` and repeated with a proof.
 *
 * @module
 */

import { wipe } from "../core/bytes.ts";
import { LockedError, NotFoundError, WispKeyError } from "../core/errors.ts";
import type { Answer, OperationName, Params, VaultClient } from "../daemon/api.ts";
import type { DaemonClient, Prover } from "./backend.ts";
import type { CliIo } from "./io.ts";
import { askPassword, openingFor } from "./password.ts";

/** Code with which the daemon asks for the master password. */
const PASSWORD_REQUIRED = "password_required";
/** Acts that always need the password; see `daemon/operations`. */
const PROVEN: ReadonlySet<OperationName> = new Set([
  "credential.replace_value",
  "credential.confirm",
  "credential.reveal",
  "config.set",
  "config.unset",
  "vault.accept",
  "audit.prune",
  "approvals.approve",
  "ca.renew",
  "policy.apply",
  "backup.get",
  "backup.remove",
  "environment.reveal",
]);
/** Code of a daemon that did not do what it was asked, because a successor is taking over. */
const DAEMON_ENDING = "daemon_ending";

/**
 * Opens a session, gives it to `act`, closes it.
 *
 * @param what the act in the infinitive, for messages: `list the credentials`
 * @throws {NotFoundError} `vault_not_found` if there is none.
 * @throws {LockedError} if it is locked and the password cannot be had, or is wrong.
 */
export async function withVault<T>(
  io: CliIo,
  what: string,
  act: (vault: VaultClient) => Promise<T>,
): Promise<T> {
  const session = await openSession(io, what);
  try {
    return await act(session);
  } finally {
    session.close();
  }
}

/** The same in the unlocked daemon alone; null, and no question for the password, if there is none. */
export async function withDaemon<T>(
  io: CliIo,
  what: string,
  act: (vault: VaultClient) => Promise<T>,
): Promise<T | null> {
  const daemon = await connectUnlocked(io);
  if (daemon === null) return null;
  const session = new DaemonSession(io, what, daemon);
  try {
    return await act(session);
  } finally {
    session.close();
  }
}

/** Refuses to go on without a vault. */
export async function requireVault(io: CliIo, what: string): Promise<void> {
  if (await io.backend.exists()) return;
  throw new NotFoundError(`cannot ${what}: there is no vault in ${io.vaultDir}`, {
    code: "vault_not_found",
    hint: "wispkey init",
  });
}

async function openSession(io: CliIo, what: string): Promise<VaultClient> {
  const daemon = await connectUnlocked(io);
  if (daemon !== null) return new DaemonSession(io, what, daemon);
  await requireVault(io, what);
  const password = await askPassword(io, what);
  try {
    return await openingFor(what, () => io.backend.openDirect(password));
  } finally {
    wipe(password);
  }
}

/** A connection to the daemon if one runs and holds the key; null otherwise. */
export async function connectUnlocked(io: CliIo): Promise<DaemonClient | null> {
  const daemon = await io.backend.connect();
  if (daemon === null) return null;
  let locked = true;
  try {
    locked = (await daemon.call("daemon.status", {})).result.locked;
  } finally {
    if (locked) daemon.close();
  }
  return locked ? null : daemon;
}

/** Calls the daemon, and proves the password where an act asks for it. */
class DaemonSession implements VaultClient {
  readonly #io: CliIo;
  readonly #what: string;
  #daemon: DaemonClient;

  constructor(io: CliIo, what: string, daemon: DaemonClient) {
    this.#io = io;
    this.#what = what;
    this.#daemon = daemon;
  }

  async call<N extends OperationName>(name: N, params: Params<N>, payload?: Uint8Array): Promise<Answer<N>> {
    // A value never goes bare where the act needs the password anyway: who stands on the socket would read it.
    if (PROVEN.has(name)) return await this.#callProven(name, params, payload);
    try {
      return await this.#daemon.call(name, params, payload);
    } catch (error) {
      if (hasCode(error, DAEMON_ENDING)) return await this.#callSuccessor(name, params, payload);
      if (!hasCode(error, PASSWORD_REQUIRED)) throw error;
    }
    return await this.#callProven(name, params, payload);
  }

  close(): void {
    this.#daemon.close();
  }

  async #callProven<N extends OperationName>(
    name: N,
    params: Params<N>,
    payload: Uint8Array | undefined,
  ): Promise<Answer<N>> {
    const prover = await this.#prover();
    try {
      return await this.#daemon.callWithPassword(name, params, prover, payload);
    } finally {
      prover.wipe();
    }
  }

  /** Nothing was done yet, so the daemon that comes next may be asked the same. */
  async #callSuccessor<N extends OperationName>(
    name: N,
    params: Params<N>,
    payload: Uint8Array | undefined,
  ): Promise<Answer<N>> {
    const next = await connectUnlocked(this.#io);
    if (next === null) throw lockedMeanwhile(this.#what);
    this.#daemon.close();
    this.#daemon = next;
    return await this.call(name, params, payload);
  }

  async #prover(): Promise<Prover> {
    const password = await askPassword(this.#io, this.#what, true);
    try {
      return await openingFor(this.#what, () => this.#io.backend.proveWith(password));
    } finally {
      wipe(password);
    }
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof WispKeyError && error.code === code;
}

function lockedMeanwhile(what: string): LockedError {
  return new LockedError(`cannot ${what}: the vault was locked meanwhile`, {
    code: "vault_locked",
    hint: "wispkey unlock",
  });
}
