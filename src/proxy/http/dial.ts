/**
 * Connections to upstreams: resolve, let the caller judge the address, connect to that very address, then TLS with
 * the name. Never `Deno.connectTls`, which resolves for itself and leaves Nagle's algorithm on (40 ms a request).
 * With an upstream proxy the same happens to the proxy's address, and what lies behind it is asked of the proxy.
 *
 * @module
 */

import { bracketHost } from "../../core/host_name.ts";
import { type ProxyUrl, showProxyUrl } from "../../core/proxy_url.ts";
import { connectToAny, findAddresses, isLiteral } from "./dial_address.ts";
import { authorizationOf, openTunnel, proxyFailed } from "./dial_connect.ts";
import { openSocks } from "./dial_socks.ts";
import { startTls } from "./dial_tls.ts";
import { UpstreamError } from "./errors.ts";
import type { ByteStream } from "./types.ts";

export { closeQuietly } from "./dial_address.ts";

/** Where requests go. */
export interface Origin {
  /** With or without TLS. */
  readonly scheme: "http" | "https";
  /** Name or address literal, IPv6 without brackets. */
  readonly host: string;
  /** Port. */
  readonly port: number;
  /** Connections are shared within one partition only (an upstream proxy, other trust); empty by default. */
  readonly partition?: string;
}

/** How to get there. */
export interface DialOptions {
  /** For lookup, connection and handshake together, in milliseconds. */
  connectTimeoutMs: number;
  /** PEM certificates trusted besides the usual ones. */
  caCerts?: string[];
  /** Connect here instead of resolving the host. */
  address?: string;
  /** Judges each address of the host before it is connected to, or asked of a proxy; throws to refuse it. */
  vet?: (address: string) => void;
  /** Finds the addresses of a name; the system's resolver by default. */
  resolve?: (host: string) => Promise<string[]>;
  /** Ends the attempt. */
  signal?: AbortSignal;
  /** Go through this proxy. */
  via?: ProxyUrl;
  /** Judges each address of that proxy before it is connected to. */
  vetVia?: (address: string) => void;
  /** Ask an HTTP proxy for a tunnel to an `http` origin, too, instead of speaking HTTP with the proxy. */
  tunnel?: boolean;
}

/** What an HTTP proxy wants to see in each request that it is to carry. */
export interface Forwarding {
  /** Value of `Proxy-Authorization`, a secret; null if the proxy wants none. */
  readonly authorization: string | null;
}

/** A connection that was made. */
export interface Dialled {
  /** The connection, with TLS if the scheme wants it. */
  readonly stream: ByteStream;
  /** The address it goes to: the origin's, or the proxy's. */
  readonly address: string;
  /** Set if an HTTP proxy is at the other end: requests name their target in absolute form. */
  readonly forwarding?: Forwarding;
}

/** One try to get somewhere. */
export interface DialAttempt {
  /** Aborted when time is up or the caller gave up. */
  readonly signal: AbortSignal;
  /** When time is up, by `performance.now()`. */
  readonly deadline: number;
}

/**
 * Connects to an origin, trying its addresses in turn; for `http` the result is the bare connection, as a tunnel needs it.
 *
 * @throws {UpstreamError} `upstream_dns`, `upstream_unreachable`, `upstream_tls`, `upstream_proxy`, `upstream_timeout`.
 * @throws what `vet` or `vetVia` threw, if it refused the last address that was tried.
 */
export async function dial(origin: Origin, options: DialOptions): Promise<Dialled> {
  const timeout = AbortSignal.timeout(options.connectTimeoutMs);
  const attempt: DialAttempt = {
    signal: options.signal === undefined ? timeout : AbortSignal.any([timeout, options.signal]),
    deadline: performance.now() + options.connectTimeoutMs,
  };
  try {
    return options.via === undefined
      ? await dialDirectly(origin, options, attempt)
      : await dialThrough(options.via, origin, options, attempt);
  } catch (error) {
    if (timeout.aborted) {
      throw new UpstreamError(
        "upstream_timeout",
        `cannot reach ${bracketHost(origin.host)}:${origin.port}${
          options.via === undefined ? "" : ` through the proxy ${showProxyUrl(options.via)}`
        }: no connection after ${options.connectTimeoutMs / 1000} s`,
        { cause: error },
      );
    }
    throw error;
  }
}

async function dialDirectly(origin: Origin, options: DialOptions, attempt: DialAttempt): Promise<Dialled> {
  const addresses = options.address === undefined
    ? await findAddresses(origin.host, options.resolve, attempt.signal)
    : [options.address];
  const { connection, address } = await connectToAny(origin, addresses, options.vet, attempt);
  if (origin.scheme === "http") return { stream: connection, address };
  return { stream: await startTls(connection, origin, options.caCerts, attempt), address };
}

/** Names are left to the proxy to resolve, except with `socks5`; literal addresses are judged here all the same. */
async function dialThrough(
  via: ProxyUrl,
  origin: Origin,
  options: DialOptions,
  attempt: DialAttempt,
): Promise<Dialled> {
  const { vet, caCerts, resolve } = options;
  let asked = [origin.host];
  if (isLiteral(origin.host)) vet?.(origin.host);
  else if (via.scheme === "socks5") asked = await findAddresses(origin.host, resolve, attempt.signal);

  let failure: unknown;
  for (const host of asked) {
    try {
      if (host !== origin.host) vet?.(host);
      const { connection, address } = await connectToProxy(via, origin, options, attempt);
      const stream = via.scheme === "https" ? await startTls(connection, via, caCerts, attempt) : connection;
      if (origin.scheme === "http" && options.tunnel !== true && isHttp(via)) {
        return { stream, address, forwarding: { authorization: authorizationOf(via) } };
      }
      const place = { host, port: origin.port };
      const open = isHttp(via)
        ? await openTunnel(stream, via, place, attempt)
        : await openSocks(stream, via, place, attempt);
      if (origin.scheme === "http") return { stream: open, address };
      return { stream: await startTls(open, origin, caCerts, attempt), address };
    } catch (error) {
      if (attempt.signal.aborted) throw attempt.signal.reason;
      failure = error;
    }
  }
  throw failure;
}

/** What goes wrong on the way to the proxy is told as such, because it is not the host that was asked for. */
async function connectToProxy(
  via: ProxyUrl,
  { host, port }: Origin,
  { vetVia, resolve }: DialOptions,
  attempt: DialAttempt,
): Promise<{ connection: Deno.TcpConn; address: string }> {
  try {
    const addresses = await findAddresses(via.host, resolve, attempt.signal);
    return await connectToAny(via, addresses, vetVia, attempt);
  } catch (error) {
    if (!(error instanceof UpstreamError)) throw error;
    throw proxyFailed(via, `${bracketHost(host)}:${port}`, error.message, error.cause);
  }
}

function isHttp({ scheme }: ProxyUrl): boolean {
  return scheme === "http" || scheme === "https";
}
