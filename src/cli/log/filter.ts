/**
 * The options by which the commands on the log choose rows.
 *
 * @module
 */

import { AUDIT_EVENTS, type AuditEvent, type AuditFilter } from "../../core/audit.ts";
import { UsageError } from "../../core/errors.ts";
import type { Arguments } from "../arguments.ts";
import type { CliIo } from "../io.ts";
import type { OptionSpec } from "../spec.ts";
import { DAY_MS, parseDay } from "../time.ts";

const MOMENT = "YYYY-MM-DD, a time as 2026-01-31T08:00Z, or so long ago as 30m, 12h, 7d";

/** Options that every command on rows takes. */
export const FILTER_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  credential: { type: "text", metavar: "NAME", description: "only rows about this credential" },
  caller: { type: "text", metavar: "NAME", description: "only rows of this caller" },
  host: {
    type: "text",
    metavar: "HOST",
    description: "only rows of this host; without a port, of every port",
  },
  event: {
    type: "text",
    metavar: "EVENT",
    choices: AUDIT_EVENTS,
    description: "only rows of this kind",
  },
  denied: { type: "flag", description: "only refusals" },
  since: { type: "text", metavar: "TIME", description: `only rows from then on, UTC: ${MOMENT}` },
  until: { type: "text", metavar: "TIME", description: "only rows before; of a day, up to its end" },
};

const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: DAY_MS };

/** The rows that were asked for. */
export function filterOf(args: Arguments, io: CliIo): AuditFilter {
  const filter: AuditFilter = {};
  const credential = args.text("credential");
  const caller = args.text("caller");
  const host = args.text("host");
  const event = args.text("event");
  const since = args.text("since");
  const until = args.text("until");
  if (credential !== undefined) filter.credential = credential;
  if (caller !== undefined) filter.caller = caller;
  if (host !== undefined) filter.host = host.toLowerCase();
  if (event !== undefined) filter.event = event as AuditEvent;
  if (args.flag("denied")) filter.denied = true;
  if (since !== undefined) filter.since = parseMoment(since, "since", io.now(), 0);
  if (until !== undefined) filter.until = parseMoment(until, "until", io.now(), DAY_MS);
  return filter;
}

/**
 * Reads a moment, in ms since the epoch.
 *
 * @param ofDay added where only a day is given
 * @throws {UsageError} `invalid_date`.
 */
export function parseMoment(text: string, option: string, now: number, ofDay: number): number {
  const [, count, unit = ""] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
  if (count !== undefined) return Math.max(0, now - Number(count) * (UNITS[unit] ?? 0));
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?Z$/.test(text)) {
    return parseDay(text, option) + ofDay;
  }
  const day = parseDay(text.slice(0, 10), option);
  const ms = Date.parse(text);
  if (ms >= day && ms < day + DAY_MS) return ms;
  throw new UsageError(`cannot read --${option}: there is no such time of day`, {
    code: "invalid_date",
    hint: `--${option} 2026-01-31T08:00Z`,
  });
}
