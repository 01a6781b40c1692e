/**
 * A caller as it is kept in the vault: a sealed document of JSON.
 *
 * @module
 */

import { fromUtf8, utf8, wipe } from "../core/bytes.ts";
import type { CallerDraft } from "./callers.ts";

/** Kind of the document; its id is the caller's. */
export const CALLER_DOCUMENT = "caller";

/** A caller as it is remembered. */
export interface CallerRecord extends Omit<CallerDraft, "name"> {
  /** Random, 16 hex digits. */
  readonly id: string;
  /** Its name. */
  readonly name: string;
  /** When it was opened, ms since the epoch. */
  readonly openedAt: number;
  /** Digest of its secret. */
  readonly digest: Uint8Array;
}

/** The document of a record. */
export function writeCallerRecord({ id: _, digest, ...rest }: CallerRecord): Uint8Array<ArrayBuffer> {
  return utf8(JSON.stringify({ ...rest, digest: digest.toHex() }));
}

/** The record of a document, which only this program can have written; the bytes are wiped. */
export function readCallerRecord(id: string, bytes: Uint8Array): CallerRecord {
  try {
    const { digest, ...rest } = JSON.parse(fromUtf8(bytes));
    return { ...rest, id, digest: Uint8Array.fromHex(digest) };
  } finally {
    wipe(bytes);
  }
}
