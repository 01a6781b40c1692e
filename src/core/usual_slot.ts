/**
 * The one place of a request where a credential's token usually stands: what is told to somebody who asks how to call a
 * host. Each answer is a place that `placement.ts` lets through.
 *
 * @module
 */

import { isBodyPlace, type Place } from "./place.ts";
import type { Placeable } from "./placement.ts";
import { placeFor, type ProviderPlace } from "./provider.ts";

/** A place together with the word that goes before the token. */
export type Slot =
  /** The header's whole value, after `scheme` and a blank if there is one. */
  | { readonly in: "header"; readonly name: string; readonly scheme: string | null }
  /** One half of `Authorization: Basic base64(user:password)`. */
  | { readonly in: "basic"; readonly part: "user" | "password" }
  | Exclude<Place, { in: "header" | "basic" }>;

const AUTHORIZATION = "Authorization";

/**
 * Where the token usually stands in a request to a host; null where nothing can be said.
 *
 * @param host normalised host of the target
 *
 * @example
 * ```ts
 * import { usualSlot } from "./usual_slot.ts";
 *
 * const slot = usualSlot({ type: "bearer_token", place: null }, "api.example.com");
 * console.assert(slot?.in === "header" && slot.scheme === "Bearer");
 * ```
 */
export function usualSlot({ type, place }: Placeable, host: string): Slot | null {
  // A bare token in Basic stands for the credential's own user and password, wherever they were declared to go.
  if (type === "basic_auth") return { in: "header", name: AUTHORIZATION, scheme: "Basic" };
  if (place !== null) return place.in === "header" ? { ...place, scheme: null } : place;
  switch (type) {
    case "bearer_token":
      return { in: "header", name: AUTHORIZATION, scheme: "Bearer" };
    case "api_key": {
      const [usual] = placeFor(host) ?? [];
      return usual === undefined
        ? { in: "header", name: AUTHORIZATION, scheme: "Bearer" }
        : ofProvider(usual);
    }
    case "custom_header":
    case "query_param":
      return null; // Without a declared place these may stand nowhere.
  }
}

/** Whether the token stands in the body or in a message, so that a request without one cannot carry it. */
export function isBodySlot(slot: Slot): boolean {
  return slot.in !== "header" && slot.in !== "basic" && isBodyPlace(slot);
}

function ofProvider(place: ProviderPlace): Slot {
  if (place.in !== "header") return place;
  const { name, scheme } = place;
  return {
    in: "header",
    name: name.replaceAll(/(?:^|-)[a-z]/g, (start) => start.toUpperCase()),
    scheme: scheme === undefined ? null : `${scheme.slice(0, 1).toUpperCase()}${scheme.slice(1)}`,
  };
}
