/**
 * Bytes on their way out, gathered so that a small message is one write, and wiped once sent where they held a secret.
 *
 * @module
 */

import { giveBlock, MEDIUM_BLOCK, OUTPUT_BLOCK, takeBlock } from "./blocks.ts";
import type { Deadline } from "./deadline.ts";
import { writeLatin1 } from "./latin1.ts";
import type { ByteStream } from "./types.ts";

const NO_BLOCK = new Uint8Array(0);

/** Gathers and writes to a {@linkcode ByteStream}. Writes go out in the order of the calls. */
export class OutputBuffer {
  readonly #stream: ByteStream;
  readonly #deadline: Deadline | undefined;
  readonly #timeoutMs: () => number;
  #block: Uint8Array<ArrayBuffer> = NO_BLOCK;
  #end = 0;
  #secret = false;
  #writing: Promise<void> | undefined;
  #written = 0;
  #failed = false;

  /** Writes to `stream`; `deadline` is armed with `timeoutMs()` while a write is under way. */
  constructor(stream: ByteStream, deadline?: Deadline, timeoutMs: () => number = () => Infinity) {
    this.#stream = stream;
    this.#deadline = deadline;
    this.#timeoutMs = timeoutMs;
  }

  /** Bytes gathered and not yet written. */
  get pending(): number {
    return this.#end;
  }

  /** Bytes that can be gathered before it must be flushed. */
  get room(): number {
    return Math.max(0, OUTPUT_BLOCK - this.#end);
  }

  /** Whether a write failed: the other side is gone. */
  get failed(): boolean {
    return this.#failed;
  }

  /** Bytes handed to the stream so far. */
  get written(): number {
    return this.#written;
  }

  /**
   * Gathers text, one byte per character.
   *
   * @throws {RangeError} if a character is above U+00FF.
   */
  text(text: string): void {
    this.#reserve(text.length);
    this.#end = writeLatin1(text, this.#block, this.#end);
  }

  /** Gathers a copy of bytes; if they are secret, the buffer is wiped once written. */
  bytes(bytes: Uint8Array, secret = false): void {
    this.#reserve(bytes.length);
    this.#block.set(bytes, this.#end);
    this.#end += bytes.length;
    this.#secret ||= secret;
  }

  /** Forgets what is gathered. */
  discard(): void {
    this.#recycle(this.#block, this.#end, this.#secret);
    this.#block = NO_BLOCK;
    this.#end = 0;
    this.#secret = false;
  }

  /** Writes everything gathered; rejects if the stream does. */
  flush(): Promise<void> {
    if (this.#writing !== undefined) return this.#writing.then(() => this.flush());
    if (this.#end === 0) return Promise.resolve();
    return this.#writing = this.#flushBlock();
  }

  /** Writes everything gathered and then `bytes` without copying them; they must stay as they are until it resolves. */
  async writeThrough(bytes: Uint8Array): Promise<void> {
    while (this.#end > 0 || this.#writing !== undefined) await this.flush();
    await (this.#writing = this.#write(bytes, bytes.length));
  }

  async #flushBlock(): Promise<void> {
    const block = this.#block;
    const end = this.#end;
    const secret = this.#secret;
    this.#block = NO_BLOCK;
    this.#end = 0;
    this.#secret = false;
    try {
      await this.#write(block, end);
    } finally {
      this.#recycle(block, end, secret);
    }
  }

  async #write(bytes: Uint8Array, end: number): Promise<void> {
    this.#deadline?.arm(this.#timeoutMs());
    try {
      let from = 0;
      while (from < end) {
        const count = await this.#stream.write(bytes.subarray(from, end));
        from += count;
        this.#written += count;
        if (from < end) this.#deadline?.arm(this.#timeoutMs());
      }
    } catch (error) {
      this.#failed = true;
      throw error;
    } finally {
      this.#deadline?.disarm();
      this.#writing = undefined;
    }
  }

  #reserve(count: number): void {
    const needed = this.#end + count;
    if (needed <= this.#block.length) return;
    const larger = takeBlock(needed <= MEDIUM_BLOCK ? MEDIUM_BLOCK : Math.max(needed, OUTPUT_BLOCK));
    larger.set(this.#block.subarray(0, this.#end));
    this.#recycle(this.#block, this.#end, this.#secret);
    this.#block = larger;
  }

  #recycle(block: Uint8Array<ArrayBuffer>, end: number, secret: boolean): void {
    if (secret) block.fill(0, 0, end);
    if (block.length > 0) giveBlock(block);
  }
}
