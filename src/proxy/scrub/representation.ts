/**
 * The fields that describe a body's bytes, when these are no longer what the upstream sent.
 *
 * @module
 */

import type { HeaderField } from "../http/mod.ts";

const DIGESTS = new Set(["content-digest", "content-md5", "digest", "repr-digest"]);

/** Leaves out digests, which would be wrong. */
export function withoutDigests(fields: Iterable<HeaderField>): HeaderField[] {
  return [...fields].filter(({ lower }) => !DIGESTS.has(lower));
}

/**
 * The fields of a decoded or changed body: without `Content-Encoding`, `Content-Length`, digests and `Accept-Ranges`; a strong
 * `ETag`, which promises the same bytes, becomes a weak one.
 */
export function describeChanged(fields: readonly HeaderField[]): HeaderField[] {
  const kept: HeaderField[] = [];
  for (const field of withoutDigests(fields)) {
    const { name, lower, value } = field;
    if (lower === "content-encoding" || lower === "content-length" || lower === "accept-ranges") continue;
    kept.push(lower === "etag" && !value.startsWith("W/") ? { name, lower, value: `W/${value}` } : field);
  }
  return kept;
}
