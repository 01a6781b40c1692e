/**
 * The encrypted side of a TLS connection that we serve: a Node stream over a {@linkcode ByteStream}, as `node:tls` wants it.
 *
 * `node:tls` in Deno keeps pulling from its transport even while nobody reads what it has decrypted. The gate here makes
 * it wait: without one, a client that uploads to a slow upstream would fill the memory.
 *
 * @module
 */

import type { Buffer } from "node:buffer";
import { Duplex } from "node:stream";
import { closeQuietly } from "../http/dial.ts";
import type { ByteStream } from "../http/types.ts";

/** How much may be taken from the connection before what was decrypted has been read, bytes. */
const MAX_AHEAD = 256 * 1024;
/** A message is read with the small buffer, what fills it with the large one. */
const SMALL_READ = 8 * 1024;
const LARGE_READ = 64 * 1024;

/** A {@linkcode ByteStream} as a Node stream, with a gate. */
export class GatedTransport extends Duplex {
  readonly #stream: ByteStream;
  #buffer = new Uint8Array(SMALL_READ);
  #first: Uint8Array | undefined;
  #isReading = true;
  #ahead = 0;
  #open: (() => void) | undefined;

  /** Reads `first`, which was taken from the stream already, and then the stream. */
  constructor(stream: ByteStream, first: Uint8Array) {
    super({ highWaterMark: LARGE_READ });
    this.#stream = stream;
    this.#first = first.length > 0 ? first : undefined;
  }

  /** Begins to read; until then nothing is asked of the connection, so nothing can go wrong. */
  start(): void {
    this.#isReading = false;
    this._read();
  }

  /** All that was decrypted has been read: opens the gate. */
  drained(): void {
    this.#ahead = 0;
    const open = this.#open;
    this.#open = undefined;
    open?.();
  }

  /** See {@linkcode Duplex}. */
  override _read(): void {
    if (this.#isReading) return;
    this.#isReading = true;
    void this.#readOnce();
  }

  /** See {@linkcode Duplex}. */
  override _write(
    chunk: Buffer,
    _encoding: string,
    callback: (error?: Error | null) => void,
  ): void {
    this.#writeAll(chunk).then(() => callback(), callback);
  }

  /** Several records that wait are one write. */
  override _writev(
    chunks: { chunk: Buffer }[],
    callback: (error?: Error | null) => void,
  ): void {
    const [only] = chunks;
    if (chunks.length === 1 && only !== undefined) return this._write(only.chunk, "", callback);
    let length = 0;
    for (const { chunk } of chunks) length += chunk.length;
    const joined = new Uint8Array(length);
    let at = 0;
    for (const { chunk } of chunks) {
      joined.set(chunk, at);
      at += chunk.length;
    }
    this.#writeAll(joined).then(() => callback(), callback);
  }

  /** See {@linkcode Duplex}. */
  override _final(callback: (error?: Error | null) => void): void {
    // The other side may have closed already, which is no failure of ours.
    this.#stream.closeWrite().then(() => callback(), () => callback());
  }

  /** See {@linkcode Duplex}. */
  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.drained();
    closeQuietly(this.#stream);
    callback(error);
  }

  async #readOnce(): Promise<void> {
    try {
      const first = this.#first;
      this.#first = undefined;
      const bytes = first ?? await this.#next();
      this.#isReading = false;
      if (!this.destroyed) this.push(bytes);
    } catch (error) {
      this.#isReading = false;
      this.destroy(error instanceof Error ? error : new Error(String(error)));
    }
  }

  async #next(): Promise<Uint8Array | null> {
    while (this.#ahead > MAX_AHEAD && !this.destroyed) {
      await new Promise<void>((resolve) => this.#open = resolve);
    }
    if (this.destroyed) return null;
    const count = await this.#stream.read(this.#buffer);
    if (count === null) return null;
    this.#ahead += count;
    const bytes = this.#buffer.slice(0, count);
    if (count === this.#buffer.length && count < LARGE_READ) this.#buffer = new Uint8Array(LARGE_READ);
    return bytes;
  }

  async #writeAll(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) {
      at += await this.#stream.write(at === 0 ? bytes : bytes.subarray(at));
    }
  }
}
