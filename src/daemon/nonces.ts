/**
 * Nonces for password proofs: single use, short-lived, few.
 *
 * @module
 */

import { type Clock, systemClock } from "../platform/clock.ts";

/** How long a nonce may be used, milliseconds. */
export const NONCE_LIFE_MS = 60_000;
/** Length of a nonce in bytes. */
export const NONCE_BYTES = 32;
/** Nonces a connection holds at once; a further one ends the oldest. */
export const MAX_NONCES = 16;

/** The nonces one connection was given. */
export class Nonces {
  readonly #clock: Clock;
  readonly #issued = new Map<string, number>();

  /**
   * None issued yet.
   *
   * @param clock its monotonic time decides
   */
  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  /** Makes one. */
  issue(): Uint8Array<ArrayBuffer> {
    const nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
    const oldest = this.#issued.keys().next();
    if (this.#issued.size >= MAX_NONCES && !oldest.done) this.#issued.delete(oldest.value);
    this.#issued.set(nonce.toHex(), this.#clock.monotonic());
    return nonce;
  }

  /** Uses one up; false if it was never issued, is over {@linkcode NONCE_LIFE_MS} old, or was used before. */
  take(nonce: Uint8Array): boolean {
    const key = nonce.toHex();
    const at = this.#issued.get(key);
    this.#issued.delete(key);
    return at !== undefined && this.#clock.monotonic() - at <= NONCE_LIFE_MS;
  }
}
