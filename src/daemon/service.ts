/**
 * Runs operations on a vault for whoever calls: checks how much trust each needs, then runs it. The daemon and the
 * direct way (no daemon, the password opened the vault) share this.
 *
 * @module
 */

import { actText } from "../core/act.ts";
import { wipe } from "../core/bytes.ts";
import { DeniedError, LockedError, UsageError } from "../core/errors.ts";
import type { OperationName, Params } from "./api.ts";
import { isVaultOperation, VAULT_OPERATIONS, type VaultOperationName } from "./operations/mod.ts";
import { checkShape, NEWER_COMMAND } from "./operations/shape.ts";
import type { Operation, OperationContext, Outcome } from "./operations/types.ts";
import type { ActProof } from "./request.ts";

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
      hint: NEWER_COMMAND,
    });
  }
  return await run(VAULT_OPERATIONS[name] as Operation<VaultOperationName>, name);

  async function run<N extends VaultOperationName>(operation: Operation<N>, name: N): Promise<Outcome<N>> {
    checkShape(name, operation.shape, params);
    const typed = params as Params<N>;
    if (operation.need !== "nothing" && context.vault.locked) throw lockedError();
    const need = typeof operation.need === "function" ? operation.need(context, typed) : operation.need;
    if (need === "password") return await runProven(operation, name, typed);
    return await operation.run(context, typed, payload, trust.kind === "opened-by-password");
  }

  /** With a proof the payloads of both directions are sealed, so that nobody who relays the call can read them. */
  async function runProven<N extends VaultOperationName>(
    operation: Operation<N>,
    name: N,
    params: Params<N>,
  ): Promise<Outcome<N>> {
    if (trust.kind === "opened-by-password") return await operation.run(context, params, payload, true);
    const { nonce } = await checkProof(context, trust, name, params, payload);
    const opened = payload.length === 0 ? payload : context.vault.openForAct(nonce, "request", payload);
    try {
      const outcome = await operation.run(context, params, opened, true);
      if (outcome.payload === undefined) return outcome;
      const sealed = context.vault.sealForAct(nonce, "reply", outcome.payload);
      wipe(outcome.payload);
      return { ...outcome, payload: sealed };
    } finally {
      if (opened !== payload) wipe(opened);
    }
  }
}

/** What a caller hears while the key is dropped. */
export function lockedError(): LockedError {
  return new LockedError("the vault is locked", { code: "vault_locked", hint: "wispkey unlock" });
}

async function checkProof(
  { vault }: OperationContext,
  { proof, takeNonce }: Extract<Trust, { kind: "caller" }>,
  name: string,
  params: unknown,
  payload: Uint8Array,
): Promise<ActProof> {
  if (proof === undefined) {
    throw new DeniedError(`'${name}' could reveal or widen: it needs the master password again`, {
      code: "password_required",
    });
  }
  const text = await actText(name, params, payload);
  if (takeNonce(proof.nonce) && vault.verifyAct(proof.nonce, text, proof.mac)) return proof;
  vault.audit.append([{ event: "UnlockFailed", denied: true, reason: `bad proof for ${name}` }], Date.now());
  throw new DeniedError(`'${name}' was refused: the proof of the password does not fit this act`, {
    code: "bad_proof",
    hint: "try again; if it stays, wispkey unlock starts a fresh daemon",
  });
}
