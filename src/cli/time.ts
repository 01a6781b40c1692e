/**
 * Times as people and programs read them; always UTC, so that two terminals show the same log.
 *
 * @module
 */

import { UsageError } from "../core/errors.ts";

/** RFC 3339 with milliseconds, for JSON; null stays null. */
export function rfc3339(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}

/** `YYYY-MM-DD HH:MM`, for tables. */
export function shortTime(ms: number): string {
  return new Date(ms).toISOString().slice(0, 16).replace("T", " ");
}

/** `YYYY-MM-DD HH:MM:SS UTC`, where there is room. */
export function longTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

/** Milliseconds of one day. */
export const DAY_MS = 86_400_000;

/**
 * Reads `YYYY-MM-DD` as the beginning of that day, UTC, in ms since the epoch.
 *
 * @param option name of the option, for the message
 * @throws {UsageError} `invalid_date` for another form or a day that does not exist.
 */
export function parseDay(text: string, option: string): number {
  const ms = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : NaN;
  // Date.parse takes 2026-02-30 for the 2nd of March.
  if (Number.isNaN(ms) || rfc3339(ms)?.slice(0, 10) !== text) {
    throw new UsageError(`cannot read --${option}: it takes a date that exists, as YYYY-MM-DD`, {
      code: "invalid_date",
      hint: `--${option} 2026-01-31`,
    });
  }
  return ms;
}
