/**
 * When a policy lets a credential be used: `time_window` and `days`, by the wall clock of a time zone.
 *
 * @module
 */

import { nearest } from "../suggest.ts";
import { didYouMean, quoted, ValueMistake } from "./mistake.ts";
import { type WallTime, zoneClock } from "./zone_clock.ts";

/** Times of day on days of the week. A window over midnight belongs to the day on which it begins. */
export interface Schedule {
  /** First minute of the day. */
  readonly start: number;
  /** The minute at which it is over: 1440 for the end of the day, less than `start` for a window over midnight. */
  readonly end: number;
  /** Days, one bit each from Monday. */
  readonly days: number;
  /** IANA zone. */
  readonly zone: string;
}

/** What `time_window` or `days` say; null for what they leave open. */
export interface SchedulePart {
  /** Times of day. */
  readonly times: { readonly start: number; readonly end: number } | null;
  /** Days, one bit each from Monday. */
  readonly days: number | null;
  /** IANA zone. */
  readonly zone: string | null;
}

/** Every day. */
export const ALL_DAYS = 0b111_1111;

const DAY_NAMES = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"] as const;
const LONG_DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/**
 * Reads `[DAYS] HH:MM-HH:MM [ZONE]`.
 *
 * @throws {ValueMistake}
 */
export function parseTimeWindow(text: string): SchedulePart {
  const words = text.trim().split(/\s+/);
  const at = words.findIndex((word) => /^\d{1,2}:/.test(word));
  if (at < 0) {
    throw new ValueMistake(`${quoted(text)} is no time window: write '09:00-17:00 America/New_York'`);
  }
  const after = words.slice(at + 1);
  if (after.length > 1) {
    throw new ValueMistake(
      `${quoted(text)} is no time window: after the times comes one time zone, nothing else`,
    );
  }
  const [zone] = after;
  return {
    times: parseTimes(words[at] ?? ""),
    days: at === 0 ? null : parseDays(words.slice(0, at).join(" ")),
    zone: zone === undefined ? null : parseZone(zone),
  };
}

/**
 * Reads `Mon-Fri`, `Sat, Sun` or such, perhaps with a zone behind it.
 *
 * @throws {ValueMistake}
 */
export function parseDaysAndZone(text: string): SchedulePart {
  const parts = /^(.*?)(?:\s+(\S*\/\S*|UTC|GMT))?$/s.exec(text.trim());
  const zone = parts?.[2];
  return {
    times: null,
    days: parseDays(parts?.[1] ?? ""),
    zone: zone === undefined ? null : parseZone(zone),
  };
}

/** Whether a moment, ms since the epoch, lies within. The end is not part of it. */
export function isWithin(schedule: Schedule, now: number): boolean {
  return covers(schedule, zoneClock(schedule.zone).at(now));
}

/** `Mon-Fri 09:00-17:00 America/New_York`, the same for schedules that are the same. */
export function scheduleText({ start, end, days, zone }: Schedule): string {
  const times = start === 0 && end === 1440 ? "" : `${clock(start)}-${clock(end)} `;
  return `${days === ALL_DAYS ? "" : `${daysText(days)} `}${times}${zone}`;
}

function covers({ start, end, days }: Schedule, { minutes, day }: WallTime): boolean {
  const today = (days >> day & 1) === 1;
  if (start < end) return today && minutes >= start && minutes < end;
  if (minutes >= start) return today;
  return minutes < end && (days >> (day + 6) % 7 & 1) === 1;
}

function parseTimes(text: string): { start: number; end: number } {
  const parts = /^([^-–—]*)-([^-–—]*)$/.exec(text);
  if (parts === null) {
    throw new ValueMistake(`${quoted(text)} are no times: write '09:00-17:00', with '-' between`);
  }
  const start = parseTime(parts[1] ?? "", false);
  const end = parseTime(parts[2] ?? "", true);
  if (start === end) {
    throw new ValueMistake(`${quoted(text)} begins when it ends: write '00:00-24:00' for the whole day`);
  }
  return { start, end };
}

function parseTime(text: string, isEnd: boolean): number {
  const parts = /^(\d{2}):(\d{2})$/.exec(text);
  const hours = Number(parts?.[1]);
  const minutes = Number(parts?.[2]);
  if (parts === null) {
    throw new ValueMistake(`${quoted(text)} is no time of day: write hours and minutes as '09:05'`);
  }
  const isMidnight = isEnd && hours === 24 && minutes === 0;
  if (minutes > 59 || (hours > 23 && !isMidnight)) {
    throw new ValueMistake(`${quoted(text)} is no time of day: it goes from '00:00' to '23:59'`);
  }
  return hours * 60 + minutes;
}

function parseDays(text: string): number {
  let days = 0;
  const parts = text.split(/[\s,]+/).filter((part) => part !== "");
  if (parts.length === 0) throw new ValueMistake("no day is named: write 'Mon-Fri' or 'Sat, Sun'");
  for (const part of parts) {
    const [first = "", last, ...more] = part.split("-");
    if (more.length > 0) throw new ValueMistake(`${quoted(part)} are no days: write 'Mon-Fri' or 'Sat, Sun'`);
    const from = parseDay(first);
    const to = last === undefined ? from : parseDay(last);
    if (last !== undefined && from === to) {
      throw new ValueMistake(`${quoted(part)} are no days: it begins and ends with the same one`);
    }
    for (let day = from;; day = (day + 1) % 7) {
      if ((days >> day & 1) === 1) throw new ValueMistake(`'${DAY_NAMES[day]}' is named twice`);
      days |= 1 << day;
      if (day === to) break;
    }
  }
  return days;
}

function parseDay(text: string): number {
  const lower = text.toLowerCase();
  const found = LONG_DAYS.findIndex((name) => name === lower || name.slice(0, 3) === lower);
  if (found >= 0) return found;
  const meant = didYouMean(lower, LONG_DAYS, `write one of ${DAY_NAMES.join(", ")}`);
  throw new ValueMistake(`${quoted(text)} is no day of the week${meant}`);
}

function parseZone(text: string): string {
  const isName = /^[A-Za-z][\w+/-]*$/.test(text);
  try {
    if (isName) return zoneClock(text).zone;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  const meant = zoneMeant(text);
  const hint = meant === undefined
    ? ": write one such as America/New_York or UTC"
    : `: did you mean '${meant}'?`;
  throw new ValueMistake(`unknown time zone ${quoted(text)}${hint}`);
}

/** The zone that differs only by signs, whose city it is, or which is nearest. */
function zoneMeant(text: string): string | undefined {
  const letters = (zone: string) => zone.replaceAll(/[^a-z]/gi, "").toLowerCase();
  const typed = letters(text);
  const zones = [...Intl.supportedValuesOf("timeZone"), "UTC"];
  const same = zones.filter((zone) =>
    letters(zone) === typed || (typed.length > 3 && letters(zone).endsWith(typed))
  );
  if (same.length === 1) return same[0];
  const spellings = new Map(zones.map((zone) => [zone.toLowerCase(), zone]));
  return spellings.get(nearest(text, spellings.keys()) ?? "");
}

function daysText(days: number): string {
  const runs: string[] = [];
  for (let day = 0; day < 7; day++) {
    if ((days >> day & 1) === 0) continue;
    const from = day;
    while (day < 6 && (days >> (day + 1) & 1) === 1) day++;
    const name = (n: number) => DAY_NAMES[n] ?? "";
    runs.push(day === from ? name(from) : `${name(from)}${day === from + 1 ? "," : "-"}${name(day)}`);
  }
  return runs.join(",");
}

function clock(minutes: number): string {
  return `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
}
