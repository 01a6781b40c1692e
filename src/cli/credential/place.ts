/**
 * The place that `--header-name` and `--param-name` declare.
 *
 * @module
 */

import { checkPlace, type CredentialType, type Place } from "../../core/credential.ts";
import { UsageError } from "../../core/errors.ts";
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
  args.exclusive("header-name", "param-name");
  const header = args.text("header-name");
  if (header !== undefined) return { in: "header", name: checkHeaderName(header) };
  const param = args.text("param-name");
  return param === undefined ? undefined : { in: "query", name: checkParamName(param) };
}

/** A field name is a token (RFC 9110, section 5.6.2). */
function checkHeaderName(name: string): string {
  if (/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$/.test(name)) return name;
  throw new UsageError("invalid --header-name: it is no name of an HTTP header", {
    code: "invalid_place",
    hint: "--header-name X-Api-Key",
  });
}

function checkParamName(name: string): string {
  if (/^[^\p{Cc}\s&=#?]{1,128}$/u.test(name)) return name;
  throw new UsageError("invalid --param-name: it is no plain name of a query parameter", {
    code: "invalid_place",
    hint: "--param-name key",
  });
}
