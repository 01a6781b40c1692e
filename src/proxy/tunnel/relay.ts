/**
 * Carries bytes between two connections, each way at the pace of its reader, without looking at them.
 *
 * @module
 */

import { giveBlock, LARGE_BLOCK, MEDIUM_BLOCK, takeBlock } from "../http/blocks.ts";
import { type Deadline, type DeadlineClock, sharedClock } from "../http/deadline.ts";
import { closeQuietly } from "../http/dial.ts";
import type { ByteStream } from "../http/types.ts";

/** What went through. */
export interface Relayed {
  /** Bytes from the client to the upstream. */
  readonly bytesOut: number;
  /** Bytes from the upstream to the client. */
  readonly bytesIn: number;
  /** How it ended: both sides were done, one broke off, or nothing moved for too long. */
  readonly ending: "done" | "broken" | "idle";
}

/** A tunnel that is being closed is cut off once nothing has moved for so long, milliseconds. */
const DRAINING_IDLE_MS = 500;

/** Two connections joined. Make one, then {@linkcode Relay.run} it. */
export class Relay {
  readonly #client: ByteStream;
  readonly #upstream: ByteStream;
  readonly #deadline: Deadline;
  #idleMs: number;
  #bytesOut = 0;
  #bytesIn = 0;
  #broken = false;

  /**
   * Joins two connections.
   *
   * @param idleMs cuts both off if nothing moves either way for so long
   */
  constructor(client: ByteStream, upstream: ByteStream, idleMs: number, clock: DeadlineClock = sharedClock) {
    this.#client = client;
    this.#upstream = upstream;
    this.#idleMs = idleMs;
    this.#deadline = clock.create(() => this.close());
  }

  /**
   * Carries bytes until both sides have ended their half, one fails, or nothing moves; closes both. Never rejects.
   *
   * @param first what the client has sent already
   */
  async run(first: Uint8Array): Promise<Relayed> {
    this.#deadline.arm(this.#idleMs);
    try {
      await Promise.all([
        this.#carry(this.#client, this.#upstream, first, (count) => this.#bytesOut += count),
        this.#carry(this.#upstream, this.#client, undefined, (count) => this.#bytesIn += count),
      ]);
    } finally {
      this.close();
      this.#deadline[Symbol.dispose]();
    }
    const ending = this.#deadline.expired ? "idle" : this.#broken ? "broken" : "done";
    return { bytesOut: this.#bytesOut, bytesIn: this.#bytesIn, ending };
  }

  /** Ends once nothing moves for a moment. */
  drain(): void {
    this.#idleMs = Math.min(this.#idleMs, DRAINING_IDLE_MS);
    this.#deadline.arm(this.#idleMs);
  }

  /** Ends at once. */
  close(): void {
    closeQuietly(this.#client);
    closeQuietly(this.#upstream);
  }

  async #carry(
    from: ByteStream,
    to: ByteStream,
    first: Uint8Array | undefined,
    count: (bytes: number) => void,
  ): Promise<void> {
    let block = takeBlock(MEDIUM_BLOCK);
    try {
      if (first !== undefined) await this.#write(to, first, first.length, count);
      for (;;) {
        const length = await from.read(block);
        if (length === null) break;
        await this.#write(to, block, length, count);
        // Whoever fills a small block has more to say.
        if (length === block.length && length < LARGE_BLOCK) {
          giveBlock(block);
          block = takeBlock(LARGE_BLOCK);
        }
      }
      await to.closeWrite();
    } catch {
      // Which side it was, and why, does not matter to the other: for it the tunnel is over.
      this.#broken = true;
      this.close();
    } finally {
      giveBlock(block);
    }
  }

  async #write(
    to: ByteStream,
    bytes: Uint8Array,
    end: number,
    count: (bytes: number) => void,
  ): Promise<void> {
    this.#deadline.arm(this.#idleMs);
    for (let at = 0; at < end;) {
      const written = await to.write(bytes.subarray(at, end));
      at += written;
      count(written);
      this.#deadline.arm(this.#idleMs);
    }
  }
}
