/**
 * Rates and sizes in policies: `10/minute`, `1 MiB`.
 *
 * @module
 */

import { didYouMean, quoted, ValueMistake } from "./mistake.ts";

/** How many uses within how long. */
export interface RateLimit {
  /** As it was written. */
  readonly text: string;
  /** Most uses. */
  readonly limit: number;
  /** Within so many milliseconds. */
  readonly windowMs: number;
}

/** Greatest limit. */
const MAX_RATE = 1_000_000_000;

const UNITS: Readonly<Record<string, number>> = {
  second: 1_000,
  s: 1_000,
  minute: 60_000,
  m: 60_000,
  hour: 3_600_000,
  h: 3_600_000,
  day: 86_400_000,
  d: 86_400_000,
};
const LONG_UNITS = ["second", "minute", "hour", "day"];

/**
 * Reads `<number>/<second|minute|hour|day>`, or the unit by its first letter.
 *
 * @throws {ValueMistake}
 */
export function parseRate(text: string): RateLimit {
  const parts = /^\s*([^/\s]+)\s*\/\s*([^/\s]+)\s*$/.exec(text);
  if (parts === null) {
    throw new ValueMistake(`${quoted(text)} is no rate: write a number, '/' and a unit: '10/minute'`);
  }
  const [, numberText = "", unitText = ""] = parts;
  if (!/^\d+$/.test(numberText)) {
    throw new ValueMistake(`${quoted(text)} is no rate: ${quoted(numberText)} is not a whole number`);
  }
  const limit = Number(numberText);
  if (limit === 0) throw new ValueMistake(`${quoted(text)} lets nothing pass: write deny = true to say that`);
  if (limit > MAX_RATE) throw new ValueMistake(`${quoted(text)} is no limit: the most is ${MAX_RATE}`);
  const unit = unitText.toLowerCase();
  const windowMs = Object.hasOwn(UNITS, unit) ? UNITS[unit] : undefined;
  if (windowMs === undefined) {
    const meant = didYouMean(unit, LONG_UNITS, `write one of ${LONG_UNITS.join(", ")}`);
    throw new ValueMistake(`${quoted(text)} is no rate: unknown unit ${quoted(unitText)}${meant}`);
  }
  return { text: text.trim(), limit, windowMs };
}

const SIZES: Readonly<Record<string, number>> = {
  "": 1,
  b: 1,
  kb: 1_000,
  mb: 1_000_000,
  gb: 1_000_000_000,
  kib: 1024,
  mib: 1024 ** 2,
  gib: 1024 ** 3,
};

/**
 * Reads a number of bytes: a whole number, or a text such as `64KiB`.
 *
 * @throws {ValueMistake}
 */
export function parseSize(value: string | number): number {
  const parts = /^\s*([-+.\d]+)\s*([a-z]*)\s*$/i.exec(String(value));
  if (parts === null) throw new ValueMistake(`${quoted(value)} is no size: write bytes or '64KiB', '1MiB'`);
  const [, numberText = "", unitText = ""] = parts;
  if (!/^\d+$/.test(numberText)) {
    throw new ValueMistake(`${quoted(value)} is no size: ${quoted(numberText)} is not a whole number`);
  }
  const factor = SIZES[unitText.toLowerCase()];
  if (factor === undefined) {
    const meant = didYouMean(unitText, ["KiB", "MiB", "GiB", "KB", "MB", "GB"], "write KiB, MiB or GiB");
    throw new ValueMistake(`${quoted(value)} is no size: unknown unit ${quoted(unitText)}${meant}`);
  }
  const bytes = Number(numberText) * factor;
  if (!Number.isSafeInteger(bytes)) throw new ValueMistake(`${quoted(value)} is larger than any body`);
  return bytes;
}
