/**
 * Which fields a proxy passes on, RFC 9110 section 7.6.1.
 *
 * @module
 */

import type { HeaderField, HeaderList } from "./headers.ts";

const HOP_BY_HOP = new Set([
  "connection",
  "content-length",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/**
 * The fields that are for the other end: without those that concern this connection only, those that `Connection`
 * names, and the framing, which is the engine's. Order, spelling and repetition are kept.
 */
export function endToEndFields(headers: HeaderList): HeaderField[] {
  const named = new Set<string>();
  for (const value of headers.getAll("connection")) {
    for (const name of value.split(",")) named.add(name.trim().toLowerCase());
  }
  const fields: HeaderField[] = [];
  for (const field of headers) {
    if (!HOP_BY_HOP.has(field.lower) && !named.has(field.lower)) fields.push(field);
  }
  return fields;
}
