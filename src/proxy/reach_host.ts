/**
 * How any part of the proxy gets a connection to a host: checked addresses, upstream proxy, trust. Requests give the
 * options to the pool, tunnels take the stream.
 *
 * @module
 */

import { guardAddress, guardProxyAddress, type Reach } from "./address_guard.ts";
import { dial, type Dialled, type DialOptions } from "./http/mod.ts";
import { DIRECT, type ProxyNetwork, viaFor } from "./network.ts";
import type { OwnListener } from "./own_listener.ts";
import type { ProxyLimits } from "./ports.ts";

/** What reaching a host needs. */
export interface HostServices {
  /** Our own listener, never dialled. */
  readonly listener: OwnListener;
  /** Bounds in force. */
  readonly limits: () => Pick<ProxyLimits, "connectTimeoutMs">;
  /** How hosts are reached at the moment; directly if it is not said. */
  readonly network?: () => ProxyNetwork;
  /** PEM certificates trusted besides those of the network. */
  readonly caCerts?: readonly string[];
  /** Finds the addresses of a name; the system's resolver by default. */
  readonly resolve?: (host: string) => Promise<string[]>;
}

/** A host and its port. */
export interface HostPlace {
  /** Normalised host, IPv6 without brackets. */
  readonly host: string;
  /** Port. */
  readonly port: number;
}

/**
 * Options for dialling a host, and the partition of the pool its connections belong to: pooled ones are not vetted
 * again, so they are shared only among requests with the same reach, proxy and trust.
 */
export function reachHost(
  services: HostServices,
  { host, port }: HostPlace,
  reach: Reach,
): { dial: DialOptions; partition: string } {
  const { listener, limits, resolve } = services;
  const network = services.network?.() ?? DIRECT;
  const via = viaFor(network, host, port);
  const caCerts = [...network.extraCa, ...services.caCerts ?? []];
  const options: DialOptions = {
    connectTimeoutMs: limits().connectTimeoutMs,
    vet: (address) => guardAddress({ host, port, address }, reach, listener, network),
    ...(caCerts.length === 0 ? {} : { caCerts }),
    ...(resolve === undefined ? {} : { resolve }),
  };
  if (via !== null) {
    options.via = via;
    options.vetVia = (address) => guardProxyAddress(address, via.port, listener);
  }
  return { dial: options, partition: `${reach} ${network.generation}` };
}

/**
 * Connects to a host for whoever speaks with it from then on, such as a blind tunnel; through an HTTP proxy by `CONNECT`.
 *
 * @param tls whether to handshake with the host; a blind tunnel leaves that to its client
 * @throws {UpstreamError} see {@linkcode dial}.
 * @throws {Refusal} 403 `address_refused`, 508 `loop`.
 */
export function connectToHost(
  services: HostServices,
  place: HostPlace,
  { reach, tls, signal }: { reach: Reach; tls: boolean; signal?: AbortSignal },
): Promise<Dialled> {
  const options = reachHost(services, place, reach).dial;
  return dial({ scheme: tls ? "https" : "http", host: place.host, port: place.port }, {
    ...options,
    tunnel: true,
    ...(signal === undefined ? {} : { signal }),
  });
}
