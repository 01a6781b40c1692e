import type { Clock } from "../../src/platform/clock.ts";

/** A clock that moves only when told to. */
export class ManualClock implements Clock {
  #wall: number;
  #monotonic = 0;

  constructor(wall = Date.UTC(2026, 0, 1)) {
    this.#wall = wall;
  }

  now(): number {
    return this.#wall;
  }

  monotonic(): number {
    return this.#monotonic;
  }

  /** Both clocks advance, as while the machine is awake. */
  advance(ms: number): void {
    this.#wall += ms;
    this.#monotonic += ms;
  }

  /** Only wall time advances, as while the machine sleeps (or when a person sets the clock; negative = back). */
  jump(ms: number): void {
    this.#wall += ms;
  }
}
