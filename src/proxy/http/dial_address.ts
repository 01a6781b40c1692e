/**
 * The lowest part of dialling: addresses of a name, and a TCP connection to one that the caller does not refuse.
 *
 * @module
 */

import { bracketHost } from "../../core/host_name.ts";
import type { DialAttempt } from "./dial.ts";
import { reasonOf, UpstreamError } from "./errors.ts";

const IPV4 = /^\d{1,3}(?:\.\d{1,3}){3}$/;

/** Whether a host is an address already. */
export function isLiteral(host: string): boolean {
  return IPV4.test(host) || host.includes(":");
}

/**
 * The addresses of a host, resolved once.
 *
 * @throws {UpstreamError} `upstream_dns`
 */
export async function findAddresses(
  host: string,
  resolve: ((host: string) => Promise<string[]>) | undefined,
  signal: AbortSignal,
): Promise<string[]> {
  if (isLiteral(host)) return [host];
  // RFC 6761: this name is never asked of the network.
  if (host === "localhost" || host.endsWith(".localhost")) return ["127.0.0.1", "::1"];
  let addresses: string[];
  try {
    addresses = await untilAborted((resolve ?? systemResolve)(host), signal);
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw new UpstreamError("upstream_dns", `cannot reach ${host}: its name cannot be resolved`, {
      cause: error,
    });
  }
  if (addresses.length > 0) return addresses;
  throw new UpstreamError("upstream_dns", `cannot reach ${host}: its name has no address`);
}

async function systemResolve(host: string): Promise<string[]> {
  // `Deno.resolveDns` knows no /etc/hosts; loaded when first needed because it costs start-up time.
  const { lookup } = await import("node:dns/promises");
  const found = await lookup(host, { all: true, order: "verbatim" });
  return found.map(({ address }) => address);
}

/**
 * Connects to the first of some addresses that answers, without Nagle's algorithm.
 *
 * @param vet judges each address just before it is connected to; throws to refuse it
 * @throws {UpstreamError} `upstream_unreachable`; what `vet` threw for the last address.
 */
export async function connectToAny(
  place: { readonly host: string; readonly port: number },
  addresses: readonly string[],
  vet: ((address: string) => void) | undefined,
  { signal, deadline }: DialAttempt,
): Promise<{ connection: Deno.TcpConn; address: string }> {
  let failure: unknown;
  for (const [index, address] of addresses.entries()) {
    const others = addresses.length - index - 1;
    try {
      vet?.(address);
      // While there are others to try, none may use up all the time.
      const share = (deadline - performance.now()) / (others > 0 ? 2 : 1);
      const attempt = others > 0
        ? AbortSignal.any([signal, AbortSignal.timeout(Math.max(1, share))])
        : signal;
      const connection = await Deno.connect({ hostname: address, port: place.port, signal: attempt });
      connection.setNoDelay(true);
      return { connection, address };
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      failure = error;
    }
  }
  if (failure instanceof Error && failure.name !== "AbortError" && isSystemError(failure)) {
    const name = `${bracketHost(place.host)}:${place.port}`;
    throw new UpstreamError("upstream_unreachable", `cannot reach ${name}: ${reasonOf(failure)}`, {
      cause: failure,
    });
  }
  throw failure;
}

/** Waits for some work, but no longer than until a signal; the work is then left alone. */
export async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
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

/** Closes what may be closed already. */
export function closeQuietly(closable: { close(): void }): void {
  try {
    closable.close();
  } catch {
    // Deno throws BadResource for a connection that is closed, which is all that is wanted.
  }
}
