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
    /** Number of the last row. */
    last: number;
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

/** Where a log begins and how far it is known to have reached. */
export interface ChainEnds {
  /** The row before the first one, as sealed when what came before was removed; {@linkcode firstLink} and 0 if nothing was. */
  start: ChainHead;
  /** The anchored head. */
  head: ChainHead;
}

/** Checks a log row by row, in ascending order: nothing changed, removed or inserted, nothing cut off up to the head. */
export class ChainChecker {
  readonly #ends: ChainEnds;
  readonly #mac: LinkFunction;
  readonly #hash: LinkFunction;
  #link: Uint8Array;
  #seq: number;
  #unauthenticated = 0;

  /** Begins before the first row. The head moves from time to time, so rows with a good MAC may follow it. */
  constructor(ends: ChainEnds, mac: LinkFunction, hash: LinkFunction) {
    this.#ends = ends;
    this.#mac = mac;
    this.#hash = hash;
    this.#link = ends.start.link;
    this.#seq = ends.start.seq;
  }

  /** Number of the last row that was taken. */
  get seq(): number {
    return this.#seq;
  }

  /** Takes the next row; answers what is wrong, if anything. */
  take(row: ChainRow): ChainVerdict | undefined {
    if (row.seq !== this.#seq + 1) return bad(this.#seq + 1, "the row is missing");
    const input = linkInput(this.#link, row.seq, row.at, row.record);
    if (row.mac === null) {
      this.#unauthenticated++;
      this.#link = this.#hash(input);
    } else {
      this.#link = this.#mac(input);
      if (!equalInConstantTime(this.#link, row.mac)) {
        return bad(row.seq, "the row was changed, or one before it");
      }
    }
    this.#seq = row.seq;
    const { head } = this.#ends;
    if (row.seq === head.seq && !equalInConstantTime(this.#link, head.link)) {
      return bad(row.seq, "the row is not the one the log's head names");
    }
    return undefined;
  }

  /** What there is to say after the last row. */
  finish(): ChainVerdict {
    const { start, head } = this.#ends;
    if (this.#seq < head.seq) return bad(this.#seq + 1, "the row is missing: the end of the log was cut off");
    return {
      ok: true,
      rows: this.#seq - start.seq,
      last: this.#seq,
      unauthenticated: this.#unauthenticated,
      link: this.#link,
    };
  }
}

/** Checks rows in ascending order; see {@linkcode ChainChecker}. */
export function verifyChain(
  rows: Iterable<ChainRow>,
  ends: ChainEnds,
  mac: LinkFunction,
  hash: LinkFunction,
): ChainVerdict {
  const checker = new ChainChecker(ends, mac, hash);
  for (const row of rows) {
    const wrong = checker.take(row);
    if (wrong !== undefined) return wrong;
  }
  return checker.finish();
}

function bad(badSeq: number, reason: string): ChainVerdict {
  return { ok: false, badSeq, reason };
}
