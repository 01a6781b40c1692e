/**
 * What is asked of an upstream whose response will be searched.
 *
 * @module
 */

import type { OutgoingField } from "../http/mod.ts";
import { acceptable } from "./codings.ts";

/**
 * Limits `Accept-Encoding` to what can be decoded. A range is asked for without any coding, because a piece of a coded body cannot be
 * decoded; where `wholeOnly`, it is not asked for at all.
 */
export function fieldsForScrubbing(fields: readonly OutgoingField[], wholeOnly: boolean): OutgoingField[] {
  const hasRange = fields.some(({ name }) => name.toLowerCase() === "range");
  const ranged = hasRange && !wholeOnly;
  const kept: OutgoingField[] = [];
  let accepted: string | undefined;
  let position = 0;
  for (const field of fields) {
    const lower = field.name.toLowerCase();
    if (lower === "accept-encoding" && typeof field.value === "string") {
      if (accepted === undefined) position = kept.push(field) - 1;
      accepted = accepted === undefined ? field.value : `${accepted}, ${field.value}`;
    } else if (!(hasRange && wholeOnly && (lower === "range" || lower === "if-range"))) {
      kept.push(field);
    }
  }
  if (accepted !== undefined) {
    kept[position] = { name: "Accept-Encoding", value: ranged ? "identity" : acceptable(accepted) };
  } else if (ranged) kept.push({ name: "Accept-Encoding", value: "identity" });
  return kept;
}
