/**
 * The place that `--header-name` and `--param-name` declare.
 *
 * @module
 */

import type { CredentialType, Place } from "../../core/credential.ts";
import { UsageError } from "../../core/errors.ts";
import type { Arguments } from "../arguments.ts";

/**
 * The place a type asks for.
 *
 * @throws {UsageError} `place_required` if the type needs a name that was not given, `place_not_allowed` if it takes none.
 */
export function placeForType(type: CredentialType, args: Arguments): Place | null {
  const header = args.text("header-name");
  const param = args.text("param-name");
  if (header !== undefined && type !== "custom_header") throw misplaced("header-name", type, "custom_header");
  if (param !== undefined && type !== "query_param") throw misplaced("param-name", type, "query_param");
  if (type === "custom_header") {
    return { in: "header", name: checkHeaderName(required(header, type, "header-name")) };
  }
  if (type === "query_param") {
    return { in: "query", name: checkParamName(required(param, type, "param-name")) };
  }
  return null;
}

/** The place of an `edit` that keeps the type: what was given, undefined if nothing was. */
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

function required(name: string | undefined, type: CredentialType, option: string): string {
  if (name !== undefined) return name;
  throw new UsageError(`type ${type} needs a name: give --${option}`, {
    code: "place_required",
    hint: `--type ${type} --${option} ${type === "custom_header" ? "X-Api-Key" : "key"}`,
  });
}

function misplaced(option: string, type: CredentialType, fitting: CredentialType): UsageError {
  return new UsageError(`type ${type} takes no --${option}: that belongs to ${fitting}`, {
    code: "place_not_allowed",
    hint: `--type ${fitting} --${option} NAME`,
  });
}
