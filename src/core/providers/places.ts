/**
 * The places that many providers share, so that the catalogue's data reads well.
 *
 * @module
 */

import type { ProviderPlace } from "../provider.ts";

/** `Authorization: Bearer <key>`. */
export const BEARER: ProviderPlace = { in: "header", name: "authorization", scheme: "bearer" };
/** `Authorization: Token <key>`. */
export const TOKEN: ProviderPlace = { in: "header", name: "authorization", scheme: "token" };
/** `Authorization: <key>`. */
export const BARE: ProviderPlace = { in: "header", name: "authorization" };
/** The user of `Authorization: Basic`. */
export const BASIC_USER: ProviderPlace = { in: "basic", part: "user" };
/** The password of `Authorization: Basic`. */
export const BASIC_PASSWORD: ProviderPlace = { in: "basic", part: "password" };

/** `Authorization: <word> <key>`; the word in lower case. */
export function scheme(word: string): ProviderPlace {
  return { in: "header", name: "authorization", scheme: word };
}

/** A header of the provider's own; its name in lower case. */
export function header(name: string): ProviderPlace {
  return { in: "header", name };
}

/** A query parameter. */
export function query(name: string): ProviderPlace {
  return { in: "query", name };
}
