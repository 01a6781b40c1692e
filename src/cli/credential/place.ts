/**
 * The place that `--in` declares; `--header-name` and `--param-name` say the same of headers and parameters.
 *
 * @module
 */

import { checkPlace, type CredentialType, type Place } from "../../core/credential.ts";
import { parsePlace } from "../../core/place.ts";
import type { Arguments } from "../arguments.ts";

/**
 * The place of a credential whose type is known; null = what the type implies.
 *
 * @throws {UsageError} `place_required`, `place_not_allowed`, `invalid_place`.
 */
export function placeForType(type: CredentialType, args: Arguments): Place | null {
  const place = placeGiven(args) ?? null;
  checkPlace(type, place);
  return place;
}

/**
 * The place that was given; undefined if none was.
 *
 * @throws {UsageError} `invalid_place`.
 */
export function placeGiven(args: Arguments): Place | undefined {
  args.exclusive("in", "header-name", "param-name");
  const place = args.text("in");
  if (place !== undefined) return parsePlace(place);
  const header = args.text("header-name");
  if (header !== undefined) return parsePlace(`header:${header}`);
  const param = args.text("param-name");
  return param === undefined ? undefined : parsePlace(`query:${param}`);
}
