/**
 * A tunnel that is opened: we stand in for the host, and each request inside goes through the pipeline like any other.
 *
 * @module
 */

import type { SecureContext } from "node:tls";
import type { RequestContext } from "../context.ts";
import {
  type ByteStream,
  closeQuietly,
  HttpError,
  type IncomingRequest,
  ServerConnection,
  sharedClock,
} from "../http/mod.ts";
import type { ProxyCredential } from "../ports.ts";
import { identityOf } from "../steps/check_caller.ts";
import { TlsServerStream } from "../tls/server_stream.ts";
import { ESTABLISHED, writeWhole } from "./established.ts";
import { FirstBytes } from "./first_bytes.ts";
import type { TunnelOrigin, TunnelServices } from "./services.ts";

/** Content type of a TLS record that begins a handshake, RFC 8446 section 5.1. */
const TLS_HANDSHAKE = 0x16;

/**
 * Answers 200, finds out whether the client speaks TLS or plain HTTP (as Node's own `fetch` does for http URLs), and serves
 * what comes. Hosts are dialled for each request, by the pipeline. Resolves when the connection has ended.
 *
 * @param credential for whose sake it is opened
 */
export async function intercept(
  context: RequestContext,
  request: IncomingRequest,
  services: TunnelServices,
  secureContext: SecureContext,
  credential: ProxyCredential,
): Promise<void> {
  const { stream, buffered } = request.takeOver();
  const opened = await open(stream, buffered, context, services, secureContext);
  if (opened === null) return closeQuietly(stream);
  noteOpened(context, services, credential, opened.origin);
  const { limits, onError, onDefect } = services;
  const connection = new ServerConnection(
    opened.stream,
    (inner) => services.answer(inner, opened.origin),
    { limits, onError, onDefect, ...(request.remote === undefined ? {} : { remote: request.remote }) },
  );
  services.tunnels.add(connection);
  try {
    await connection.serve();
  } finally {
    services.tunnels.delete(connection);
    // What is left open under it, if a handler took the connection over and ended.
    closeQuietly(opened.stream);
  }
}

interface Opened {
  readonly stream: ByteStream;
  readonly origin: TunnelOrigin;
}

async function open(
  stream: ByteStream,
  buffered: Uint8Array,
  context: RequestContext,
  services: TunnelServices,
  secureContext: SecureContext,
): Promise<Opened | null> {
  const { host, port } = context.target;
  const origin = { identity: identityOf(context), host, port };
  using deadline = sharedClock.create(() => closeQuietly(stream));
  deadline.arm(services.limits().headerTimeoutMs);
  try {
    await writeWhole(stream, ESTABLISHED);
    const first = await FirstBytes.read(stream, buffered);
    if (first === null) return null;
    if (first.bytes[0] !== TLS_HANDSHAKE) {
      return { stream: first, origin: { ...origin, scheme: "http", serverName: null } };
    }
    const tls = await TlsServerStream.accept(stream, secureContext, first.bytes);
    return { stream: tls, origin: { ...origin, scheme: "https", serverName: tls.serverName } };
  } catch (error) {
    if (error instanceof HttpError) noteFailure(context, services, error, deadline.expired);
    // Anything else is a client that went away before it said anything.
    return null;
  }
}

/** Says that the requests of a caller to a host are read from now on: once, as clients open tunnels by the dozen. */
function noteOpened(
  { target, caller }: RequestContext,
  { opened, audit }: TunnelServices,
  { name, project }: ProxyCredential,
  { scheme }: TunnelOrigin,
): void {
  const named = caller.kind === "plain" ? {} : { caller: caller.name };
  if (!opened.shouldSay(`${target.authority} ${scheme} ${named.caller ?? ""}`)) return;
  audit.note({
    event: "TunnelOpened",
    credential: name,
    project,
    host: target.authority,
    method: "CONNECT",
    ...named,
    reason: `requests inside are read: ${scheme === "https" ? "TLS" : "plain HTTP"}`,
  });
}

function noteFailure(
  { target, caller }: RequestContext,
  services: TunnelServices,
  error: HttpError,
  isLate: boolean,
): void {
  if (!services.refused.shouldSay(target.authority)) return;
  const why = isLate ? "cannot agree on TLS: the client did not answer in time" : error.message;
  services.audit.note({
    event: "InterceptionFailed",
    host: target.authority,
    method: "CONNECT",
    ...(caller.kind === "plain" ? {} : { caller: caller.name }),
    reason: `${why}; if the client cannot be made to trust 'wispkey ca', leave its host alone: ` +
      `wispkey config set proxy.never_intercept ${target.host}`,
  });
}
