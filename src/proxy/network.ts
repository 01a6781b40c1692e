/**
 * How hosts are reached: an upstream proxy and what it is not for, further authorities, private addresses that are
 * opened. Made from the settings once, whenever they change.
 *
 * @module
 */

import { isLoopbackName } from "../core/host_name.ts";
import { namesAddress, namesHost, type NetworkRule, parseNetworkRule } from "../core/network_rule.ts";
import { parseProxyUrl, type ProxyUrl } from "../core/proxy_url.ts";
import type { SettingValues } from "../core/settings.ts";

/** The settings a network is made of. */
export type NetworkSettings = Pick<
  SettingValues,
  "proxy.upstream" | "proxy.no_proxy" | "proxy.extra_ca" | "proxy.allow_private"
>;

/** How hosts are reached. */
export interface ProxyNetwork {
  /** Different for each that was made: connections are shared among requests of one only. */
  readonly generation: number;
  /** The upstream proxy, if there is one. */
  readonly upstream: ProxyUrl | null;
  /** What is reached without it. */
  readonly noProxy: readonly NetworkRule[];
  /** PEM certificates trusted besides the usual ones. */
  readonly extraCa: readonly string[];
  /** Private addresses, ranges and names that tokens allowed by a wildcard may reach. */
  readonly allowPrivate: readonly NetworkRule[];
}

/** No proxy, no further authorities, nothing private opened. */
export const DIRECT: ProxyNetwork = {
  generation: 0,
  upstream: null,
  noProxy: [],
  extraCa: [],
  allowPrivate: [],
};

let generations = 0;

/** Makes a network of settings that were checked when they were set. */
export function networkOf(settings: NetworkSettings): ProxyNetwork {
  return {
    generation: ++generations,
    upstream: parseProxyUrl(settings["proxy.upstream"]),
    noProxy: rules(settings["proxy.no_proxy"]),
    extraCa: settings["proxy.extra_ca"],
    allowPrivate: rules(settings["proxy.allow_private"]),
  };
}

/**
 * The proxy through which a host is reached; null for none. This machine's own addresses are never asked of a proxy, which
 * would understand its own.
 *
 * @param host normalised, IPv6 without brackets
 */
export function viaFor({ upstream, noProxy }: ProxyNetwork, host: string, port: number): ProxyUrl | null {
  if (upstream === null || isLoopbackName(host) || host.endsWith(".localhost")) return null;
  const excepted = noProxy.some((rule) => namesHost(rule, host, port, { bareNamesCoverBelow: true }));
  return excepted ? null : upstream;
}

/**
 * What `proxy.allow_private` opens for a host that resolved to an address: `any` kind of address where a rule names that
 * address, `private` ones where one names the host, since a name's owner decides what it resolves to.
 */
export function privateAllowance(
  { allowPrivate }: ProxyNetwork,
  host: string,
  address: string,
  port: number,
): "any" | "private" | "none" {
  if (allowPrivate.some((rule) => namesAddress(rule, address, port))) return "any";
  const named = allowPrivate.some((rule) =>
    rule.kind === "name" && namesHost(rule, host, port, { bareNamesCoverBelow: false })
  );
  return named ? "private" : "none";
}

function rules(texts: readonly string[]): NetworkRule[] {
  return texts.map(parseNetworkRule).filter((rule) => rule !== null);
}
