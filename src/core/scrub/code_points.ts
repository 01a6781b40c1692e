/**
 * Bytes as characters, without a string in between.
 *
 * @module
 */

/**
 * The ways in which a program may read a secret's bytes as text: as UTF-8 where they are, and, because header values
 * are often read so, one character a byte (ISO 8859-1). Both are the same for ASCII. The caller wipes them.
 */
export function readings(bytes: Uint8Array): Uint32Array[] {
  const latin1 = Uint32Array.from(bytes);
  if (!bytes.some((byte) => byte >= 0x80)) return [latin1];
  const utf8 = utf8Points(bytes);
  return utf8 === null ? [latin1] : [utf8, latin1];
}

/** The code points of UTF-8 bytes, or null if they are not UTF-8 (RFC 3629). */
function utf8Points(bytes: Uint8Array): Uint32Array | null {
  const points = new Uint32Array(bytes.length);
  let count = 0;
  for (let i = 0; i < bytes.length;) {
    const first = bytes[i++]!;
    const more = first < 0x80 ? 0 : first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : 1;
    if ((first >= 0x80 && first < 0xc2) || first > 0xf4 || i + more > bytes.length) return null;
    let point = more === 0 ? first : first & (0x3f >> more);
    for (let k = 0; k < more; k++) {
      const next = bytes[i++]!;
      if ((next & 0xc0) !== 0x80) return null;
      point = (point << 6) | (next & 0x3f);
    }
    const least = more === 0 ? 0 : more === 1 ? 0x80 : more === 2 ? 0x800 : 0x10000;
    if (point < least || point > 0x10ffff || (point >= 0xd800 && point < 0xe000)) return null;
    points[count++] = point;
  }
  return points.subarray(0, count);
}
