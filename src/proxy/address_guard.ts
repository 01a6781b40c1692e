/**
 * Which addresses a request may be dialled at. The lookup happens once; what is checked here is what is dialled.
 *
 * @module
 */

import { addressKind } from "../core/address.ts";
import { isThisMachine } from "../core/target.ts";
import { Refusal } from "./refusal.ts";
import { loop } from "./steps/route.ts";

/**
 * What a request may reach. `public` is for tokens allowed by a wildcard, `exact` for tokens whose host was named exactly
 * (its owner meant that host, wherever it is), `plain` for requests without a token.
 */
export type Reach = "public" | "exact" | "plain";

/**
 * Checks one address.
 *
 * @param address as the resolver gave it, IPv6 without brackets
 * @param port port to be dialled
 * @param reach what the request may reach
 * @param listener our own listener
 * @throws {Refusal} 508 `loop` for ourselves, 403 `address_refused` for what lies out of reach.
 */
export function guardAddress(
  address: string,
  port: number,
  reach: Reach,
  listener: { readonly port: number },
): void {
  if (port === listener.port && isThisMachine(address)) throw loop();
  if (reach === "exact") return;
  const kind = addressKind(address);
  if (kind === "public") return;
  if (reach === "public") {
    throw new Refusal(403, {
      code: "address_refused",
      message: `cannot use the token: its host resolves to a ${kind.replace("_", "-")} address`,
      hint: "name the exact host in --hosts if it is meant",
    });
  }
  if (kind === "link_local" || kind === "metadata") {
    throw new Refusal(403, {
      code: "address_refused",
      message: `cannot carry the request: its host resolves to a ${kind.replace("_", "-")} address`,
    });
  }
}
