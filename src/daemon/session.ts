/**
 * How long a key stays: it is dropped after a time without use and, in any case, after a day's work. Sleep counts as time,
 * and a clock that is set back wins nothing.
 *
 * @module
 */

import { type Clock, systemClock } from "../platform/clock.ts";

/** A key is dropped after so long in any case, milliseconds. */
export const MAX_SESSION_MS = 12 * 60 * 60 * 1000;
/** After a sleep of the machine a timer fires late; it is set no farther ahead than this, milliseconds. */
const LONGEST_TIMER_MS = 15_000;

/** Why a session ended. */
export type LockReason = "idle" | "age";

/** What a {@linkcode Session} is made of. */
export interface SessionOptions {
  /** Time without use after which the key is dropped, milliseconds; 0 = never, which lifts the limit on age too. */
  idleMs: number;
  /** Drops the key. Called once. */
  onLock: (reason: LockReason) => void;
  /** The machine's clocks unless a test says otherwise. */
  clock?: Clock;
}

/** Counts the time a key has been in use and unused. */
export class Session {
  readonly #idleMs: number;
  readonly #onLock: SessionOptions["onLock"];
  readonly #clock: Clock;
  #wall: number;
  #monotonic: number;
  #idle = 0;
  #age = 0;
  #over = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Begins now. */
  constructor({ idleMs, onLock, clock = systemClock }: SessionOptions) {
    this.#idleMs = idleMs;
    this.#onLock = onLock;
    this.#clock = clock;
    this.#wall = clock.now();
    this.#monotonic = clock.monotonic();
  }

  /** Wall time at which the key will be dropped if nothing happens, ms since the epoch; null = never, or it has been. */
  get locksAt(): number | null {
    if (this.#over || this.#idleMs === 0) return null;
    return this.#wall + this.#left();
  }

  /**
   * Notes a use of the key, unless the time was up before: then the key is dropped now.
   *
   * @returns whether the key may be used
   */
  touch(): boolean {
    if (!this.check()) return false;
    this.#idle = 0;
    return true;
  }

  /** Drops the key if its time is up. Returns whether it may be used. */
  check(): boolean {
    if (this.#over) return false;
    this.#advance();
    if (this.#idleMs === 0 || this.#left() > 0) return true;
    const reason = this.#age >= MAX_SESSION_MS ? "age" : "idle";
    this.end();
    this.#onLock(reason);
    return false;
  }

  /** Checks by itself from now on. */
  start(): void {
    if (this.#over || this.#idleMs === 0) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (this.check()) this.start();
    }, Math.min(this.#left() + 1, LONGEST_TIMER_MS));
  }

  /** Ends it without dropping anything: the key is gone already. */
  end(): void {
    this.#over = true;
    clearTimeout(this.#timer);
  }

  #left(): number {
    return Math.min(this.#idleMs - this.#idle, MAX_SESSION_MS - this.#age);
  }

  /**
   * Adds the time since the last call. Monotonic time may stand still while the machine sleeps, wall time may be set back;
   * the larger difference is the true one, or more.
   */
  #advance(): void {
    const wall = this.#clock.now();
    const monotonic = this.#clock.monotonic();
    const passed = Math.max(wall - this.#wall, monotonic - this.#monotonic, 0);
    this.#wall = wall;
    this.#monotonic = monotonic;
    this.#idle += passed;
    this.#age += passed;
  }
}
