/**
 * Where a credential's secret may be put. The type decides, or the place its owner declared; in any other place a token is
 * refused, because what can be written to a host can often be read back from it.
 *
 * @module
 */

import type { CredentialType, Place } from "./credential.ts";
import { CREDENTIAL_HEADERS, CREDENTIAL_PARAMETERS } from "./credential_names.ts";
import { describePlace, flawOf } from "./place.ts";
import { placeFor, type ProviderPlace } from "./provider.ts";
import type { Spot } from "./sightings.ts";

/** What of a credential decides its place. */
export interface Placeable {
  /** Its type. */
  readonly type: CredentialType;
  /** The place its owner declared; wins over the type. */
  readonly place: Place | null;
}

/**
 * How the secret goes in: `value` replaces the token; `pair` is a `user:password` that becomes the whole of
 * `Authorization: Basic`.
 */
export type Usage = "value" | "pair";

/**
 * Decides whether a token may stand at a spot of a request to a host, and how its secret goes in there.
 *
 * - a declared place: anywhere in its value, or all of it for a part of Basic; a declared body takes it anywhere in a text
 *   body;
 * - `bearer_token`: `Authorization: Bearer <token>`, the bare token, or what the catalogue says of `Authorization` there;
 * - `api_key`: exactly the catalogue's places for that host; elsewhere `Authorization` (Bearer, token, bare), a header or a
 *   query parameter named like a credential;
 * - `basic_auth`: `Authorization` with a bare token, `Basic <token>`, or the token as the password inside the Base64. The
 *   credential's own `user:password` replaces the client's whole pair. As the user only if that was declared.
 *
 * @param host normalised host of the target
 * @returns null if it may not.
 */
export function usageAt(credential: Placeable, host: string, spot: Spot): Usage | null {
  if (spot.in === "elsewhere") return null;
  if (credential.place !== null && isDeclared(credential.place, spot)) {
    return credential.type === "basic_auth" ? "pair" : "value";
  }
  // What basic_auth declares adds to what it may; any other place replaces it.
  if (credential.place !== null && credential.type !== "basic_auth") return null;
  switch (credential.type) {
    case "bearer_token": {
      if (spot.in === "header" && spot.name === "authorization" && spot.whole) {
        if (spot.scheme === null || spot.scheme === "bearer") return "value";
      }
      return placeFor(host)?.some((place) => isAuthorization(place) && fits(place, spot)) ? "value" : null;
    }
    case "api_key": {
      const places = placeFor(host);
      const allowed = places === undefined
        ? isUsualKeyPlace(spot)
        : places.some((place) => fits(place, spot));
      return allowed ? "value" : null;
    }
    case "basic_auth": {
      if (spot.in === "basic") return spot.part === "password" ? "pair" : null;
      const whole = spot.in === "header" && spot.name === "authorization" && spot.whole;
      return whole && (spot.scheme === null || spot.scheme === "basic") ? "pair" : null;
    }
    // Without the header or parameter they are about, these may stand nowhere.
    case "custom_header":
    case "query_param":
      return null;
  }
}

/** Says in words where a credential's token may stand in a request to a host, for refusals. */
export function describePlaces(credential: Placeable, host: string): string {
  const { type, place } = credential;
  if (place !== null) return describePlace(place);
  switch (type) {
    case "bearer_token":
      return "Authorization: Bearer <token>";
    case "api_key":
      return placeFor(host)?.map(describe).join(", or ") ??
        "Authorization, or a header or query parameter named like a key (X-Api-Key, api_key)";
    case "basic_auth":
      return "Authorization: Basic, as the password (curl -u user:<token>)";
    case "custom_header":
    case "query_param":
      return "nowhere: it names no header or parameter";
  }
}

/** The place that would have to be declared for a spot; null where no secret may ever stand. */
export function placeOf(spot: Spot): Place | null {
  const place = declarable(spot);
  return place === null || flawOf(place) !== null ? null : place;
}

function declarable(spot: Spot): Place | null {
  switch (spot.in) {
    case "header":
    case "query":
      return { in: spot.in, name: spot.name };
    case "basic":
      return spot.part === "inside" ? null : { in: "basic", part: spot.part };
    case "body_json":
      return { in: "body_json", pointer: spot.pointer };
    case "form":
      return { in: "form", field: spot.field };
    case "body":
      return { in: "body" };
    case "message":
      return { in: "ws" };
    case "elsewhere":
      return null;
  }
}

function isDeclared(place: Place, spot: Spot): boolean {
  switch (place.in) {
    case "header":
      return spot.in === "header" && spot.name === place.name.toLowerCase();
    case "query":
      return spot.in === "query" && spot.name === place.name;
    case "basic":
      return spot.in === "basic" && spot.part === place.part;
    case "body_json":
      return spot.in === "body_json" && spot.pointer === place.pointer;
    case "form":
      return spot.in === "form" && spot.field === place.field;
    case "body":
      return spot.in === "body_json" || spot.in === "form" || spot.in === "body";
    case "ws":
      return spot.in === "message";
  }
}

function isUsualKeyPlace(spot: Spot): boolean {
  if (spot.in === "query") return spot.whole && CREDENTIAL_PARAMETERS.has(spot.name.toLowerCase());
  if (spot.in !== "header" || !spot.whole) return false;
  if (spot.name !== "authorization") return spot.scheme === null && CREDENTIAL_HEADERS.has(spot.name);
  return spot.scheme === null || spot.scheme === "bearer" || spot.scheme === "token";
}

function isAuthorization(place: ProviderPlace): boolean {
  return place.in === "basic" || (place.in === "header" && place.name === "authorization");
}

function fits(place: ProviderPlace, spot: Spot): boolean {
  switch (place.in) {
    case "header":
      return spot.in === "header" && spot.whole && spot.name === place.name &&
        spot.scheme === (place.scheme ?? null);
    case "query":
      return spot.in === "query" && spot.whole && spot.name === place.name;
    case "basic":
      return spot.in === "basic" && spot.part === place.part;
  }
}

function describe(place: ProviderPlace): string {
  switch (place.in) {
    case "header": {
      if (place.name !== "authorization") return `the header ${place.name}`;
      const word = place.scheme === undefined
        ? ""
        : `${place.scheme[0]?.toUpperCase()}${place.scheme.slice(1)} `;
      return `Authorization: ${word}<token>`;
    }
    case "query":
      return `the query parameter ${place.name}`;
    case "basic":
      return `Authorization: Basic, as the ${place.part}`;
  }
}
