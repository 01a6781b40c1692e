/**
 * Audit entries as columns: what is written is cleaned first, so that it reads back as the same bytes.
 *
 * @module
 */

import { AUDIT_EVENTS, type AuditEntry, type AuditEvent, type AuditRow } from "../core/audit.ts";
import { Columns, storableText } from "./columns.ts";
import type { Row } from "./database.ts";

/** Longer texts (paths, reasons) are cut, in UTF-16 units. */
export const MAX_AUDIT_TEXT = 2_048;

const TEXTS = [
  "credential",
  "project",
  "tokenFingerprint",
  "caller",
  "host",
  "path",
  "method",
  "reason",
] as const;
const NUMBERS = ["status", "refersTo", "bytesOut", "bytesIn", "durationMs"] as const;

const SQL_NAMES: Readonly<Record<typeof TEXTS[number] | typeof NUMBERS[number], string>> = {
  credential: "credential",
  project: "project",
  tokenFingerprint: "token_fingerprint",
  caller: "caller",
  host: "host",
  path: "path",
  method: "method",
  reason: "reason",
  status: "status",
  refersTo: "refers_to",
  bytesOut: "bytes_out",
  bytesIn: "bytes_in",
  durationMs: "duration_ms",
};

/** A copy whose texts are well-formed, free of NUL (where SQLite would cut them) and bounded, and whose numbers are whole. */
export function cleanEntry(entry: AuditEntry): AuditEntry {
  const clean: AuditEntry = { event: entry.event };
  for (const field of TEXTS) {
    const text = entry[field];
    if (text !== undefined) clean[field] = cleanText(text);
  }
  for (const field of NUMBERS) {
    const number = entry[field];
    if (number !== undefined) clean[field] = wholeNumber(number);
  }
  if (entry.denied !== undefined) clean.denied = entry.denied;
  return clean;
}

function wholeNumber(number: number): number {
  if (Number.isNaN(number)) return 0;
  return Math.round(Math.min(Math.max(number, Number.MIN_SAFE_INTEGER), Number.MAX_SAFE_INTEGER));
}

function cleanText(text: string): string {
  const cut = text.length > MAX_AUDIT_TEXT ? `${text.slice(0, MAX_AUDIT_TEXT)}…` : text;
  return storableText(cut);
}

/** An entry read back, with the row's number, time and MAC; `damaged` if a column is not of its kind. */
export function readAuditRow(row: Row): { row: AuditRow; mac: Uint8Array | null; damaged: boolean } {
  const columns = new Columns(row);
  const event = columns.text("event");
  const mac = columns.optionalBytes("mac");
  const out: AuditRow = {
    seq: columns.integer("seq"),
    at: columns.integer("at"),
    event: event as AuditEvent,
    authenticated: mac !== null,
  };
  for (const field of TEXTS) {
    const text = columns.optionalText(SQL_NAMES[field]);
    if (text !== null) out[field] = text;
  }
  for (const field of NUMBERS) {
    const number = columns.optionalInteger(SQL_NAMES[field]);
    if (number !== null) out[field] = number;
  }
  const denied = columns.optionalInteger("denied");
  if (denied !== null) out.denied = denied !== 0;
  const known = (AUDIT_EVENTS as readonly string[]).includes(event) && (denied ?? 0) >>> 1 === 0;
  return { row: out, mac, damaged: columns.damaged || !known };
}
