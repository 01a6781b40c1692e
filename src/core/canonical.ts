/**
 * One unambiguous byte string for a list of fields, to be authenticated (AAD, MAC, password proofs). Every
 * field carries its kind and length, so no two different lists can give the same bytes.
 *
 * Layout, integers big-endian: `u32 number of fields`, then for each field `u8 kind`, `u32 length`, bytes.
 * Kinds: 0 null (length 0) · 1 UTF-8 text · 2 bytes · 3 signed 64-bit integer · 4 list (its own canonical form).
 *
 * @module
 */

import { utf8 } from "./bytes.ts";

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
export function canonical(
  fields: readonly CanonicalField[],
): Uint8Array<ArrayBuffer> {
  const parts = fields.map(encodeField);
  let length = 4;
  for (const part of parts) length += 5 + part.bytes.length;
  const out = new Uint8Array(length);
  const view = new DataView(out.buffer);
  view.setUint32(0, parts.length);
  let offset = 4;
  for (const part of parts) {
    out[offset] = part.kind;
    view.setUint32(offset + 1, part.bytes.length);
    out.set(part.bytes, offset + 5);
    offset += 5 + part.bytes.length;
  }
  return out;
}

function encodeField(
  field: CanonicalField,
): { kind: number; bytes: Uint8Array } {
  if (field === null) return { kind: 0, bytes: new Uint8Array(0) };
  if (typeof field === "string") return { kind: 1, bytes: utf8(field) };
  if (field instanceof Uint8Array) return { kind: 2, bytes: field };
  if (typeof field === "number") {
    if (!Number.isSafeInteger(field)) {
      throw new RangeError(`not a safe integer: ${field}`);
    }
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setBigInt64(0, BigInt(field));
    return { kind: 3, bytes };
  }
  return { kind: 4, bytes: canonical(field) };
}
