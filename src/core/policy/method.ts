/**
 * Request methods in policies.
 *
 * @module
 */

import { nearest } from "../suggest.ts";
import { quoted, ValueMistake } from "./mistake.ts";

/** Methods in common use, of RFC 9110, RFC 5789 and RFC 4918. */
const KNOWN = [
  "GET",
  "HEAD",
  "POST",
  "PUT",
  "PATCH",
  "DELETE",
  "OPTIONS",
  "PROPFIND",
  "PROPPATCH",
  "MKCOL",
  "COPY",
  "MOVE",
  "LOCK",
  "UNLOCK",
  "REPORT",
  "SEARCH",
  "QUERY",
  "PURGE",
  "LINK",
  "UNLINK",
];

/**
 * Reads a method; answers it in upper case. Requests are compared as they come: a lower-case one is another method.
 *
 * @throws {ValueMistake} if it is no token (RFC 9110 section 5.6.2), is refused anyway, or looks mistyped.
 */
export function parseMethod(text: string): string {
  if (text === "*") throw new ValueMistake("'*' is no method: leave allowed_methods out to allow all");
  if (!/^[!#$%&'*+.^_`|~\w-]+$/.test(text)) throw new ValueMistake(`${quoted(text)} is no method`);
  const method = text.toUpperCase();
  if (KNOWN.includes(method)) return method;
  if (method === "TRACE" || method === "CONNECT") {
    throw new ValueMistake(`${method} never carries a credential, so no policy can allow it`);
  }
  const meant = nearest(text, KNOWN.map((known) => known.toLowerCase()));
  if (meant === undefined) return method;
  throw new ValueMistake(`unknown method ${quoted(text)}: did you mean '${meant.toUpperCase()}'?`);
}
