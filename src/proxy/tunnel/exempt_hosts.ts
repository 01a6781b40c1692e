/**
 * Hosts whose tunnels are never opened, whoever asks: their clients pin certificates, or speak gRPC.
 *
 * @module
 */

import { namesHost, parseNetworkRule } from "../../core/network_rule.ts";

/**
 * Makes the question whether a host is exempt, of rules that were checked when they were set.
 *
 * @param texts `proxy.never_intercept`; a bare name also means what is below it
 */
export function exemptHosts(texts: readonly string[]): (host: string, port: number) => boolean {
  const rules = texts.map(parseNetworkRule).filter((rule) => rule !== null);
  return (host, port) => rules.some((rule) => namesHost(rule, host, port, { bareNamesCoverBelow: true }));
}
