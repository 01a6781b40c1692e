/**
 * One unambiguous byte string for a list of fields, to be authenticated (AAD, MAC, password proofs). Every
 * field carries its kind and length, so no two different lists can give the same bytes.
 *
 * Layout, integers big-endian: `u32 number of fields`, then for each field `u8 kind`, `u32 length`, bytes.
 * Kinds: 0 null (length 0) · 1 UTF-8 text · 2 bytes · 3 signed 64-bit integer · 4 list (its own canonical form).
 *
 * @module
 */

const encoder = new TextEncoder();

/** What a canonical list may hold. Numbers must be safe integers. */
export type CanonicalField =
  | null
  | string
  | number
  | Uint8Array
  | readonly CanonicalField[];

/**
 * Encodes a list of fields.
 *
 * @throws {RangeError} if a number is not a safe integer.
 *
 * @example
 * ```ts
 * import { canonical } from "./canonical.ts";
 *
 * const a = canonical(["ab", "c"]);
 * const b = canonical(["a", "bc"]);
 * console.assert(a.join() !== b.join());
 * ```
 */
export function canonical(fields: readonly CanonicalField[]): Uint8Array<ArrayBuffer> {
  // One pass into one buffer: this runs for every audit row. A UTF-16 unit takes at most three bytes of UTF-8.
  const out = new Uint8Array(longest(fields));
  const length = writeList(fields, out, new DataView(out.buffer), 0);
  return out.slice(0, length);
}

const HEADER_LENGTH = 5;
const INTEGER_LENGTH = 8;

function longest(fields: readonly CanonicalField[]): number {
  let length = 4;
  for (const field of fields) {
    length += HEADER_LENGTH;
    if (field === null) continue;
    if (typeof field === "number") length += INTEGER_LENGTH;
    else if (typeof field === "string") length += field.length * 3;
    else if (field instanceof Uint8Array) length += field.length;
    else length += longest(field);
  }
  return length;
}

/** Writes a list at `start`; answers where it ends. */
function writeList(
  fields: readonly CanonicalField[],
  out: Uint8Array<ArrayBuffer>,
  view: DataView,
  start: number,
): number {
  view.setUint32(start, fields.length);
  let at = start + 4;
  for (const field of fields) {
    const body = at + HEADER_LENGTH;
    const end = writeBody(field, out, view, body);
    out[at] = kindOf(field);
    view.setUint32(at + 1, end - body);
    at = end;
  }
  return at;
}

function kindOf(field: CanonicalField): number {
  if (field === null) return 0;
  if (typeof field === "string") return 1;
  if (field instanceof Uint8Array) return 2;
  return typeof field === "number" ? 3 : 4;
}

function writeBody(field: CanonicalField, out: Uint8Array<ArrayBuffer>, view: DataView, at: number): number {
  if (field === null) return at;
  if (typeof field === "string") return writeText(field, out, at);
  if (typeof field === "number") {
    if (!Number.isSafeInteger(field)) throw new RangeError(`not a safe integer: ${field}`);
    // Two's complement in two halves; `>>> 0` takes the lower 32 bits of any safe integer.
    view.setInt32(at, Math.floor(field / 2 ** 32));
    view.setUint32(at + 4, field >>> 0);
    return at + INTEGER_LENGTH;
  }
  if (field instanceof Uint8Array) {
    out.set(field, at);
    return at + field.length;
  }
  return writeList(field, out, view, at);
}

function writeText(text: string, out: Uint8Array<ArrayBuffer>, at: number): number {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit > 0x7f) return at + encoder.encodeInto(text, out.subarray(at)).written;
    out[at + i] = unit;
  }
  return at + text.length;
}
