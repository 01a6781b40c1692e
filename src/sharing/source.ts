/**
 * Reading a file in pieces of a wanted length, with a limit over all.
 *
 * @module
 */

import { wipe } from "../core/bytes.ts";
import { bundleError } from "./errors.ts";

/** What bundles are read from: a file, or bytes in a test. */
export interface Readable {
  /** Fills the buffer, in part or whole; null at the end. */
  read(buffer: Uint8Array): Promise<number | null>;
}

/** Gives bytes by count. */
export class ByteSource {
  readonly #file: Readable;
  readonly #max: number;
  readonly #next = new Uint8Array(1);
  #hasNext = false;
  #total = 0;

  /** Reads from the beginning; more than `max` bytes are refused. */
  constructor(file: Readable, max: number) {
    this.#file = file;
    this.#max = max;
  }

  /**
   * The next bytes.
   *
   * @throws {FailedError} `bundle_damaged` if there are fewer, `bundle_too_large`.
   */
  async exactly(length: number): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = await this.upTo(length);
    if (bytes.length === length) return bytes;
    // Shorter than any header: rather some other file than a bundle that was cut.
    if (this.#total < 5) throw bundleError("bundle_unknown", "the file is no WispKey bundle");
    throw bundleError("bundle_damaged", "it was cut off");
  }

  /** The next bytes, fewer only at the end. */
  async upTo(length: number): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = new Uint8Array(length);
    let filled = 0;
    if (this.#hasNext && length > 0) {
      bytes.set(this.#next);
      this.#hasNext = false;
      filled = 1;
    }
    while (filled < length) {
      const count = await this.#read(bytes.subarray(filled));
      if (count === 0) break;
      filled += count;
    }
    return filled === length ? bytes : bytes.slice(0, filled);
  }

  /** Whether all was read. */
  async atEnd(): Promise<boolean> {
    if (this.#hasNext) return false;
    this.#hasNext = await this.#read(this.#next) > 0;
    return !this.#hasNext;
  }

  /** All that is left, at most `max` bytes. */
  async rest(max: number): Promise<Uint8Array<ArrayBuffer>> {
    const chunks: Uint8Array[] = [];
    let length = 0;
    while (!await this.atEnd()) {
      const chunk = await this.upTo(64 * 1024);
      length += chunk.length;
      if (length > max) throw bundleError("bundle_too_large", `it is larger than ${max / 1024 / 1024} MiB`);
      chunks.push(chunk);
    }
    const all = new Uint8Array(length);
    let at = 0;
    for (const chunk of chunks) {
      all.set(chunk, at);
      at += chunk.length;
      wipe(chunk);
    }
    return all;
  }

  /** 0 at the end. */
  async #read(buffer: Uint8Array): Promise<number> {
    let count: number | null;
    do count = await this.#file.read(buffer); while (count === 0);
    this.#total += count ?? 0;
    if (this.#total > this.#max) {
      throw bundleError("bundle_too_large", `it is larger than ${this.#max / 1024 / 1024} MiB`);
    }
    return count ?? 0;
  }
}
