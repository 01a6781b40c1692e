/**
 * Writes frames to one side of a WebSocket, each as a whole, so that two who write do not come between each other.
 *
 * @module
 */

import { type ByteStream, OutputBuffer } from "../http/mod.ts";
import { applyMask, closePayload, frameHead, newMask, Opcode } from "./frame.ts";

/** The outgoing half of one side. */
export class FrameWriter {
  readonly #output: OutputBuffer;
  readonly #masked: boolean;
  #closed = false;

  /**
   * Writes to `stream`.
   *
   * @param masked whether payloads are to be masked: towards servers
   */
  constructor(stream: ByteStream, masked: boolean) {
    this.#output = new OutputBuffer(stream);
    this.#masked = masked;
  }

  /** Bytes handed to the stream so far. */
  get written(): number {
    return this.#output.written;
  }

  /**
   * Writes a frame; after a close frame nothing more goes out.
   *
   * @param secret whether copies of the payload are to be wiped once written
   */
  async frame(opcode: number, fin: boolean, payload: Uint8Array, secret = false): Promise<void> {
    if (this.#closed) return;
    if (opcode === Opcode.close) this.#closed = true;
    const mask = this.#masked ? newMask() : null;
    this.#output.bytes(frameHead({ fin, opcode, length: payload.length, mask }));
    if (mask === null) this.#output.bytes(payload, secret);
    else {
      const masked = payload.slice();
      applyMask(masked, mask);
      this.#output.bytes(masked, secret);
      if (secret) masked.fill(0);
    }
    await this.#output.flush();
  }

  /** Writes bytes that are part of a frame already; only for a side to which nobody else writes. */
  async raw(bytes: Uint8Array): Promise<void> {
    if (this.#closed) return;
    this.#output.bytes(bytes);
    await this.#output.flush();
  }

  /** Says why the connection ends. */
  async close(code: number, reason: string): Promise<void> {
    await this.frame(Opcode.close, true, closePayload(code, reason));
  }
}
