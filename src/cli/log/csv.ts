/**
 * Rows of the log as CSV (RFC 4180), safe to open in a spreadsheet.
 *
 * @module
 */

import { escapeText } from "../../core/name.ts";
import type { AuditRowJson } from "../vault/log_row.ts";

/** Columns, in their order: the members of the JSON form. */
export const CSV_COLUMNS = [
  "id",
  "timestamp",
  "event_type",
  "credential_name",
  "token_fingerprint",
  "target_host",
  "target_path",
  "http_method",
  "response_status",
  "denied",
  "deny_reason",
  "detail",
  "project_name",
  "caller",
  "policy",
  "request_id",
  "refers_to",
  "bytes_out",
  "bytes_in",
  "duration_ms",
  "authenticated",
] as const satisfies readonly (keyof AuditRowJson)[];

/** The line of headings. */
export const CSV_HEADER = `${CSV_COLUMNS.join(",")}\r\n`;

/** One row, with its line break. */
export function csvLine(row: AuditRowJson): string {
  return `${CSV_COLUMNS.map((column) => csvCell(row[column])).join(",")}\r\n`;
}

/**
 * One cell. A text that a spreadsheet would take for a formula, blanks before it and full-width signs included, gets an
 * apostrophe in front; control characters are escaped.
 */
export function csvCell(value: string | number | boolean | null): string {
  if (value === null) return "";
  if (typeof value !== "string") return String(value);
  const safe = escapeText(value);
  const inert = /^[\s'"]*[=+\-@\uff1d\uff0b\uff0d\uff20|%]/u.test(safe) ? `'${safe}` : safe;
  return /[",;\r\n\t]|^\s|\s$/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert;
}
