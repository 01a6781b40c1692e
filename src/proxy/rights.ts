/**
 * What a request was allowed by, asked about again while its answer, or the WebSocket that it opened, goes on.
 *
 * @module
 */

import { matchesHost } from "../core/host_pattern.ts";
import { keyringOf, type RequestContext, type StepServices } from "./context.ts";
import { Refusal } from "./refusal.ts";
import { callerOf } from "./steps/check_caller.ts";
import type { UnderWay } from "./under_way.ts";

/** What is asked. */
export type RightsServices = StepServices & { readonly underWay: UnderWay };

/**
 * Asks again what was decided when a request came. A vault that has locked itself meanwhile changes nothing: its key is gone
 * from us, but not from the host. One that a person has locked does: what it is searched for is to be forgotten.
 *
 * @param isSearched whether its answer is searched for secrets
 * @throws {Refusal} 407 `caller_refused`, 403 `credential_changed`, 503 `vault_locked`.
 */
export function requireRights(context: RequestContext, services: RightsServices, isSearched: boolean): void {
  if (context.caller.kind === "run") callerOf(context, services);
  if (services.underWay.isShut && (isSearched || context.uses.length > 0)) {
    throw new Refusal(503, {
      code: "vault_locked",
      message: "cannot go on: the vault was locked meanwhile",
      hint: "wispkey unlock",
    });
  }
  const keyring = keyringOf(context, services);
  if (keyring.locked) return;
  for (const credential of context.credentials()) {
    const match = keyring.find(credential.token);
    const isAllowed = match.kind === "live" &&
      match.credential.hosts.some((pattern) => matchesHost(pattern, context.target));
    if (isAllowed) continue;
    throw new Refusal(403, {
      code: "credential_changed",
      message: `cannot go on: '${credential.name}' may not go to its host any more`,
      credential,
    });
  }
}

/** Whether there is a right behind a request that could be taken away. */
export function hasRights({ caller, uses }: RequestContext, isSearched: boolean): boolean {
  return isSearched || uses.length > 0 || caller.kind === "run";
}
