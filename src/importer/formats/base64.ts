/**
 * Base64 around a text, as configuration files wrap passwords.
 *
 * @module
 */

import { fromUtf8, utf8 } from "../../core/bytes.ts";

/** The text in a Base64; null if it is none, or no UTF-8. */
export function textOfBase64(encoded: string): string | null {
  try {
    return fromUtf8(Uint8Array.fromBase64(encoded.replace(/\s+/g, "")));
  } catch {
    return null; // It is something else, and so no wrapped text.
  }
}

/** A text in Base64. */
export function base64Of(text: string): string {
  return utf8(text).toBase64();
}
