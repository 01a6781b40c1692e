/**
 * How much may be kept about one credential, project or partition. The limits are far above what people need; they keep one
 * caller from filling the memory of everybody who lists.
 *
 * @module
 */

import { UsageError } from "./errors.ts";
import { formatPlace, type Place } from "./place.ts";

/** Longest description, bytes of UTF-8. */
export const MAX_DESCRIPTION_BYTES = 4096;
/** Most tags of one credential. */
export const MAX_TAGS = 64;
/** Longest tag, bytes of UTF-8. */
export const MAX_TAG_BYTES = 256;
/** Most host patterns of one credential. */
export const MAX_HOSTS = 256;
/** Longest host pattern, bytes of UTF-8: a host name and a long path. */
const MAX_HOST_BYTES = 2048;
/** Longest place, as it is written for `--in`, bytes of UTF-8. */
const MAX_PLACE_BYTES = 1024;

/** What is limited; what is absent is not looked at. */
export interface LimitedDetails {
  /** Free text. */
  readonly description?: string;
  /** Labels. */
  readonly tags?: readonly string[];
  /** Host patterns. */
  readonly hosts?: readonly string[];
  /** The declared place. */
  readonly place?: Place | null;
}

/**
 * Refuses what is too long or too much.
 *
 * @throws {UsageError} `too_long`, `too_many`; neither repeats what it refuses.
 */
export function checkDetails({ description, tags, hosts, place }: LimitedDetails): void {
  if (description !== undefined) checkLength(description, "the description", MAX_DESCRIPTION_BYTES);
  if (tags !== undefined) checkList(tags, "tag", MAX_TAGS, MAX_TAG_BYTES);
  if (hosts !== undefined) checkList(hosts, "host pattern", MAX_HOSTS, MAX_HOST_BYTES);
  if (place !== undefined && place !== null) checkLength(formatPlace(place), "the place", MAX_PLACE_BYTES);
}

function checkList(list: readonly string[], what: string, most: number, longest: number): void {
  if (list.length > most) {
    throw new UsageError(`cannot keep ${list.length} ${what}s: ${most} are the most`, {
      code: "too_many",
      hint: "spread them over several credentials",
    });
  }
  for (const item of list) checkLength(item, `a ${what}`, longest);
}

function checkLength(text: string, what: string, longest: number): void {
  // A UTF-16 unit takes three bytes at the most.
  if (text.length * 3 <= longest || new TextEncoder().encode(text).length <= longest) return;
  throw new UsageError(`cannot keep ${what}: it is longer than ${longest} bytes`, {
    code: "too_long",
    hint: "shorten it",
  });
}
