/**
 * Saying something once for each host, so that a client that tries again and again does not fill the log.
 *
 * @module
 */

/** Hosts that are remembered; the one spoken of longest ago is forgotten first. */
const MAX_HOSTS = 1_024;

/** Remembers for which hosts something was said. */
export class OncePerHost {
  readonly #saidAt = new Map<string, number>();
  readonly #againAfterMs: number;
  readonly #now: () => number;

  /**
   * Remembers nothing yet.
   *
   * @param againAfterMs after so long it may be said again
   */
  constructor(againAfterMs = Infinity, now: () => number = () => performance.now()) {
    this.#againAfterMs = againAfterMs;
    this.#now = now;
  }

  /** Whether it is to be said for this host now; from then on it counts as said. */
  shouldSay(host: string): boolean {
    const now = this.#now();
    const before = this.#saidAt.get(host);
    if (before !== undefined && now - before < this.#againAfterMs) return false;
    this.#saidAt.delete(host);
    this.#saidAt.set(host, now);
    if (this.#saidAt.size > MAX_HOSTS) {
      for (const oldest of this.#saidAt.keys()) {
        this.#saidAt.delete(oldest);
        break;
      }
    }
    return true;
  }
}
