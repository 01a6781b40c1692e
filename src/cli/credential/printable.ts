/**
 * Shows bytes on a terminal without letting them command it, and without making them a string.
 *
 * @module
 */

const HEX = "0123456789abcdef";

/**
 * A copy in which control characters, save tab and line feed, read `\xNN`. Bytes that are no UTF-8 are kept, as a terminal
 * shows them harmlessly; but C1 controls (U+0080 to U+009F, which some terminals obey) are spelled out. The caller wipes it.
 */
export function printableBytes(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(bytes.length * 4);
  let length = 0;
  bytes.forEach((byte, i) => {
    const control = (byte < 0x20 && byte !== 0x09 && byte !== 0x0a) || byte === 0x7f;
    // U+0080 to U+009F is C2 followed by 80 to 9F; a bare 80 to 9F is a C1 control to an 8-bit terminal.
    const c1 = byte >= 0x80 && byte <= 0x9f && !continues(bytes, i);
    if (!control && !c1) out[length++] = byte;
    else for (const char of `\\x${HEX[byte >> 4]}${HEX[byte & 15]}`) out[length++] = char.charCodeAt(0);
  });
  const result = out.slice(0, length);
  out.fill(0);
  return result;
}

/** Whether a continuation byte belongs to a character beyond U+00BF: one led by C3 or more. */
function continues(bytes: Uint8Array, index: number): boolean {
  for (let i = index - 1; i >= 0 && i >= index - 3; i--) {
    const byte = bytes[i] ?? 0;
    if (byte >= 0xc0) return byte >= 0xc3;
    if (byte < 0x80) return false;
  }
  return false;
}
