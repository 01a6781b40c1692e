/**
 * Audit entries as the log stores them: one JSON text, of which exactly the bytes on disk are authenticated. One text
 * instead of a column for each field halves what a row costs, and each request writes two.
 *
 * @module
 */

import { AUDIT_EVENTS, type AuditEntry, type AuditEvent, type AuditRow } from "../../core/audit.ts";
import { FACETS, type IndexedRow } from "../../core/audit_block.ts";
import { Columns } from "../columns.ts";
import type { Row } from "../database.ts";

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
  "policy",
  "requestId",
] as const;
const NUMBERS = ["status", "refersTo", "bytesOut", "bytesIn", "durationMs"] as const;

const EVENTS: ReadonlySet<unknown> = new Set(AUDIT_EVENTS);

/** Records up to this length are stored as they are, in UTF-16 units. */
const USUAL_LENGTH = 2_048;

/** The record of an entry, well-formed JSON whatever its texts hold; too long texts are cut. */
export function toRecord(entry: AuditEntry): string {
  const record = JSON.stringify(entry);
  if (record.length <= USUAL_LENGTH) return record;
  const cut: AuditEntry = { ...entry };
  for (const field of TEXTS) {
    const text = entry[field];
    if (text !== undefined && text.length > MAX_AUDIT_TEXT) cut[field] = `${text.slice(0, MAX_AUDIT_TEXT)}…`;
  }
  return JSON.stringify(cut);
}

/** A row as it is stored. */
export interface StoredAuditRow {
  /** What it says. */
  row: AuditRow;
  /** The record, as stored. */
  record: string;
  /** Its MAC; null if it was written while locked. */
  mac: Uint8Array | null;
  /** Whether anything in it is not of its kind. */
  damaged: boolean;
}

/** Reads a row that someone else may have written: what is not of its kind is left out. */
export function readAuditRow(raw: Row): StoredAuditRow {
  const columns = new Columns(raw);
  const record = columns.text("record");
  const mac = columns.optionalBytes("mac");
  const row: AuditRow = {
    seq: columns.integer("seq"),
    at: columns.integer("at"),
    event: "VaultChangedOutside",
    authenticated: mac !== null,
  };
  const good = row.at >= 0 && readRecord(record, row);
  return { row, record, mac, damaged: columns.damaged || !good };
}

/** Reads only what the index knows of a row, which is all that is read of most rows; otherwise as {@linkcode readAuditRow}. */
export function readIndexedRow(seq: number, at: number, record: string): IndexedRow {
  const row: IndexedRow = { seq, at, event: "VaultChangedOutside" };
  const said = parseRecord(record);
  if (said === undefined) return row;
  for (const facet of FACETS) {
    const text = said[facet];
    if (typeof text === "string") row[facet as "host"] = text;
  }
  if (typeof said.denied === "boolean") row.denied = said.denied;
  return row;
}

/** Reads a record into a row; false if it is none. */
function readRecord(record: string, row: AuditRow): boolean {
  const said = parseRecord(record);
  if (said === undefined) return false;
  row.event = said.event as AuditEvent;
  for (const field of TEXTS) {
    const text = said[field];
    if (typeof text === "string") row[field] = text;
  }
  for (const field of NUMBERS) {
    const number = said[field];
    if (typeof number === "number" && Math.abs(number) <= Number.MAX_SAFE_INTEGER) row[field] = number;
  }
  if (typeof said.denied === "boolean") row.denied = said.denied;
  return true;
}

function parseRecord(record: string): Record<string, unknown> | undefined {
  let json: unknown;
  try {
    json = JSON.parse(record);
  } catch {
    return undefined;
  }
  if (typeof json !== "object" || json === null) return undefined;
  const said = json as Record<string, unknown>;
  return EVENTS.has(said.event) ? said : undefined;
}
