/**
 * A digest over what was staged for an import, so that the password that seals the import is given for exactly these
 * credentials.
 *
 * @module
 */

import { sortedJson } from "./act.ts";
import { concat, utf8 } from "./bytes.ts";

/** The digest of nothing, in hex. */
export const EMPTY_IMPORT = "";

/**
 * The digest after one more batch: SHA-256 over the digest before (hex), the SHA-256 of the batch's entries (sorted JSON)
 * and the SHA-256 of its values.
 *
 * @param before the digest so far, {@linkcode EMPTY_IMPORT} at first
 * @returns lower-case hex
 */
export async function importDigest(before: string, entries: unknown, values: Uint8Array): Promise<string> {
  const hash = async (bytes: Uint8Array) =>
    new Uint8Array(await crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>));
  const parts = concat(utf8(before), await hash(utf8(sortedJson(entries))), await hash(values));
  return (await hash(parts)).toHex();
}
