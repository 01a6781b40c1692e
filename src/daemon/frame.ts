/**
 * Frames of the local API: JSON with, beside it, raw bytes for a secret, so that a secret never becomes a string.
 *
 * Layout, integers big-endian: `u32 length of the JSON`, `u32 length of the payload plus one, 0 = none`, JSON (UTF-8), payload.
 *
 * @module
 */

import { concat, fromUtf8, utf8, wipe } from "../core/bytes.ts";
import { FailedError } from "../core/errors.ts";

/** One message. */
export interface Frame {
  /** Any JSON value. */
  json: unknown;
  /** Raw bytes beside it; the receiver wipes them. */
  payload: Uint8Array<ArrayBuffer> | undefined;
}

/** Largest sizes a decoder takes, in bytes. */
export interface FrameLimits {
  /** Of the JSON. */
  json: number;
  /** Of the payload. */
  payload: number;
}

/** Largest payload, bytes: sixteen values with what seals them. */
const MAX_PAYLOAD = 16 * 1024 * 1024 + 4096;

/** What a client takes: the answer to a list of 100,000 credentials fits. */
export const ANSWER_LIMITS: FrameLimits = { json: 256 * 1024 * 1024, payload: MAX_PAYLOAD };

/** What the daemon takes: no request is large but for its payload. */
export const REQUEST_LIMITS: FrameLimits = { json: 4 * 1024 * 1024, payload: MAX_PAYLOAD };

const HEADER = 8;
const FIRST_RESERVE = 64 * 1024;

/** Encodes a frame; the result holds a copy of the payload, so the caller wipes both. */
export function encodeFrame(json: unknown, payload?: Uint8Array): Uint8Array<ArrayBuffer> {
  const text = utf8(JSON.stringify(json));
  const header = new Uint8Array(HEADER);
  const view = new DataView(header.buffer);
  view.setUint32(0, text.length);
  view.setUint32(4, payload === undefined ? 0 : payload.length + 1);
  return concat(header, text, payload ?? new Uint8Array(0));
}

/** Takes bytes as they come and gives whole frames. After an error it is of no more use. */
export class FrameDecoder {
  readonly #limits: FrameLimits;
  // What has come of the current frame, header included; grows as bytes come, never by what a header merely claims.
  #buffer = new Uint8Array(HEADER);
  #length = 0;
  #jsonLength = -1;
  #payloadLength = -1;

  /**
   * Waits for its first frame.
   *
   * @param limits larger frames are refused
   */
  constructor(limits: FrameLimits) {
    this.#limits = limits;
  }

  /** Whether a frame has begun and is not complete. */
  get midFrame(): boolean {
    return this.#length > 0;
  }

  /**
   * Takes the next bytes, in any cut; the bytes are copied, the caller wipes its own.
   *
   * @throws {FailedError} `bad_frame` if a length exceeds the limits or the JSON is none.
   */
  push(bytes: Uint8Array): Frame[] {
    const frames: Frame[] = [];
    for (let offset = 0; offset < bytes.length;) {
      offset += this.#fill(bytes, offset);
      if (this.#jsonLength < 0 && this.#length === HEADER) this.#readHeader();
      if (this.#jsonLength >= 0 && this.#length === this.#frameLength) frames.push(this.#take());
    }
    return frames;
  }

  /** Wipes what has come of an incomplete frame. */
  wipe(): void {
    wipe(this.#buffer);
    this.#length = 0;
  }

  get #frameLength(): number {
    if (this.#jsonLength < 0) return HEADER;
    return HEADER + this.#jsonLength + Math.max(this.#payloadLength, 0);
  }

  #fill(bytes: Uint8Array, offset: number): number {
    const count = Math.min(this.#frameLength - this.#length, bytes.length - offset);
    const needed = this.#length + count;
    if (needed > this.#buffer.length) {
      const size = Math.min(this.#frameLength, Math.max(needed, this.#buffer.length * 2, FIRST_RESERVE));
      const larger = new Uint8Array(size);
      larger.set(this.#buffer.subarray(0, this.#length));
      wipe(this.#buffer);
      this.#buffer = larger;
    }
    this.#buffer.set(bytes.subarray(offset, offset + count), this.#length);
    this.#length = needed;
    return count;
  }

  #readHeader(): void {
    const view = new DataView(this.#buffer.buffer);
    const json = view.getUint32(0);
    const payload = view.getUint32(4) - 1;
    if (json === 0 || json > this.#limits.json || payload > this.#limits.payload) {
      throw badFrame("its length is out of bounds");
    }
    this.#jsonLength = json;
    this.#payloadLength = payload;
  }

  #take(): Frame {
    const jsonEnd = HEADER + this.#jsonLength;
    const text = this.#buffer.subarray(HEADER, jsonEnd);
    const payload = this.#payloadLength < 0 ? undefined : this.#buffer.slice(jsonEnd, this.#length);
    try {
      return { json: JSON.parse(fromUtf8(text)), payload };
    } catch (cause) {
      wipe(payload);
      throw badFrame("its text is no JSON", cause);
    } finally {
      wipe(this.#buffer);
      this.#buffer = new Uint8Array(HEADER);
      this.#length = 0;
      this.#jsonLength = -1;
      this.#payloadLength = -1;
    }
  }
}

function badFrame(why: string, cause?: unknown): FailedError {
  return new FailedError(`cannot read a message: ${why}`, { code: "bad_frame", cause });
}
