/**
 * How many TLS handshakes may be under way with one place.
 *
 * The runtime does not let go of a connection whose handshake was abandoned until its peer does, so a host that stands still
 * could use up this process's file descriptors, one for each client that comes and goes. An abandoned handshake therefore
 * counts for a while as one that is under way.
 *
 * @module
 */

import { untilAborted } from "./dial_address.ts";
import { UpstreamError } from "./errors.ts";

/** Bounds of a gate. */
export interface HandshakeGateOptions {
  /** Handshakes with one place at once, those that were abandoned included. */
  perPlace?: number;
  /** How long an abandoned one counts, milliseconds. */
  abandonedMs?: number;
  /** A monotonic clock, milliseconds. */
  now?: () => number;
}

interface Place {
  active: number;
  /** When each abandoned handshake counts no more. */
  abandoned: number[];
  readonly waiting: PromiseWithResolvers<void>[];
}

/** Lets in so many handshakes with each place, first come, first served. */
export class HandshakeGate {
  readonly #places = new Map<string, Place>();
  readonly #perPlace: number;
  readonly #abandonedMs: number;
  readonly #now: () => number;

  /** Makes a gate. */
  constructor(options: HandshakeGateOptions = {}) {
    this.#perPlace = options.perPlace ?? 32;
    this.#abandonedMs = options.abandonedMs ?? 300_000;
    this.#now = options.now ?? (() => performance.now());
  }

  /**
   * Runs a handshake when its turn has come.
   *
   * @param place `host:port`
   * @throws {UpstreamError} `upstream_unreachable` if only abandoned ones are in the way; what `handshake` throws.
   */
  async run<T>(place: string, signal: AbortSignal, handshake: () => Promise<T>): Promise<T> {
    const entered = this.#enter(place);
    if (entered.waits !== undefined) {
      try {
        await untilAborted(entered.waits.promise, signal);
      } catch (error) {
        this.#giveUp(place, entered.state, entered.waits);
        throw error;
      }
    }
    try {
      return await handshake();
    } finally {
      if (signal.aborted) entered.state.abandoned.push(this.#now() + this.#abandonedMs);
      this.#leave(place, entered.state);
    }
  }

  #enter(key: string): { state: Place; waits: PromiseWithResolvers<void> | undefined } {
    let state = this.#places.get(key);
    if (state === undefined) this.#places.set(key, state = { active: 0, abandoned: [], waiting: [] });
    const now = this.#now();
    state.abandoned = state.abandoned.filter((until) => until > now);
    if (state.active + state.abandoned.length < this.#perPlace) {
      state.active++;
      return { state, waits: undefined };
    }
    if (state.active === 0) throw standsStill(key);
    const waits = Promise.withResolvers<void>();
    state.waiting.push(waits);
    return { state, waits };
  }

  #leave(key: string, state: Place): void {
    state.active--;
    while (state.waiting.length > 0 && state.active + state.abandoned.length < this.#perPlace) {
      state.active++;
      state.waiting.shift()?.resolve();
    }
    // Nobody is left who could make room.
    if (state.active === 0) { for (const waits of state.waiting.splice(0)) waits.reject(standsStill(key)); }
    if (state.active === 0 && state.abandoned.length === 0) this.#places.delete(key);
  }

  /** Somebody does not wait any more; if their turn came in that very moment, it is passed on. */
  #giveUp(key: string, state: Place, waits: PromiseWithResolvers<void>): void {
    const at = state.waiting.indexOf(waits);
    if (at >= 0) state.waiting.splice(at, 1);
    else waits.promise.then(() => this.#leave(key, state), () => {});
  }
}

function standsStill(place: string): UpstreamError {
  return new UpstreamError(
    "upstream_unreachable",
    `cannot reach ${place}: it lets TLS handshakes stand still, and too many of them are open`,
  );
}

/** The gate of this process. */
export const sharedHandshakeGate: HandshakeGate = new HandshakeGate();
