/**
 * What becomes of a CONNECT request whose checks have passed: a tunnel that is opened, or one that is carried blindly.
 *
 * @module
 */

import { keyringOf, type RequestContext } from "../context.ts";
import type { IncomingRequest } from "../http/mod.ts";
import { openPort } from "../own_listener.ts";
import type { ProxyCredential } from "../ports.ts";
import { carryBlindly } from "./carry_blindly.ts";
import { intercept } from "./intercept.ts";
import type { TunnelServices } from "./services.ts";

/**
 * Opens the tunnels of callers that trust the local authority to hosts that a credential may go to; all others stay blind,
 * among them all while the vault is locked. Resolves when the tunnel has ended.
 *
 * @throws {Refusal} 403 `address_refused` or 508 `loop` of the address guard.
 * @throws {HttpError} why the host cannot be reached.
 */
export async function openTunnel(
  context: RequestContext,
  request: IncomingRequest,
  services: TunnelServices,
): Promise<void> {
  const credential = credentialFor(context, services);
  const { host, port } = context.target;
  if (credential !== null && !services.neverIntercept(host, port)) {
    const isTrusted = context.caller.intercept || services.interceptAll();
    const secureContext = isTrusted ? await contextFor(host, services) : null;
    if (secureContext !== null) {
      return await intercept(context, request, services, secureContext, credential);
    }
    hint(context, services, credential);
  }
  await carryBlindly(context, request, services);
}

/** A credential that could be used inside. What will be spoken there is not known yet. */
function credentialFor(context: RequestContext, services: TunnelServices): ProxyCredential | null {
  const { target, caller } = context;
  const keyring = keyringOf(context, services);
  return keyring.credentialFor(target, caller) ??
    keyring.credentialFor({ ...target, scheme: "http" }, caller);
}

async function contextFor(host: string, { leaves, canIntercept, onDefect }: TunnelServices) {
  if (leaves === null || !canIntercept()) return null;
  try {
    return await leaves.contextFor(host);
  } catch (error) {
    // Locked in this very moment, or a defect; a blind tunnel is safe in either case.
    if (canIntercept()) onDefect(error);
    return null;
  }
}

/** Says once for each host why tokens inside the tunnel will not work, in the log, which `serve` shows. */
function hint(
  { target, caller }: RequestContext,
  services: TunnelServices,
  credential: ProxyCredential,
): void {
  if (!services.hinted.shouldSay(target.authority)) return;
  const port = openPort(services.listener);
  services.audit.note({
    event: "TunnelBlind",
    credential: credential.name,
    project: credential.project,
    host: target.authority,
    method: "CONNECT",
    ...(caller.kind === "plain" ? {} : { caller: caller.name }),
    reason: `tokens are not replaced inside: use 'wispkey run -- COMMAND' or the base URL ` +
      `http://localhost:${port}/to/https/${target.authority.replace(/:443$/, "")}/`,
  });
}
