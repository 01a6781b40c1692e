/**
 * Which credentials could be written to a host and read from it again.
 *
 * @module
 */

import { placeFor } from "../../core/provider.ts";
import type { ProxyCredential } from "../ports.ts";

/**
 * Whether a credential may stand in a part of a request that hosts keep, rather than in a header. Then a response cut into ranges
 * could bring it back in pieces too small to be known.
 */
export function mayBeReadBack(
  { type, place }: Pick<ProxyCredential, "type" | "place">,
  host: string,
): boolean {
  if (place !== null) return place.in !== "header" && place.in !== "basic";
  if (type === "query_param") return true;
  return type === "api_key" && (placeFor(host)?.some((known) => known.in === "query") ?? true);
}
