/**
 * The keyed chain that makes the audit log tamper-evident. Each row has a *link*: 32 bytes that depend on the link
 * before it and on the row. An authenticated row's link is a MAC, stored as the row's `mac`. A row written while the
 * vault was locked has no MAC; its link is a plain hash that anyone can compute, and the next authenticated row
 * covers it: from then on it cannot be changed or removed unnoticed either.
 *
 * @module
 */

import { equalInConstantTime } from "./bytes.ts";

/** Length of a link in bytes. */
export const LINK_LENGTH = 32;

/** A keyed (MAC) or plain (hash) function of 32 bytes result. */
export type LinkFunction = (message: Uint8Array) => Uint8Array;

/** The link before the first row. */
export function firstLink(): Uint8Array<ArrayBuffer> {
  return new Uint8Array(LINK_LENGTH);
}

const RECORD_AT = LINK_LENGTH + 16;
const encoder = new TextEncoder();
let scratch = new Uint8Array(8 * 1024);

/**
 * The bytes that a row's link is made of: the link before it, its number and time as big-endian u64, its record in UTF-8.
 *
 * @returns a view that is valid until the next call: each row of each request passes here
 */
export function linkInput(
  previous: Uint8Array,
  seq: number,
  at: number,
  record: string,
): Uint8Array<ArrayBuffer> {
  if (scratch.length < RECORD_AT + record.length * 3) scratch = new Uint8Array(RECORD_AT + record.length * 3);
  scratch.set(previous);
  writeUint64(scratch, LINK_LENGTH, seq);
  writeUint64(scratch, LINK_LENGTH + 8, at);
  const { written } = encoder.encodeInto(record, scratch.subarray(RECORD_AT));
  return scratch.subarray(0, RECORD_AT + written);
}

/** Writes a whole number from 0 to 2^53 - 1, big-endian, in 8 bytes. */
function writeUint64(bytes: Uint8Array, offset: number, number: number): void {
  let rest = number;
  for (let i = offset + 7; i >= offset; i--) {
    bytes[i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
}

/** A row as the check reads it. */
export interface ChainRow {
  /** Its number. */
  seq: number;
  /** Its time, milliseconds since the epoch. */
  at: number;
  /** Its record, as stored. */
  record: string;
  /** Its stored MAC; null for a row written while locked. */
  mac: Uint8Array | null;
}

/** A row of the log that was authenticated, as anchored outside it: the log reached at least this far. */
export interface ChainHead {
  /** Its number; 0 for an empty log. */
  seq: number;
  /** Its link. */
  link: Uint8Array;
}

/** What the check found. */
export type ChainVerdict =
  | {
    ok: true;
    /** Rows in the log. */
    rows: number;
    /** How many of them were written while locked. */
    unauthenticated: number;
    /** Link of the last row. */
    link: Uint8Array;
  }
  | {
    ok: false;
    /** First row that is missing or not as it was written. */
    badSeq: number;
    /** One clause for people. */
    reason: string;
  };

/**
 * Checks rows in ascending order against the chain and the anchored head: nothing changed, removed or inserted, and
 * nothing cut off up to the head. The head moves from time to time, so rows with a good MAC may follow it.
 */
export function verifyChain(
  rows: Iterable<ChainRow>,
  head: ChainHead,
  mac: LinkFunction,
  hash: LinkFunction,
): ChainVerdict {
  const bad = (badSeq: number, reason: string): ChainVerdict => ({ ok: false, badSeq, reason });
  let link: Uint8Array = firstLink();
  let seq = 0;
  let unauthenticated = 0;
  for (const row of rows) {
    if (row.seq !== seq + 1) return bad(seq + 1, "the row is missing");
    seq = row.seq;
    if (row.mac === null) {
      unauthenticated++;
      link = hash(linkInput(link, seq, row.at, row.record));
    } else {
      link = mac(linkInput(link, seq, row.at, row.record));
      if (!equalInConstantTime(link, row.mac)) return bad(seq, "the row was changed, or one before it");
    }
    if (seq === head.seq && !equalInConstantTime(link, head.link)) {
      return bad(seq, "the row is not the one the log's head names");
    }
  }
  if (seq < head.seq) return bad(seq + 1, "the row is missing: the end of the log was cut off");
  return { ok: true, rows: seq, unauthenticated, link };
}
