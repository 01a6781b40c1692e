/**
 * The operations on the log: parameters and results. See `../api.ts`.
 *
 * @module
 */

import type { AuditFilter, AuditPage } from "../../core/audit.ts";

/** What a check of the log found. */
export interface LogVerdict {
  /** Whether every row is as it was written. */
  ok: boolean;
  /** Number of the first row that is missing or not as it was written; null if there is none. */
  badSeq: number | null;
  /** What is wrong there, one clause for people; null if nothing is. */
  reason: string | null;
  /** Rows that were checked. */
  rows: number;
  /** How many of them were written while locked and carry no seal of their own. */
  unauthenticated: number;
  /** Number of the last row that was removed because of its age; 0 if none was. */
  removedUpTo: number;
  /** Number of the last row. */
  last: number;
  /** Link of the last row, 64 hex digits; null if something is wrong. */
  head: string | null;
  /** Whether the index had been changed; then it is being made anew. */
  indexChanged: boolean;
}

/** Which rows of the log are to be removed; of two conditions either is enough. */
export interface PruneParams {
  /** Rows before this time, milliseconds since the epoch; null = not for their age. */
  before: number | null;
  /** All but so many of the newest; null = not for their number. */
  keep: number | null;
}

/** An export of the log that begins. */
export interface LogExportParams {
  /** How rows are written. */
  form: "ndjson" | "csv";
  /** Where they go. */
  target: "file" | "stdout";
  /** Whether not all of them were asked for. */
  filtered: boolean;
}

/** Operations on the log. */
export interface LogOperations {
  /** Reads a page of the log; `log_pages.ts` goes on with the next. (Locked, the CLI reads the file itself.) */
  "audit.query": { params: AuditFilter; result: AuditPage };
  /** Checks every row of the log. */
  "audit.verify": { params: Record<string, never>; result: LogVerdict };
  /** Begins an export, with a row of its own; its rows are those after one number up to another. */
  "audit.export": { params: LogExportParams; result: { after: number; through: number } };
  /** Removes the oldest rows of the log; needs the password. */
  "audit.prune": { params: PruneParams; result: { removed: number; removedUpTo: number } };
}
