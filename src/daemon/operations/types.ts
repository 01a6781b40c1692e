/**
 * What an operation is: how much trust it needs, and what it does on an open vault.
 *
 * @module
 */

import type { OperationName, Params, Result } from "../api.ts";
import type { Vault } from "../../vault/mod.ts";
import type { ApprovalDesk } from "../approvals/desk.ts";
import type { CallerRegistry } from "../callers.ts";
import type { GuessBudget } from "../guess_budget.ts";
import type { PolicyKeeper } from "../policies/keeper.ts";
import type { RefusedRequests } from "../refused_requests.ts";
import type { Shape } from "./shape.ts";

/**
 * What a caller must bring.
 * `nothing`: works while locked · `key`: the vault must be open · `password`: and the password must be proven again.
 */
export type Need = "nothing" | "key" | "password";

/** What operations work on. */
export interface OperationContext {
  /** The vault, locked or open. */
  readonly vault: Vault;
  /** Told after a credential changed or went, so that the proxy's index follows. */
  readonly credentialChanged: (id: string) => void;
  /** Puts rows that are still on their way into the log, before it is read or checked. */
  readonly settleAudit: () => void;
  /** Told after a setting changed. */
  readonly settingsChanged: () => void;
  /** Told after the local certificate authority changed. */
  readonly authorityChanged: () => void;
  /** The callers; read from the vault when first asked for. */
  readonly callers: () => CallerRegistry;
  /** The policies; read when first asked for. */
  readonly policies: () => PolicyKeeper;
  /** What waits for a person. */
  readonly approvals: ApprovalDesk;
  /** Requests that were refused lately. */
  readonly refusedRequests: RefusedRequests;
  /** How many values may yet be compared with secrets. */
  readonly guesses: GuessBudget;
}

/** An operation's outcome: the JSON result and, for `credential.reveal`, raw bytes that the sender wipes. */
export interface Outcome<N extends OperationName> {
  /** The JSON part. */
  result: Result<N>;
  /** Raw bytes beside it. */
  payload?: Uint8Array<ArrayBuffer>;
}

/** One operation on the vault. */
export interface Operation<N extends OperationName> {
  /** What its parameters must look like. */
  readonly shape: Shape;
  /** What the caller must bring, fixed or decided by what is asked. */
  readonly need: Need | ((context: OperationContext, params: Params<N>) => Need);
  /**
   * Does it.
   *
   * @param payload belongs to the caller, who wipes it
   * @param proven whether the caller has proven the password for this act
   */
  run(
    context: OperationContext,
    params: Params<N>,
    payload: Uint8Array,
    proven: boolean,
  ): Outcome<N> | Promise<Outcome<N>>;
}
