/**
 * The keyed chain that makes the audit log tamper-evident. Each row has a *link*: 32 bytes that depend on the link
 * before it and on the row. An authenticated row's link is a MAC, stored as the row's `mac`. A row written while the
 * vault was locked has no MAC; its link is a plain hash that anyone can compute, and the next authenticated row
 * covers it: from then on it cannot be changed or removed unnoticed either.
 *
 * @module
 */

import type { AuditEntry } from "./audit.ts";
import { equalInConstantTime } from "./bytes.ts";
import { canonical } from "./canonical.ts";

/** Length of a link in bytes. */
export const LINK_LENGTH = 32;

/** A keyed (MAC) or plain (hash) function of 32 bytes result. */
export type LinkFunction = (message: Uint8Array) => Uint8Array;

/** The link before the first row. */
export function firstLink(): Uint8Array<ArrayBuffer> {
  return new Uint8Array(LINK_LENGTH);
}

/** The bytes of a row that its link covers: every field but the MAC, absent ones as null. */
export function encodeAuditRow(seq: number, at: number, entry: AuditEntry): Uint8Array<ArrayBuffer> {
  return canonical([
    seq,
    at,
    entry.event,
    entry.credential ?? null,
    entry.project ?? null,
    entry.tokenFingerprint ?? null,
    entry.caller ?? null,
    entry.host ?? null,
    entry.path ?? null,
    entry.method ?? null,
    entry.status ?? null,
    entry.denied === undefined ? null : Number(entry.denied),
    entry.reason ?? null,
    entry.refersTo ?? null,
    entry.bytesOut ?? null,
    entry.bytesIn ?? null,
    entry.durationMs ?? null,
  ]);
}

/** The link of a row: `link(previous ‖ row)`, where `link` is the MAC or, for an unauthenticated row, the hash. */
export function nextLink(previous: Uint8Array, row: Uint8Array, link: LinkFunction): Uint8Array {
  const message = new Uint8Array(previous.length + row.length);
  message.set(previous);
  message.set(row, previous.length);
  return link(message);
}

/** A row as the check reads it. */
export interface ChainRow {
  /** Its number. */
  seq: number;
  /** See {@linkcode encodeAuditRow}. */
  bytes: Uint8Array;
  /** Its stored MAC; null for a row written while locked. */
  mac: Uint8Array | null;
}

/** The last authenticated row, as anchored outside the log. */
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
 * Checks rows in ascending order against the chain and the anchored head: nothing changed, removed, inserted or cut
 * off, save unauthenticated rows after the head.
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
      link = nextLink(link, row.bytes, hash);
    } else {
      if (seq > head.seq) return bad(seq, "the row was not written by this vault");
      link = nextLink(link, row.bytes, mac);
      if (!equalInConstantTime(link, row.mac)) return bad(seq, "the row was changed, or one before it");
    }
    if (seq === head.seq && !equalInConstantTime(link, head.link)) {
      return bad(seq, "the row is not the one the log's head names");
    }
  }
  if (seq < head.seq) return bad(seq + 1, "the row is missing: the end of the log was cut off");
  return { ok: true, rows: seq, unauthenticated, link };
}
