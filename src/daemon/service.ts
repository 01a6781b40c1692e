/**
 * Runs operations on a vault for whoever calls: checks how much trust each needs, then runs it. The daemon and the
 * direct way (no daemon, the password opened the vault) share this.
 *
 * @module
 */

import { actText } from "../core/act.ts";
import { DeniedError, LockedError, UsageError } from "../core/errors.ts";
import type { OperationName, Params } from "./api.ts";
import { isVaultOperation, VAULT_OPERATIONS, type VaultOperationName } from "./operations/mod.ts";
import { checkShape } from "./operations/shape.ts";
import type { Operation, OperationContext, Outcome } from "./operations/types.ts";

/** A proof that the password was given for exactly one act; see `core/act.ts`. */
export interface ActProof {
  /** The nonce this process gave out; single use. */
  nonce: Uint8Array;
  /** MAC over the nonce and the act's text. */
  mac: Uint8Array;
}

/** How the caller stands to the password. */
export type Trust =
  /** The password opened this vault in this process: nothing more to prove. */
  | { kind: "opened-by-password" }
  /** A caller on the socket, with or without a proof. */
  | { kind: "caller"; proof: ActProof | undefined; takeNonce: (nonce: Uint8Array) => boolean };

/**
 * Runs one operation on the vault.
 *
 * @throws {UsageError} `unknown_operation`; {LockedError} `vault_locked`; {DeniedError} `password_required` or
 * `bad_proof`; and whatever the operation throws.
 */
export async function runOperation(
  context: OperationContext,
  trust: Trust,
  name: string,
  params: unknown,
  payload: Uint8Array,
): Promise<Outcome<OperationName>> {
  if (!isVaultOperation(name)) {
    throw new UsageError(`cannot do '${name}': there is no such operation`, {
      code: "unknown_operation",
      hint: "is the command newer than the running daemon? wispkey unlock starts a fresh one",
    });
  }
  return await run(VAULT_OPERATIONS[name] as Operation<VaultOperationName>, name);

  async function run<N extends VaultOperationName>(operation: Operation<N>, name: N): Promise<Outcome<N>> {
    checkShape(name, operation.shape, params);
    const typed = params as Params<N>;
    if (operation.need !== "nothing" && context.vault.locked) throw lockedError();
    const need = typeof operation.need === "function" ? operation.need(context, typed) : operation.need;
    if (need === "password") await requireProof(context, trust, name, typed, payload);
    return await operation.run(context, typed, payload);
  }
}

/** What a caller hears while the key is dropped. */
export function lockedError(): LockedError {
  return new LockedError("the vault is locked", { code: "vault_locked", hint: "wispkey unlock" });
}

async function requireProof(
  { vault }: OperationContext,
  trust: Trust,
  name: string,
  params: unknown,
  payload: Uint8Array,
): Promise<void> {
  if (trust.kind === "opened-by-password") return;
  if (trust.proof === undefined) {
    throw new DeniedError(`'${name}' could reveal or widen: it needs the master password again`, {
      code: "password_required",
    });
  }
  const { nonce, mac } = trust.proof;
  const text = await actText(name, params, payload);
  if (trust.takeNonce(nonce) && vault.verifyAct(nonce, text, mac)) return;
  vault.audit.append([{ event: "UnlockFailed", denied: true, reason: `bad proof for ${name}` }], Date.now());
  throw new DeniedError(`'${name}' was refused: the proof of the password does not fit this act`, {
    code: "bad_proof",
    hint: "try again; if it stays, wispkey unlock starts a fresh daemon",
  });
}
