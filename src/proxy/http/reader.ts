/**
 * Bytes of a connection, buffered. At most one read is under way at any time; one that was begun to notice that the
 * other side goes away is used as the next read, so nothing is lost by watching.
 *
 * @module
 */

import { BODY_BLOCK, giveBlock, HEADROOM, MEDIUM_BLOCK, SMALL_BLOCK, takeBlock } from "./blocks.ts";
import { CR, LF } from "./chars.ts";
import { HttpError } from "./errors.ts";
import type { ByteStream } from "./types.ts";

/** A value that is there, or will be: the common case costs no promise. */
export type MaybePromise<T> = T | Promise<T>;

/** What a watched connection did. */
export type WatchEvent = "bytes" | "end";

/** Reads a {@linkcode ByteStream}. Views it returns are valid until the next call that may read. */
export class BufferedReader {
  readonly #stream: ByteStream;
  #block: Uint8Array<ArrayBuffer>;
  #start = 0;
  #end = 0;
  #ended = false;
  #failure: Error | undefined;
  #pending: Promise<boolean> | undefined;
  #onEvent: ((event: WatchEvent) => void) | undefined;
  /** Size of block that suits what is being read. */
  #wanted = SMALL_BLOCK;

  /** Reads from `stream`, first of all the bytes in `initial`, which are copied. */
  constructor(stream: ByteStream, initial: Uint8Array = new Uint8Array(0)) {
    this.#stream = stream;
    this.#block = takeBlock(Math.max(SMALL_BLOCK, initial.length));
    this.#block.set(initial);
    this.#end = initial.length;
  }

  /** Number of bytes at hand. */
  get buffered(): number {
    return this.#end - this.#start;
  }

  /** Number of bytes in the buffer before those at hand: all are taken, so that nobody needs them any more. */
  get taken(): number {
    return this.#start;
  }

  /** Whether the other side has ended its half, or the connection failed; bytes may still be buffered. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Why reading ended, if it did not end properly. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  /** The bytes at hand, without taking them. */
  peek(): Uint8Array<ArrayBuffer> {
    return this.#block.subarray(this.#start, this.#end);
  }

  /** Skips bytes at hand. */
  skip(count: number): void {
    this.#start += count;
  }

  /** Takes at most `max` of the bytes at hand. */
  take(max: number): Uint8Array<ArrayBuffer> {
    const from = this.#start;
    this.#start = Math.min(this.#end, from + max);
    return this.#block.subarray(from, this.#start);
  }

  /** Waits for more bytes than are at hand; resolves with false at the end. Never rejects, see `failure`. */
  fill(): Promise<boolean> {
    return this.#pending ?? this.#read();
  }

  /** Some bytes, at most `max`, or null at the end; rejects if the connection failed. */
  async some(max: number): Promise<Uint8Array<ArrayBuffer> | null> {
    if (this.buffered === 0 && !(await this.fill())) {
      if (this.#failure !== undefined) throw this.#failure;
      return null;
    }
    return this.take(max);
  }

  /**
   * Takes a message head: everything up to and with the first empty line. Null if the other side ended without
   * sending a byte.
   *
   * @throws {HttpError} 431 `head_too_large` beyond `limit` bytes, 400 `malformed_request` for a line that ends
   * without CR, 400 `truncated` if the end comes before the empty line.
   */
  head(limit: number): MaybePromise<Uint8Array<ArrayBuffer> | null> {
    const end = endOfHead(this.#block, this.#start, this.#end);
    return end > 0 && end - this.#start <= limit ? this.take(end - this.#start) : this.#awaitHead(limit);
  }

  /**
   * Begins to read ahead, and tells once what comes first: bytes, or the end. Does nothing more if a read is under
   * way already than to listen to it.
   */
  watch(onEvent: (event: WatchEvent) => void): void {
    if (this.#ended) return onEvent("end");
    this.#onEvent = onEvent;
    if (this.#pending === undefined) void this.#read();
  }

  /** Stops telling; a read that is under way stays and serves the next `fill`. */
  unwatch(): void {
    this.#onEvent = undefined;
  }

  /** Goes back to a small buffer when the next message begins. */
  relax(): void {
    this.#wanted = SMALL_BLOCK;
  }

  /**
   * The stream, for whoever takes it over. A read that is under way is served first; bytes at hand are the caller's to
   * take with `peek` before.
   */
  detach(): ByteStream {
    const stream = this.#stream;
    if (this.#pending === undefined) return stream;
    this.#start = this.#end;
    return {
      read: async (buffer) => {
        if (this.#pending !== undefined) await this.#pending;
        if (this.#failure !== undefined) throw this.#failure;
        if (this.buffered > 0) {
          const bytes = this.take(buffer.length);
          buffer.set(bytes);
          return bytes.length;
        }
        return this.#ended ? null : await stream.read(buffer);
      },
      write: (bytes) => stream.write(bytes),
      closeWrite: () => stream.closeWrite(),
      close: () => stream.close(),
    };
  }

  async #awaitHead(limit: number): Promise<Uint8Array<ArrayBuffer> | null> {
    let scanned = 0;
    for (;;) {
      const end = endOfHead(this.#block, this.#start + scanned, this.#end);
      const length = end > 0 ? end - this.#start : this.buffered;
      if (length > limit) {
        throw new HttpError(
          431,
          "head_too_large",
          `cannot read the message: its head is over ${limit} bytes`,
        );
      }
      if (end > 0) return this.take(length);
      if (hasBareLineFeed(this.#block, this.#start, scanned, this.#end)) {
        throw new HttpError(
          400,
          "malformed_request",
          "cannot read the message: a line does not end with CR LF",
        );
      }
      scanned = Math.max(0, this.buffered - 3);
      if (await this.fill()) continue;
      if (this.buffered === 0 && this.#failure === undefined) return null;
      throw this.#failure ??
        new HttpError(400, "truncated", "cannot read the message: the connection ended within its head");
    }
  }

  #read(): Promise<boolean> {
    if (this.#ended) return Promise.resolve(false);
    this.#makeRoom();
    return this.#pending = this.#readOnce();
  }

  async #readOnce(): Promise<boolean> {
    const room = this.#block.length - this.#end;
    let count: number | null = null;
    try {
      count = await this.#stream.read(this.#block.subarray(this.#end));
    } catch (error) {
      this.#failure = error instanceof Error ? error : new Error(String(error));
    }
    this.#pending = undefined;
    if (count === null || count === 0) this.#ended = true;
    else {
      this.#end += count;
      if (count === room) this.#wanted = this.#block.length < MEDIUM_BLOCK ? MEDIUM_BLOCK : BODY_BLOCK;
    }
    const onEvent = this.#onEvent;
    this.#onEvent = undefined;
    onEvent?.(this.#ended ? "end" : "bytes");
    return !this.#ended;
  }

  #makeRoom(): void {
    const kept = this.buffered;
    if (kept === 0) {
      if (this.#block.length !== this.#wanted) this.#moveTo(takeBlock(this.#wanted));
      this.#start = this.#end = this.#block.length === BODY_BLOCK ? HEADROOM : 0;
    } else if (this.#end === this.#block.length) {
      if (this.#start > 0) {
        this.#block.copyWithin(0, this.#start, this.#end);
        this.#start = 0;
        this.#end = kept;
      } else this.#moveTo(takeBlock(this.#block.length * 2));
    }
  }

  #moveTo(block: Uint8Array<ArrayBuffer>): void {
    const bytes = this.peek();
    block.set(bytes);
    giveBlock(this.#block);
    this.#block = block;
    this.#start = 0;
    this.#end = bytes.length;
  }
}

/** Offset after the first CR LF CR LF in a range, or 0. Looks at every fourth byte where it can. */
function endOfHead(bytes: Uint8Array, start: number, end: number): number {
  for (let at = start + 3; at < end;) {
    const byte = bytes[at];
    if (byte === LF) {
      if (bytes[at - 1] === CR && bytes[at - 2] === LF && bytes[at - 3] === CR) return at + 1;
      at += 2;
    } else at += byte === CR ? 1 : 4;
  }
  return 0;
}

/** Whether a head that is not complete yet has a line that can never be right, so that nobody waits for its end. */
function hasBareLineFeed(bytes: Uint8Array, start: number, scanned: number, end: number): boolean {
  for (let at = bytes.indexOf(LF, start + scanned); at >= 0 && at < end; at = bytes.indexOf(LF, at + 1)) {
    if (at === start || bytes[at - 1] !== CR) return true;
  }
  return false;
}
