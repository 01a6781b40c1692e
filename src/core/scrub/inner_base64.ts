/**
 * The part of a Base64 text (RFC 4648) that some bytes decide alone, wherever they lie in what was encoded.
 *
 * @module
 */

import { base64Length, writeBase64 } from "../base64.ts";
import { wipe } from "../bytes.ts";

/** How many bytes precede, modulo 3. */
export type Alignment = 0 | 1 | 2;

/**
 * The Base64 characters that depend on `bytes` only, if `alignment` other bytes precede them in their group of three. Characters
 * shared with a neighbour and padding are left out.
 */
export function innerBase64(bytes: Uint8Array, alignment: Alignment): Uint8Array<ArrayBuffer> {
  const padded = new Uint8Array(alignment + bytes.length);
  padded.set(bytes, alignment);
  const whole = new Uint8Array(base64Length(padded.length));
  writeBase64(padded, whole, 0);
  const inner = whole.slice(Math.ceil(alignment * 8 / 6), Math.floor(padded.length * 8 / 6));
  wipe(padded, whole);
  return inner;
}

/** The same text in the URL-safe alphabet. */
export function urlSafe(base64: Uint8Array): Uint8Array<ArrayBuffer> {
  const safe = base64.slice() as Uint8Array<ArrayBuffer>;
  for (let i = 0; i < safe.length; i++) {
    if (safe[i] === 0x2b) safe[i] = 0x2d;
    else if (safe[i] === 0x2f) safe[i] = 0x5f;
  }
  return safe;
}
