/**
 * Connections to upstreams: resolve, let the caller judge the address, connect to that very address, then TLS with
 * the name. Never `Deno.connectTls`, which resolves for itself and leaves Nagle's algorithm on (40 ms a request).
 *
 * @module
 */

import { reasonOf, UpstreamError } from "./errors.ts";
import type { ByteStream } from "./types.ts";

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
  /** PEM certificates trusted besides the system's. */
  caCerts?: string[];
  /** Connect here instead of resolving the host. */
  address?: string;
  /** Judges each address before it is connected to; throws to refuse it. */
  vet?: (address: string) => void;
  /** Finds the addresses of a name; the system's resolver by default. */
  resolve?: (host: string) => Promise<string[]>;
  /** Ends the attempt. */
  signal?: AbortSignal;
}

/** A connection that was made. */
export interface Dialled {
  /** The connection, with TLS if the scheme wants it. */
  readonly stream: ByteStream;
  /** The address it goes to. */
  readonly address: string;
}

const IPV4 = /^\d{1,3}(?:\.\d{1,3}){3}$/;

/**
 * Connects to an origin, trying its addresses in turn.
 *
 * @throws {UpstreamError} `upstream_dns`, `upstream_unreachable`, `upstream_tls`, `upstream_timeout`.
 * @throws what `vet` threw, if it refused the last address that was tried.
 */
export async function dial(origin: Origin, options: DialOptions): Promise<Dialled> {
  const timeout = AbortSignal.timeout(options.connectTimeoutMs);
  const signal = options.signal === undefined ? timeout : AbortSignal.any([timeout, options.signal]);
  const deadline = performance.now() + options.connectTimeoutMs;
  try {
    const addresses = await untilAborted(findAddresses(origin.host, options), signal);
    const { connection, address } = await connectToAny(origin, addresses, options, signal, deadline);
    if (origin.scheme === "http") return { stream: connection, address };
    return { stream: await secure(connection, origin, options, signal), address };
  } catch (error) {
    if (timeout.aborted) {
      throw new UpstreamError(
        "upstream_timeout",
        `cannot reach ${nameOf(origin)}: no connection after ${options.connectTimeoutMs / 1000} s`,
        { cause: error },
      );
    }
    throw error;
  }
}

async function findAddresses(host: string, options: DialOptions): Promise<string[]> {
  if (options.address !== undefined) return [options.address];
  if (IPV4.test(host) || host.includes(":")) return [host];
  // RFC 6761: this name is never asked of the network.
  if (host === "localhost" || host.endsWith(".localhost")) return ["127.0.0.1", "::1"];
  try {
    const addresses = await (options.resolve ?? systemResolve)(host);
    if (addresses.length > 0) return addresses;
  } catch (error) {
    throw new UpstreamError("upstream_dns", `cannot reach ${host}: its name cannot be resolved`, {
      cause: error,
    });
  }
  throw new UpstreamError("upstream_dns", `cannot reach ${host}: its name has no address`);
}

async function systemResolve(host: string): Promise<string[]> {
  // `Deno.resolveDns` knows no /etc/hosts; loaded when first needed because it costs start-up time.
  const { lookup } = await import("node:dns/promises");
  const found = await lookup(host, { all: true, order: "verbatim" });
  return found.map(({ address }) => address);
}

async function connectToAny(
  origin: Origin,
  addresses: readonly string[],
  options: DialOptions,
  signal: AbortSignal,
  deadline: number,
): Promise<{ connection: Deno.TcpConn; address: string }> {
  let failure: unknown;
  for (const [index, address] of addresses.entries()) {
    const others = addresses.length - index - 1;
    try {
      options.vet?.(address);
      // While there are others to try, none may use up all the time.
      const share = (deadline - performance.now()) / (others > 0 ? 2 : 1);
      const attempt = others > 0
        ? AbortSignal.any([signal, AbortSignal.timeout(Math.max(1, share))])
        : signal;
      const connection = await Deno.connect({ hostname: address, port: origin.port, signal: attempt });
      connection.setNoDelay(true);
      return { connection, address };
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      failure = error;
    }
  }
  if (failure instanceof Error && failure.name !== "AbortError" && isSystemError(failure)) {
    throw new UpstreamError(
      "upstream_unreachable",
      `cannot reach ${nameOf(origin)}: ${reasonOf(failure)}`,
      { cause: failure },
    );
  }
  throw failure;
}

async function secure(
  connection: Deno.TcpConn,
  origin: Origin,
  options: DialOptions,
  signal: AbortSignal,
): Promise<ByteStream> {
  let open: { close(): void } = connection;
  try {
    const tls = await Deno.startTls(connection, {
      hostname: origin.host,
      alpnProtocols: ["http/1.1"],
      ...(options.caCerts === undefined ? {} : { caCerts: options.caCerts }),
    });
    open = tls;
    await untilAborted(tls.handshake(), signal);
    return tls;
  } catch (error) {
    closeQuietly(open);
    if (signal.aborted) throw signal.reason;
    throw new UpstreamError("upstream_tls", `cannot trust ${nameOf(origin)}: ${reasonOf(error)}`, {
      cause: error,
    });
  }
}

async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  // Once nobody waits for it any more, its failure is of no interest.
  work.catch(() => {});
  signal.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

function isSystemError(error: Error): boolean {
  for (const kind of Object.values(Deno.errors)) if (error instanceof kind) return true;
  return "code" in error;
}

function nameOf(origin: Origin): string {
  return `${origin.host.includes(":") ? `[${origin.host}]` : origin.host}:${origin.port}`;
}

/** Closes what may be closed already. */
export function closeQuietly(closable: { close(): void }): void {
  try {
    closable.close();
  } catch {
    // Deno throws BadResource for a connection that is closed, which is all that is wanted.
  }
}
