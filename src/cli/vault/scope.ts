/**
 * Options of a fresh daemon that `init`, `unlock` and `serve` share.
 *
 * @module
 */

import { UsageError } from "../../core/errors.ts";
import type { CliIo } from "../io.ts";
import { projectForCallers } from "../project/active.ts";

/** Longest time without use before locking, in minutes: a year. */
const MAX_TIMEOUT = 525_600;

/** Project that plain callers are bound to; null = all. Fixed when the daemon starts. */
export async function scopeOf(io: CliIo, allProjects: boolean): Promise<string | null> {
  return allProjects ? null : (await projectForCallers(io)).name;
}

/**
 * Minutes without use before locking, from `WISPKEY_SESSION_TIMEOUT`; undefined if it is unset.
 *
 * @throws {UsageError} `invalid_timeout`.
 */
export function timeoutFromEnvironment(io: CliIo): number | undefined {
  const text = io.env("WISPKEY_SESSION_TIMEOUT");
  if (text === undefined) return undefined;
  const minutes = /^\d{1,6}$/.test(text) ? Number(text) : NaN;
  if (minutes <= MAX_TIMEOUT) return minutes;
  throw new UsageError(
    `cannot use WISPKEY_SESSION_TIMEOUT: it takes whole minutes from 0 to ${MAX_TIMEOUT}`,
    {
      code: "invalid_timeout",
      hint: "unset WISPKEY_SESSION_TIMEOUT",
    },
  );
}

/** How long a daemon stays unlocked, for people. */
export function timeoutPhrase(minutes: number): string {
  if (minutes === 0) return "it stays unlocked until 'wispkey lock'";
  return `it locks after ${minutes === 1 ? "1 minute" : `${minutes} minutes`} without use`;
}
