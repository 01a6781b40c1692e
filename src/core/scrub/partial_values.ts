/**
 * Pieces of a value that give enough of it away to be looked for by themselves: a host that cuts off what it echoes, or
 * that serves ranges of it, sends the value in part.
 *
 * @module
 */

/** A shorter value has no pieces, bytes. */
const MIN_CUT_LENGTH = 24;
/** A piece of a value of this length or more is {@linkcode LONG_PIECE} bytes, else {@linkcode SHORT_PIECE}. */
const LONG_VALUE = 48;
const SHORT_PIECE = 16;
const LONG_PIECE = 24;
/** Pieces begin so many bytes apart; so any part of the value of a piece and seven bytes more holds one. */
const STEP = 8;
/** A piece in which letters, digits and capitals change places less often reads like a word or an address. */
const LEAST_CHANGES = 4;

/**
 * Views of the pieces of a value that look drawn at random. What many values have in common stays out, so that it may go on
 * standing in other texts: words, addresses, the public beginning of a JSON Web Token (RFC 7519).
 */
export function partialValues(value: Uint8Array): Uint8Array[] {
  if (value.length < MIN_CUT_LENGTH) return [];
  const size = value.length < LONG_VALUE ? SHORT_PIECE : LONG_PIECE;
  const pieces: Uint8Array[] = [];
  const first = isWebToken(value) ? value.lastIndexOf(DOT) + 1 : 0;
  for (let start = first; start < value.length - size + STEP; start += STEP) {
    const from = Math.min(start, value.length - size);
    if (from < first) break;
    const piece = value.subarray(from, from + size);
    if (looksRandom(piece)) pieces.push(piece);
  }
  return pieces;
}

const DOT = 0x2e;

/** Three parts between dots, the first of which is a JSON object in Base64. */
function isWebToken(value: Uint8Array): boolean {
  return value[0] === 0x65 && value[1] === 0x79 && value[2] === 0x4a && value.includes(DOT);
}

function looksRandom(piece: Uint8Array): boolean {
  let changes = 0;
  let last = kindOf(piece[0]!);
  for (const byte of piece) {
    const kind = kindOf(byte);
    if (kind === "other") return false;
    if (kind === "mark") continue;
    if (last !== "mark" && kind !== last) changes++;
    last = kind;
  }
  return changes >= LEAST_CHANGES;
}

/** What a byte is in the alphabets that keys are written in. */
function kindOf(byte: number): "lower" | "upper" | "digit" | "mark" | "other" {
  if (byte >= 0x61 && byte <= 0x7a) return "lower";
  if (byte >= 0x41 && byte <= 0x5a) return "upper";
  if (byte >= 0x30 && byte <= 0x39) return "digit";
  return "+-./=_~".includes(String.fromCharCode(byte)) ? "mark" : "other";
}
