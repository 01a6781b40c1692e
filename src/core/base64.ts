/**
 * Base64 over bytes (RFC 4648), so that a secret can be written into `Authorization: Basic` without becoming a string.
 *
 * @module
 */

const ALPHABET = Uint8Array.from(
  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
  (character) => character.charCodeAt(0),
);

const VALUES = new Int8Array(256).fill(-1);
for (const [value, code] of ALPHABET.entries()) VALUES[code] = value;
// The URL-safe alphabet, section 5.
VALUES[0x2d] = 62;
VALUES[0x5f] = 63;

const PAD = 0x3d;

/** The six bits that a character of either alphabet stands for, or -1. */
export function base64Value(code: number): number {
  return code < 256 ? VALUES[code]! : -1;
}

/** Length of the padded form of so many bytes. */
export function base64Length(bytes: number): number {
  return Math.ceil(bytes / 3) * 4;
}

/** Writes the padded standard form of `bytes` into `target` at `offset`; returns the offset after it. */
export function writeBase64(bytes: Uint8Array, target: Uint8Array, offset: number): number {
  let at = offset;
  for (let i = 0; i < bytes.length; i += 3) {
    const left = bytes.length - i;
    const group = (bytes[i]! << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    target[at++] = ALPHABET[group >> 18]!;
    target[at++] = ALPHABET[(group >> 12) & 63]!;
    target[at++] = left > 1 ? ALPHABET[(group >> 6) & 63]! : PAD;
    target[at++] = left > 2 ? ALPHABET[group & 63]! : PAD;
  }
  return at;
}

/**
 * Reads either alphabet, with or without padding, as one Latin-1 character a byte. Meant for what clients send, which
 * holds tokens, not secrets.
 *
 * @returns null if it is not Base64.
 */
export function decodeBase64Text(text: string): string | null {
  let length = text.length;
  while (length > 0 && text.length - length < 2 && text.charCodeAt(length - 1) === PAD) length--;
  if (length % 4 === 1) return null;
  let out = "";
  let bits = 0;
  let held = 0;
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i);
    const value = base64Value(code);
    if (value < 0) return null;
    held = ((held << 6) | value) & 0xffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      out += String.fromCharCode((held >> bits) & 0xff);
    }
  }
  return out;
}
