/**
 * The content of a bundle in chunks, each sealed by itself, so that neither side holds all of it: the STREAM construction
 * (Hoang, Reyhanitabar, Rogaway, Vizár: "Online Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance", CRYPTO
 * 2015). The nonce is the number of the chunk and whether it is the last, so that no chunk can be moved, repeated, left
 * out or cut off.
 *
 * @module
 */

import { concat, wipe } from "../core/bytes.ts";
import { NONCE_LENGTH, open, seal, TAG_LENGTH } from "../vault/aead.ts";
import { bundleError } from "./errors.ts";

/** Plaintext of every chunk but the last, in bytes. */
export const CHUNK_LENGTH = 64 * 1024;
/** A sealed chunk, in bytes. */
export const SEALED_CHUNK_LENGTH: number = CHUNK_LENGTH + TAG_LENGTH;

/** Nonce of a chunk: `u88 number`, `u8 1 = last`. */
function chunkNonce(number: number, last: boolean): Uint8Array<ArrayBuffer> {
  const nonce = new Uint8Array(NONCE_LENGTH);
  new DataView(nonce.buffer).setBigUint64(3, BigInt(number));
  nonce[NONCE_LENGTH - 1] = last ? 1 : 0;
  return nonce;
}

/** Seals what is pushed, chunk by chunk. */
export class ChunkSealer {
  readonly #key: Uint8Array;
  readonly #binding: Uint8Array;
  readonly #write: (bytes: Uint8Array) => Promise<void>;
  readonly #held = new Uint8Array(CHUNK_LENGTH);
  #length = 0;
  #number = 0;

  /**
   * Starts with nothing.
   *
   * @param binding additional data of every chunk
   * @param write takes sealed bytes
   */
  constructor(key: Uint8Array, binding: Uint8Array, write: (bytes: Uint8Array) => Promise<void>) {
    this.#key = key;
    this.#binding = binding;
    this.#write = write;
  }

  /** Takes plaintext, which the caller wipes. */
  async push(bytes: Uint8Array): Promise<void> {
    for (let offset = 0; offset < bytes.length;) {
      // A full chunk waits until there is more: only then is it known not to be the last.
      if (this.#length === CHUNK_LENGTH) await this.#flush(false);
      const piece = bytes.subarray(offset, offset + CHUNK_LENGTH - this.#length);
      this.#held.set(piece, this.#length);
      this.#length += piece.length;
      offset += piece.length;
    }
  }

  /** Writes the last chunk. */
  async end(): Promise<void> {
    await this.#flush(true);
    this.wipe();
  }

  /** Overwrites what is held. */
  wipe(): void {
    wipe(this.#held);
  }

  async #flush(last: boolean): Promise<void> {
    const plain = this.#held.subarray(0, this.#length);
    const { ciphertext, tag } = seal(this.#key, plain, this.#binding, chunkNonce(this.#number++, last));
    this.#length = 0;
    await this.#write(concat(ciphertext, tag));
  }
}

/** Opens sealed chunks in order. */
export class ChunkOpener {
  readonly #key: Uint8Array;
  readonly #binding: Uint8Array;
  #number = 0;

  /** Starts with the first chunk. */
  constructor(key: Uint8Array, binding: Uint8Array) {
    this.#key = key;
    this.#binding = binding;
  }

  /**
   * Opens the next chunk; the caller wipes the result.
   *
   * @param last whether the file ends with it
   * @throws {FailedError} `bundle_damaged`.
   */
  open(sealed: Uint8Array, last: boolean): Uint8Array<ArrayBuffer> {
    const end = sealed.length - TAG_LENGTH;
    const nonce = chunkNonce(this.#number++, last);
    const parts = { nonce, ciphertext: sealed.subarray(0, end), tag: sealed.subarray(end) };
    const plain = end < 0 ? undefined : open(this.#key, parts, this.#binding);
    if (plain !== undefined) return plain;
    throw bundleError("bundle_damaged", "it was cut off or changed");
  }
}
