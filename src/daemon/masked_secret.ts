/**
 * A secret in memory without lying there in clear: its bytes combined with a random pad of the same length.
 *
 * Opening a sealed value costs more than the rest of an injection together. Whoever can read this process's memory has
 * the data key anyway; what masking keeps up is that no copy of a secret survives its use.
 *
 * @module
 */

import { wipe } from "../core/bytes.ts";

/** Longer secrets are opened anew each time, bytes. */
export const MAX_MASKED_LENGTH = 8 * 1024;

/** A masked secret of at most {@linkcode MAX_MASKED_LENGTH} bytes. */
export class MaskedSecret {
  readonly #pad: Uint8Array<ArrayBuffer>;
  readonly #masked: Uint8Array<ArrayBuffer>;

  /** Masks a copy of `secret`, which the caller wipes. */
  constructor(secret: Uint8Array) {
    this.#pad = crypto.getRandomValues(new Uint8Array(secret.length));
    this.#masked = new Uint8Array(secret.length);
    for (let i = 0; i < secret.length; i++) this.#masked[i] = secret[i]! ^ this.#pad[i]!;
  }

  /** The secret in a buffer of its own, which the caller wipes. */
  open(): Uint8Array<ArrayBuffer> {
    const secret = new Uint8Array(this.#masked.length);
    for (let i = 0; i < secret.length; i++) secret[i] = this.#masked[i]! ^ this.#pad[i]!;
    return secret;
  }

  /** Overwrites it; of no use afterwards. */
  wipe(): void {
    wipe(this.#pad, this.#masked);
  }
}
