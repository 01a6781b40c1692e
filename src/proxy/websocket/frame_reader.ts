/**
 * The frames of one direction of a WebSocket, pulled from its connection.
 *
 * @module
 */

import { BufferedReader, type TakenOver } from "../http/mod.ts";
import type { FrameWriter } from "./frame_writer.ts";
import { type FrameHead, readFrameHead } from "./frame.ts";

/** After frames up to this length the next is awaited with a small buffer, bytes. */
const SMALL_FRAME = 4 * 1024;

/** Reads frame after frame; payloads of any length come in pieces. */
export class FrameReader {
  readonly #reader: BufferedReader;
  readonly #masked: boolean;
  #remaining = 0;
  #bytes = 0;

  /**
   * Reads what was taken over.
   *
   * @param masked whether payloads have to be masked
   */
  constructor({ stream, buffered }: TakenOver, masked: boolean) {
    this.#reader = new BufferedReader(stream, buffered);
    this.#masked = masked;
  }

  /** Bytes of payload read so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * The head of the next frame, whose predecessor has been read to its end; null at the end of the connection.
   *
   * @throws {WebSocketError} 1002; the connection's own error.
   */
  async next(): Promise<FrameHead | null> {
    for (;;) {
      const read = readFrameHead(this.#reader.peek(), this.#masked);
      if (read !== null) {
        this.#reader.skip(read.size);
        this.#remaining = read.head.length;
        // Who sends little needs no large buffer between the frames.
        if (read.head.length <= SMALL_FRAME) this.#reader.relax();
        return read.head;
      }
      if (!(await this.#fill())) return null;
    }
  }

  /**
   * The next piece of the frame's payload, a view that is valid until the next call; null at its end.
   *
   * @throws {Error} if the connection ends within the frame.
   */
  async piece(): Promise<Uint8Array<ArrayBuffer> | null> {
    if (this.#remaining === 0) return null;
    while (this.#reader.buffered === 0) {
      if (!(await this.#fill())) throw new Error("the connection ended within a frame");
    }
    const piece = this.#reader.take(this.#remaining);
    this.#remaining -= piece.length;
    this.#bytes += piece.length;
    return piece;
  }

  /** The whole payload of the frame, in a buffer of its own. */
  async payload(length: number): Promise<Uint8Array<ArrayBuffer>> {
    const payload = new Uint8Array(length);
    let at = 0;
    for (let piece = await this.piece(); piece !== null; piece = await this.piece()) {
      payload.set(piece, at);
      at += piece.length;
    }
    return payload;
  }

  /** Passes on everything as it comes, frames or not, until the connection ends. */
  async relayAll(writer: FrameWriter): Promise<void> {
    do {
      const bytes = this.#reader.take(Infinity);
      this.#bytes += bytes.length;
      await writer.raw(bytes);
    } while (await this.#fill());
  }

  async #fill(): Promise<boolean> {
    if (await this.#reader.fill()) return true;
    if (this.#reader.failure !== undefined) throw this.#reader.failure;
    return false;
  }
}
