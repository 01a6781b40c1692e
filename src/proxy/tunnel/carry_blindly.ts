/**
 * A tunnel whose content nobody looks at: dialled first, then granted, then carried.
 *
 * @module
 */

import type { RequestContext } from "../context.ts";
import { type IncomingRequest, UpstreamError } from "../http/mod.ts";
import { connectToHost } from "../reach_host.ts";
import { Refusal } from "../refusal.ts";
import { ESTABLISHED, writeWhole } from "./established.ts";
import { Relay, type Relayed } from "./relay.ts";
import type { TunnelServices } from "./services.ts";

/**
 * Dials the host, answers 200 and carries bytes both ways until the end; writes down where, how much and how long.
 *
 * @throws {Refusal} 403 `address_refused` or 508 `loop` of the address guard.
 * @throws {HttpError} why the host cannot be reached; nothing was answered then.
 */
export async function carryBlindly(
  context: RequestContext,
  request: IncomingRequest,
  services: TunnelServices,
): Promise<void> {
  const upstream = await dialHost(context, request, services);
  const { stream, buffered } = request.takeOver();
  const relay = new Relay(stream, upstream, services.limits().bodyTimeoutMs);
  services.tunnels.add(relay);
  try {
    // A client that is gone by now is noticed by the relay.
    await writeWhole(stream, ESTABLISHED).catch(() => {});
    note(context, services, await relay.run(buffered));
  } finally {
    services.tunnels.delete(relay);
  }
}

async function dialHost({ target }: RequestContext, { gone }: IncomingRequest, services: TunnelServices) {
  try {
    const how = { reach: "plain", tls: false, signal: gone.signal } as const;
    return (await connectToHost(services, target, how)).stream;
  } catch (error) {
    if (error instanceof UpstreamError && error.cause instanceof Refusal) throw error.cause;
    throw error;
  }
}

function note(
  { target, caller, startedAt }: RequestContext,
  { audit }: TunnelServices,
  { bytesIn, bytesOut, ending }: Relayed,
): void {
  audit.note({
    event: "TunnelClosed",
    host: target.authority,
    method: "CONNECT",
    status: 200,
    bytesIn,
    bytesOut,
    durationMs: Math.round(performance.now() - startedAt),
    ...(caller.kind === "plain" ? {} : { caller: caller.name }),
    ...(ending === "idle" ? { reason: "nothing moved for too long" } : {}),
  });
}
