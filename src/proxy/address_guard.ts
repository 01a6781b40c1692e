/**
 * Which addresses a request may be dialled at. The lookup happens once; what is checked here is what is dialled.
 *
 * @module
 */

import { addressKind } from "../core/address.ts";
import { formatNetworkRule } from "../core/network_rule.ts";
import { shellQuote } from "../core/shell_quote.ts";
import { isThisMachine } from "../core/target.ts";
import { privateAllowance, type ProxyNetwork } from "./network.ts";
import { isOwnPort, type OwnListener } from "./own_listener.ts";
import { Refusal } from "./refusal.ts";
import { loop } from "./steps/target_checks.ts";

/**
 * What a request may reach. `public` is for tokens allowed by a wildcard, `exact` for tokens whose host was named exactly
 * (its owner meant that host, wherever it is), `plain` for requests without a token.
 */
export type Reach = "public" | "exact" | "plain";

/** What is about to be dialled. */
export interface DialledPlace {
  /** The host as it was asked for. */
  readonly host: string;
  /** Port to be dialled. */
  readonly port: number;
  /** Address as the resolver gave it, IPv6 without brackets. */
  readonly address: string;
}

/**
 * Checks one address.
 *
 * @param reach what the request may reach
 * @param listener our own
 * @param network says which private addresses are opened
 * @throws {Refusal} 508 `loop` for ourselves, 403 `address_refused` for what lies out of reach.
 */
export function guardAddress(
  { host, port, address }: DialledPlace,
  reach: Reach,
  listener: OwnListener,
  network: ProxyNetwork,
): void {
  if (isOwnPort(port, listener) && isThisMachine(address)) throw loop();
  if (reach === "exact") return;
  const kind = addressKind(address);
  if (kind === "public") return;
  const hidden = kind === "link_local" || kind === "metadata";
  if (reach === "plain" && !hidden) return;
  const allowance = privateAllowance(network, host, address, port);
  if (allowance === "any" || (allowance === "private" && kind === "private")) return;
  const what = `its host resolves to a ${kind.replace("_", "-")} address`;
  const opened = [...network.allowPrivate.map(formatNetworkRule), address].join(",");
  const command = `wispkey config set proxy.allow_private ${shellQuote(opened)}`;
  throw new Refusal(403, {
    code: "address_refused",
    message: reach === "public" ? `cannot use the token: ${what}` : `cannot carry the request: ${what}`,
    hint: reach === "public" ? `name the exact host in --hosts if it is meant, or ${command}` : command,
  });
}

/**
 * Checks an address of the upstream proxy, which may be anywhere but here.
 *
 * @throws {Refusal} 508 `loop`
 */
export function guardProxyAddress(address: string, port: number, listener: OwnListener): void {
  if (isOwnPort(port, listener) && isThisMachine(address)) throw loop();
}
