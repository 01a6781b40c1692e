/**
 * What is asked of an upstream whose response will be searched.
 *
 * @module
 */

import type { OutgoingField } from "../http/mod.ts";
import { acceptable } from "./codings.ts";

/** Fields by which some servers take a range; only `Range` is a standard. */
export const RANGE_FIELDS: ReadonlySet<string> = new Set([
  "range",
  "request-range",
  "x-ms-range",
  "x-goog-range",
]);

/**
 * Limits `Accept-Encoding` to what can be decoded. A range is asked for without any coding, because a piece of a coded body cannot be
 * decoded; where `wholeOnly`, it is not asked for at all. A weak tag in `If-Match` could only ever be refused (RFC 9110
 * section 13.1.1): it was made weak on its way to the client, and becomes the strong one again.
 */
export function fieldsForScrubbing(fields: readonly OutgoingField[], wholeOnly: boolean): OutgoingField[] {
  const hasRange = fields.some(({ name }) => RANGE_FIELDS.has(name.toLowerCase()));
  const ranged = hasRange && !wholeOnly;
  const kept: OutgoingField[] = [];
  let accepted: string | undefined;
  let position = 0;
  for (const field of fields) {
    const lower = field.name.toLowerCase();
    if (lower === "accept-encoding" && typeof field.value === "string") {
      if (accepted === undefined) position = kept.push(field) - 1;
      accepted = accepted === undefined ? field.value : `${accepted}, ${field.value}`;
    } else if (lower === "if-match" && typeof field.value === "string") {
      kept.push({ ...field, value: strongTags(field.value) });
    } else if (!(hasRange && wholeOnly && (RANGE_FIELDS.has(lower) || lower === "if-range"))) {
      kept.push(field);
    }
  }
  if (accepted !== undefined) {
    kept[position] = { name: "Accept-Encoding", value: ranged ? "identity" : acceptable(accepted) };
  } else if (ranged) kept.push({ name: "Accept-Encoding", value: "identity" });
  return kept;
}

/** A list of entity tags without their weakness marks; what stands inside the quotes stays. */
function strongTags(value: string): string {
  return value.replaceAll(/W\/("[^"]*")|"[^"]*"/g, (tag, opaque: string | undefined) => opaque ?? tag);
}
