/**
 * Bytes and their spellings. Secrets stay `Uint8Array` from decryption to the outgoing buffer, so the helpers
 * here never go through a string unless their name says so.
 *
 * @module
 */

const encoder = new TextEncoder();
const strictDecoder = new TextDecoder("utf-8", {
  fatal: true,
  ignoreBOM: true,
});

/** UTF-8 bytes of a text. */
export function utf8(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text);
}

/** Text of UTF-8 bytes; throws `TypeError` if they are not UTF-8. */
export function fromUtf8(bytes: Uint8Array): string {
  return strictDecoder.decode(bytes);
}

/** Text whose UTF-8 is written one character per byte; throws `TypeError` if it is not UTF-8. */
export function utf8FromLatin1(text: string): string {
  return fromUtf8(Uint8Array.from(text, (character) => character.charCodeAt(0)));
}

/** Joins pieces into one new array. */
export function concat(
  ...pieces: readonly Uint8Array[]
): Uint8Array<ArrayBuffer> {
  let length = 0;
  for (const piece of pieces) length += piece.length;
  const joined = new Uint8Array(length);
  let offset = 0;
  for (const piece of pieces) {
    joined.set(piece, offset);
    offset += piece.length;
  }
  return joined;
}

/** Overwrites key material with zeros. */
export function wipe(...buffers: readonly (Uint8Array | undefined)[]): void {
  for (const buffer of buffers) buffer?.fill(0);
}

/** Compares in time that depends on the lengths only. */
export function equalInConstantTime(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= a[i]! ^ b[i]!;
  return difference === 0;
}
