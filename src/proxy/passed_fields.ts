/**
 * Which fields of a request go on, RFC 9110 section 7.6.1, and which of a response come back.
 *
 * @module
 */

import type { HeaderField } from "./http/headers.ts";
import { reroutes } from "./http/rerouting.ts";
import type { OutgoingField } from "./http/serialize.ts";
import type { OutgoingValue } from "./http/types.ts";

const HOP_BY_HOP = new Set([
  "connection",
  "expect",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authentication-info",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

// What the place of a secret in a body was judged by must not be dropped by a word in `Connection`.
const END_TO_END = new Set(["content-encoding", "content-length", "content-type", "host"]);

/** Whether a field (lower case name) is about one connection only. */
function isHopByHop(lower: string): boolean {
  return HOP_BY_HOP.has(lower) || lower.startsWith("proxy-");
}

/** The names that `Connection` lists, in lower case; null if there are none besides `close` and `keep-alive`. */
function namedByConnection(fields: Iterable<HeaderField>): ReadonlySet<string> | null {
  let names: Set<string> | null = null;
  for (const { lower, value } of fields) {
    if (lower !== "connection") continue;
    for (const item of value.split(",")) {
      const name = item.trim().toLowerCase();
      if (name === "" || name === "close" || name === "keep-alive" || END_TO_END.has(name)) continue;
      (names ??= new Set()).add(name);
    }
  }
  return names;
}

/**
 * The fields of a request as they go out: `Host` first, written from the checked target; hop-by-hop ones dropped, and for
 * requests that carry a token those that re-route; all others in their order, spelling and number.
 * `Content-Length` stays for the codec to check, which also writes the framing.
 *
 * @param values outgoing values by index of the field, for those that hold a secret
 */
export function requestFields(
  fields: readonly HeaderField[],
  authority: string,
  carriesToken: boolean,
  values: ReadonlyMap<number, OutgoingValue>,
): OutgoingField[] {
  const named = namedByConnection(fields);
  const out: OutgoingField[] = [{ name: "Host", value: authority }];
  for (let i = 0; i < fields.length; i++) {
    const field = fields[i];
    if (field === undefined) continue;
    const { lower } = field;
    if (lower === "host" || isHopByHop(lower) || named?.has(lower)) continue;
    if (carriesToken && reroutes(lower)) continue;
    const value = values.get(i);
    out.push(value === undefined ? field : { name: field.name, value });
  }
  return out;
}

/**
 * The fields of a response as they go back, in their order, spelling and number: without hop-by-hop ones and without
 * `X-WispKey-Error` and `X-WispKey-Request-Id`, which only we may set. `Content-Length` stays, for answers to HEAD; the codec leaves it out elsewhere.
 */
export function responseFields(headers: Iterable<HeaderField>): HeaderField[] {
  const named = namedByConnection(headers);
  const out: HeaderField[] = [];
  for (const field of headers) {
    const { lower } = field;
    if (isHopByHop(lower) || OWN_FIELDS.has(lower) || named?.has(lower)) continue;
    out.push(field);
  }
  return out;
}

/** Fields of answers that only we may write. */
const OWN_FIELDS: ReadonlySet<string> = new Set(["x-wispkey-error", "x-wispkey-request-id"]);
