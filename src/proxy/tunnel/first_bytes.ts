/**
 * A connection whose first bytes have been looked at.
 *
 * @module
 */

import type { ByteStream } from "../http/types.ts";

const ENOUGH = 4 * 1024;

/** A {@linkcode ByteStream} that gives its first bytes once more. */
export class FirstBytes implements ByteStream {
  /** What came first; never empty. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly #stream: ByteStream;
  #given = 0;

  private constructor(stream: ByteStream, bytes: Uint8Array<ArrayBuffer>) {
    this.#stream = stream;
    this.bytes = bytes;
  }

  /**
   * Waits for the first bytes; null if the other side ended without any.
   *
   * @param buffered what was taken from the stream already
   */
  static async read(stream: ByteStream, buffered: Uint8Array): Promise<FirstBytes | null> {
    if (buffered.length > 0) return new FirstBytes(stream, buffered.slice());
    const buffer = new Uint8Array(ENOUGH);
    const count = await stream.read(buffer);
    return count === null ? null : new FirstBytes(stream, buffer.slice(0, count));
  }

  /** See {@linkcode ByteStream}. */
  async read(buffer: Uint8Array): Promise<number | null> {
    if (this.#given === this.bytes.length) return await this.#stream.read(buffer);
    const bytes = this.bytes.subarray(this.#given, this.#given + buffer.length);
    buffer.set(bytes);
    this.#given += bytes.length;
    return bytes.length;
  }

  /** See {@linkcode ByteStream}. */
  write(bytes: Uint8Array): Promise<number> {
    return this.#stream.write(bytes);
  }

  /** See {@linkcode ByteStream}. */
  closeWrite(): Promise<void> {
    return this.#stream.closeWrite();
  }

  /** See {@linkcode ByteStream}. */
  close(): void {
    this.#stream.close();
  }
}
