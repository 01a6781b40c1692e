/**
 * Time, as an interface: wall time for people and records, monotonic time for durations. Code that waits or
 * expires takes a {@linkcode Clock}, so that tests can move it by hand.
 *
 * @module
 */

/** A source of time. */
export interface Clock {
  /** Wall time, milliseconds since the epoch, UTC. May jump when a person sets the clock. */
  now(): number;
  /** Milliseconds since some fixed moment. Never goes back; may stand still while the machine sleeps. */
  monotonic(): number;
}

/** The machine's own clocks. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
};
