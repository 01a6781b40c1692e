/**
 * Counts what is asked about values of the vault, so that nobody finds one by trying: so many a minute, which bounds the work,
 * and so many different ones a day, which bounds what can be learned. A value that was asked about before costs nothing of the
 * latter: programs and agents come with the same ones again and again, who guesses does not.
 *
 * @module
 */

import { DeniedError } from "../core/errors.ts";

/** Words that may be asked about at once, and in a minute. */
export const MATCHES_A_MINUTE = 16_384;
/** Different words that may be asked about at once, and in a day. */
export const NEW_A_DAY: number = 512 * 1024;

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** Bits by which words are remembered: sixteen for each. */
const SEEN_BITS = 16 * NEW_A_DAY;
/** Bits that each word sets. */
const BITS_A_WORD = 4;

/** How a budget is made. */
export interface GuessLimits {
  /** Words a minute. */
  readonly perMinute?: number;
  /** Different words a day. */
  readonly newPerDay?: number;
  /** A monotonic clock, ms. */
  readonly now?: () => number;
}

/** What one process may still be asked. */
export class GuessBudget {
  readonly #words: Bucket;
  readonly #fresh: Bucket;
  readonly #seen = new SeenWords();
  #told = false;

  /** Full. */
  constructor({ perMinute = MATCHES_A_MINUTE, newPerDay = NEW_A_DAY, now }: GuessLimits = {}) {
    const clock = now ?? (() => performance.now());
    this.#words = new Bucket(perMinute, MINUTE_MS, clock);
    this.#fresh = new Bucket(newPerDay, DAY_MS, clock);
  }

  /** A budget without an end, for who has given the password. */
  static unlimited(): GuessBudget {
    return new GuessBudget({ perMinute: Infinity, newPerDay: Infinity });
  }

  /** How many there were for this minute when it was last asked. */
  get left(): number {
    return this.#words.left;
  }

  /**
   * Takes so many of the minute's.
   *
   * @throws {DeniedError} `too_many_guesses` if there are not so many left.
   */
  take(count: number): void {
    if (this.#words.take(count)) return;
    throw new DeniedError("cannot compare the values with the vault: too many were asked about", {
      code: "too_many_guesses",
      hint: "try again in a minute",
    });
  }

  /**
   * Takes of the day's what was never asked about before.
   *
   * @throws {DeniedError} `guesses_exhausted` if there is not so much left; then nothing is taken.
   */
  takeNew(words: readonly Uint8Array[]): void {
    const fresh = words.filter((word) => !this.#seen.has(word));
    if (!this.#fresh.take(fresh.length)) {
      throw new DeniedError(
        "cannot compare the values with the vault: too many different ones were asked about",
        {
          code: "guesses_exhausted",
          hint: "wispkey unlock",
        },
      );
    }
    for (const word of fresh) this.#seen.add(word);
    if (this.#fresh.left > this.#fresh.size / 2) this.#told = false;
  }

  /** Whether this refusal is to be told: the first one, until there is room again. */
  toTell(): boolean {
    const first = !this.#told;
    this.#told = true;
    return first;
  }
}

/** A bucket that fills again evenly. */
class Bucket {
  readonly size: number;
  readonly #fullMs: number;
  readonly #now: () => number;
  #at: number;
  left: number;

  constructor(size: number, fullMs: number, now: () => number) {
    this.size = size;
    this.#fullMs = fullMs;
    this.#now = now;
    this.#at = now();
    this.left = size;
  }

  take(count: number): boolean {
    const now = this.#now();
    if (this.size !== Infinity) {
      this.left = Math.min(this.size, this.left + (now - this.#at) / this.#fullMs * this.size);
    }
    this.#at = now;
    if (count > this.left) return false;
    this.left -= count;
    return true;
  }
}

/**
 * A Bloom filter of constant size. It takes a few words in a thousand for known that are not; the hash is seeded, so nobody
 * can choose which.
 */
class SeenWords {
  readonly #seed = crypto.getRandomValues(new Uint32Array(2));
  #bits = new Uint8Array(0);
  #count = 0;

  has(word: Uint8Array): boolean {
    if (this.#count === 0) return false;
    return this.#positions(word).every((at) => ((this.#bits[at >>> 3] ?? 0) & (1 << (at & 7))) !== 0);
  }

  add(word: Uint8Array): void {
    if (this.#count === 0) this.#bits = new Uint8Array(SEEN_BITS / 8);
    for (const at of this.#positions(word)) {
      this.#bits[at >>> 3] = (this.#bits[at >>> 3] ?? 0) | (1 << (at & 7));
    }
    // Fuller it would take too much for known; words are new once more then.
    if (++this.#count > NEW_A_DAY) this.#count = 0;
  }

  #positions(word: Uint8Array): number[] {
    let [a = 0, b = 0] = this.#seed;
    for (const byte of word) {
      a = Math.imul(a ^ byte, 0x01000193);
      b = Math.imul((b << 7 | b >>> 25) + byte, 0x85ebca6b);
    }
    a = mixed(a);
    b = mixed(b ^ word.length) | 1;
    return Array.from({ length: BITS_A_WORD }, (_, i) => ((a + Math.imul(i, b)) >>> 0) % SEEN_BITS);
  }
}

/** The last step of MurmurHash3: each bit of the input decides about each of the output. */
function mixed(hash: number): number {
  hash = Math.imul(hash ^ hash >>> 16, 0x85ebca6b);
  hash = Math.imul(hash ^ hash >>> 13, 0xc2b2ae35);
  return (hash ^ hash >>> 16) >>> 0;
}
