/**
 * Counts uses over a sliding window: at no time do more than `limit` uses lie within the last `windowMs` milliseconds.
 *
 * Exact to the millisecond for limits of up to {@linkcode MAX_RUNS}. Beyond, uses that lie closer together than
 * `windowMs / MAX_RUNS` are remembered as one run that ends with its last use, so that memory stays constant: still never
 * more than `limit`, but a place may be free that much later than it could be.
 *
 * @module
 */

/** Most runs of uses that are remembered for one window. */
export const MAX_RUNS = 4096;

/** Uses so close together that they are remembered as one. */
interface Run {
  first: number;
  last: number;
  count: number;
}

/** A use that was counted, to be taken back. */
export type CountedUse = object;

/** The uses of one key. Times are milliseconds since the epoch. */
export class SlidingWindow {
  /** Most uses within the window. */
  readonly limit: number;
  /** Length of the window, milliseconds. */
  readonly windowMs: number;
  readonly #grain: number;
  #runs: Run[] = [];
  #head = 0;
  #total = 0;

  /** A window without uses. */
  constructor(limit: number, windowMs: number) {
    this.limit = limit;
    this.windowMs = windowMs;
    this.#grain = limit > MAX_RUNS ? Math.ceil(windowMs / MAX_RUNS) : 1;
  }

  /** How many milliseconds from `now` another use fits in; 0 = it does now. */
  waitMs(now: number): number {
    const at = this.#forget(now);
    let left = this.#total;
    for (let i = this.#head; left >= this.limit; i++) {
      const run = this.#runs[i];
      if (run === undefined) return 0;
      left -= run.count;
      if (left < this.limit) return run.last + this.windowMs - at;
    }
    return 0;
  }

  /** Counts a use, whether it fits or not. */
  count(now: number): CountedUse {
    const at = this.#forget(now);
    this.#total++;
    // Of more uses than the limit only the newest decide when the next one fits.
    for (let run = this.#runs[this.#head]; run !== undefined && this.#total - run.count >= this.limit;) {
      this.#total -= run.count;
      run = this.#runs[++this.#head];
    }
    const newest = this.#runs.at(-1);
    if (newest !== undefined && this.#head < this.#runs.length && at - newest.first < this.#grain) {
      newest.last = at;
      newest.count++;
      return newest;
    }
    const run: Run = { first: at, last: at, count: 1 };
    this.#runs.push(run);
    return run;
  }

  /** Takes back a use that did not happen. */
  uncount(use: CountedUse): void {
    const run = use as Run;
    if (run.count === 0) return;
    run.count--;
    // What has slid out of the window is not counted any more.
    if (this.#runs.indexOf(run, this.#head) >= 0) this.#total--;
  }

  /**
   * A window as strict as both of two that may tell of the same uses, each not of all: its newest use is the newer one of
   * theirs, and so is each one before. Both are of the same limit and length.
   */
  static strictest(a: SlidingWindow, b: SlidingWindow): SlidingWindow {
    const both = new SlidingWindow(a.limit, a.windowMs);
    const [left, right] = [a.#newestRuns(), b.#newestRuns()];
    const runs: Run[] = [];
    let room = a.limit;
    while (room > 0 && (left.length > 0 || right.length > 0)) {
      const [x, y] = [left.at(-1), right.at(-1)];
      const count = Math.min(x?.count ?? Infinity, y?.count ?? Infinity, room);
      const [first, last] = [Math.max(x?.first ?? 0, y?.first ?? 0), Math.max(x?.last ?? 0, y?.last ?? 0)];
      const newer = runs.at(-1);
      if (newer !== undefined && newer.last - first < both.#grain) {
        newer.first = Math.min(newer.first, first);
        newer.count += count;
      } else runs.push({ first, last, count });
      room -= count;
      for (const rest of [left, right]) {
        const run = rest.at(-1);
        if (run !== undefined && (run.count -= count) === 0) rest.pop();
      }
    }
    both.#runs = runs.reverse();
    both.#total = a.limit - room;
    return both;
  }

  /** Number of uses within the window that ends now, or `limit` if there are more. */
  used(now: number): number {
    this.#forget(now);
    return this.#total;
  }

  /** Number of runs held, which bounds the memory. */
  get size(): number {
    return this.#runs.length - this.#head;
  }

  /** Copies of the runs, the newest last. */
  #newestRuns(): Run[] {
    return this.#runs.slice(this.#head).filter(({ count }) => count > 0).map((run) => ({ ...run }));
  }

  /** Drops what has left the window. A clock that was set back stands still until it has caught up. */
  #forget(now: number): number {
    const at = Math.max(now, this.#runs.at(-1)?.last ?? now);
    for (let run = this.#runs[this.#head]; run !== undefined && run.last <= at - this.windowMs;) {
      this.#total -= run.count;
      run = this.#runs[++this.#head];
    }
    if (this.#head > MAX_RUNS || (this.#head > 0 && this.#head === this.#runs.length)) {
      this.#runs = this.#runs.slice(this.#head);
      this.#head = 0;
    }
    return at;
  }
}
