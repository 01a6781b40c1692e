/**
 * How often answers may show that they held a secret which nobody put there.
 *
 * A host that echoes what it is sent answers a guess at a secret with its token if the guess is right. Such answers exist for
 * values of 16 bytes and more only, and so many a minute: beyond that, requests that do not carry the credential's own token
 * wait until the minute is over.
 *
 * @module
 */

/** Answers of one credential in {@linkcode WINDOW_MS} that may show its value was there. */
const MAX_HITS = 30;
const WINDOW_MS = 60_000;
/** Credentials that are counted; the longest counted one is forgotten. */
const MAX_COUNTED = 4_096;

interface Count {
  since: number;
  hits: number;
}

/** Counts unasked hits by credential. */
export class HitLimit {
  readonly #counts = new Map<string, Count>();
  /** Those that have used up what they may show. */
  readonly #full = new Set<string>();
  readonly #now: () => number;

  /** Nothing was found yet; `now` is a monotonic clock, ms. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** A credential's value was in an answer to a request that did not carry its token. */
  note(id: string): void {
    const now = this.#now();
    const count = this.#counts.get(id);
    if (count !== undefined && now - count.since < WINDOW_MS) {
      if (++count.hits >= MAX_HITS) this.#full.add(id);
      return;
    }
    this.#counts.delete(id);
    this.#full.delete(id);
    if (this.#counts.size >= MAX_COUNTED) {
      for (const oldest of this.#counts.keys()) {
        this.#counts.delete(oldest);
        this.#full.delete(oldest);
        break;
      }
    }
    this.#counts.set(id, { since: now, hits: 1 });
  }

  /** Seconds to wait if a credential has used up what it may show; else 0. */
  wait(id: string): number {
    const count = this.#full.has(id) ? this.#counts.get(id) : undefined;
    if (count === undefined) return 0;
    const left = count.since + WINDOW_MS - this.#now();
    if (left > 0) return Math.ceil(left / 1000);
    this.#full.delete(id);
    return 0;
  }

  /** Whether no credential has used it up, so that none need be asked about. */
  get isEmpty(): boolean {
    return this.#full.size === 0;
  }
}
