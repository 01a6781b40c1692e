/**
 * The way without a daemon: a command that got the master password opens the vault itself, does its one thing, and
 * closes it. The same operations run, so that both ways behave alike.
 *
 * @module
 */

import type { Answer, OperationName, Params, Result, VaultClient } from "./api.ts";
import { ApprovalDesk } from "./approvals/desk.ts";
import { CallerRegistry } from "./callers.ts";
import { GuessBudget } from "./guess_budget.ts";
import { vaultFiles } from "../platform/paths.ts";
import { PolicyKeeper } from "./policies/keeper.ts";
import { RefusedRequests } from "./refused_requests.ts";
import { runOperation } from "./service.ts";
import type { Vault } from "../vault/mod.ts";

const NOTHING = new Uint8Array(0);

/** Operations on a vault that the password opened in this process. Closing it wipes the keys. */
export class DirectClient implements VaultClient {
  readonly #vault: Vault;
  readonly #guesses = GuessBudget.unlimited();
  #callers: CallerRegistry | undefined;
  #policies: PolicyKeeper | undefined;

  /** Takes over an open vault. */
  constructor(vault: Vault) {
    this.#vault = vault;
  }

  /** See {@linkcode VaultClient.call}. */
  async call<N extends OperationName>(
    name: N,
    params: Params<N>,
    payload: Uint8Array = NOTHING,
  ): Promise<Answer<N>> {
    const nothing = () => {};
    const context = {
      vault: this.#vault,
      credentialChanged: nothing,
      settleAudit: nothing,
      settingsChanged: nothing,
      authorityChanged: nothing,
      callers: () =>
        this.#callers ??= new CallerRegistry({
          vault: this.#vault,
          note: nothing,
          requireCaller: () => true,
        }),
      policies: () =>
        this.#policies ??= new PolicyKeeper({
          vault: this.#vault,
          path: vaultFiles(this.#vault.directory).policies,
          past: null,
          now: Date.now,
        }),
      approvals: new ApprovalDesk({ note: nothing, timeoutMs: () => 0, locked: () => false }),
      refusedRequests: new RefusedRequests(), // Nothing went through this process.
      guesses: this.#guesses,
    };
    const outcome = await runOperation(context, { kind: "opened-by-password" }, name, params, payload);
    return { result: outcome.result as Result<N>, payload: outcome.payload };
  }

  /** Closes the vault. */
  close(): void {
    this.#vault.close();
  }
}
