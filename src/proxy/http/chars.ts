/**
 * The character classes of RFC 9110 and 9112 as lookup tables over bytes.
 *
 * @module
 */

function table(accepts: (byte: number) => boolean): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) => accepts(byte) ? 1 : 0);
}

const SYMBOLS = new Set(Array.from("!#$%&'*+-.^_`|~", (character) => character.charCodeAt(0)));

/** `tchar` of RFC 9110 section 5.6.2: names and methods are made of it. */
export const TOKEN_CHARS: Uint8Array = table((byte) =>
  (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a) ||
  SYMBOLS.has(byte)
);

/** What may stand in a field value or a reason phrase: no control character but HTAB. */
export const VALUE_CHARS: Uint8Array = table((byte) =>
  byte === 0x09 || (byte >= 0x20 && byte <= 0x7e) || byte >= 0x80
);

/** What may stand between quotes in a chunk extension: visible ASCII and blanks. */
export const EXTENSION_CHARS: Uint8Array = table((byte) => byte === 0x09 || (byte >= 0x20 && byte <= 0x7e));

/** Visible ASCII: what a request target is made of. */
export const TARGET_CHARS: Uint8Array = table((byte) => byte >= 0x21 && byte <= 0x7e);

/** Carriage return. */
export const CR = 0x0d;
/** Line feed. */
export const LF = 0x0a;
/** Space. */
export const SP = 0x20;
/** Horizontal tab. */
export const HTAB = 0x09;
/** Colon. */
export const COLON = 0x3a;

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** Whether a text is a `token`: a possible method or field name. */
export function isToken(text: string): boolean {
  return TOKEN.test(text);
}
