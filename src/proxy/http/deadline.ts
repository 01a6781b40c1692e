/**
 * Cheap timeouts. Every read and write of every connection has one, and hardly any ever fires, so setting one is the
 * writing of a number; one interval looks through all of them.
 *
 * @module
 */

/** How often to look, in milliseconds; a deadline fires up to two of these late and never early. */
const DEFAULT_TICK_MS = 100;

/** Looks after {@linkcode Deadline}s; its interval runs only while there are any, and never keeps the process alive. */
export class DeadlineClock {
  readonly #tickMs: number;
  readonly #deadlines = new Set<Deadline>();
  #interval: ReturnType<typeof setInterval> | undefined;
  #now = 0;

  /** Makes a clock that looks every `tickMs` milliseconds. */
  constructor(tickMs: number = DEFAULT_TICK_MS) {
    this.#tickMs = tickMs;
  }

  /** A moment that is at least `ms` milliseconds away, on a clock that only goes forward. */
  after(ms: number): number {
    return this.#now + this.#tickMs + ms;
  }

  /** Makes a deadline, not armed yet. It must be disposed of. */
  create(onExpire: () => void): Deadline {
    const deadline = new Deadline(this, onExpire, () => this.#remove(deadline));
    this.#deadlines.add(deadline);
    if (this.#interval === undefined) {
      this.#now = performance.now();
      const interval = setInterval(() => this.#tick(), this.#tickMs);
      Deno.unrefTimer(interval);
      this.#interval = interval;
    }
    return deadline;
  }

  #remove(deadline: Deadline): void {
    this.#deadlines.delete(deadline);
    if (this.#deadlines.size > 0) return;
    if (this.#interval !== undefined) clearInterval(this.#interval);
    this.#interval = undefined;
  }

  #tick(): void {
    this.#now = performance.now();
    for (const deadline of this.#deadlines) deadline.check(this.#now);
  }
}

/** A moment by which something must have happened; see {@linkcode DeadlineClock.create}. */
export class Deadline implements Disposable {
  readonly #clock: DeadlineClock;
  readonly #onExpire: () => void;
  readonly #remove: () => void;
  #at = Infinity;
  #expired = false;

  /** Called by the clock. */
  constructor(clock: DeadlineClock, onExpire: () => void, remove: () => void) {
    this.#clock = clock;
    this.#onExpire = onExpire;
    this.#remove = remove;
  }

  /** Whether it passed while it was armed. */
  get expired(): boolean {
    return this.#expired;
  }

  /** Sets it, or sets it anew, `ms` from now (up to two ticks later). */
  arm(ms: number): void {
    this.#at = this.#clock.after(ms);
  }

  /** What was waited for has happened. */
  disarm(): void {
    this.#at = Infinity;
  }

  /** Fires if `now` is past it; called by the clock. */
  check(now: number): void {
    if (now < this.#at) return;
    this.#at = Infinity;
    this.#expired = true;
    this.#onExpire();
  }

  /** Takes it off the clock. */
  [Symbol.dispose](): void {
    this.#at = Infinity;
    this.#remove();
  }
}

/** The clock of everything that is given no other. */
export const sharedClock: DeadlineClock = new DeadlineClock();
