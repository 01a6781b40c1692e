/**
 * The content of a bundle as records: JSON with, beside it, raw bytes for a secret, so that a secret never becomes a
 * string. The first record is the manifest, each further one a credential.
 *
 * Layout, integers big-endian: `u32 length of the JSON`, `u32 length of the value`, JSON (UTF-8), value.
 *
 * @module
 */

import { concat, fromUtf8, utf8, wipe } from "../core/bytes.ts";
import { MAX_VALUE_LENGTH } from "../core/credential.ts";
import { bundleError } from "./errors.ts";
import { MAX_RECORD_JSON } from "./limits.ts";

const HEAD = 8;

/** One record. */
export interface BundleRecord {
  /** Any JSON value; not checked. */
  json: unknown;
  /** Raw bytes beside it; the receiver wipes them. */
  value: Uint8Array<ArrayBuffer>;
}

/** Encodes everything of a record but its value, which follows as it is. */
export function encodeRecordHead(json: unknown, valueLength: number): Uint8Array<ArrayBuffer> {
  const text = utf8(JSON.stringify(json));
  if (text.length > MAX_RECORD_JSON) {
    throw bundleError("bundle_too_large", "a credential's description is too long");
  }
  const head = new Uint8Array(HEAD);
  const view = new DataView(head.buffer);
  view.setUint32(0, text.length);
  view.setUint32(4, valueLength);
  return concat(head, text);
}

/** Takes plaintext as it comes and gives whole records. */
export class RecordDecoder {
  #buffer = new Uint8Array(HEAD);
  #length = 0;

  /** Whether a record has begun and is not complete. */
  get midRecord(): boolean {
    return this.#length > 0;
  }

  /**
   * Takes the next bytes, in any cut; they are copied, the caller wipes its own.
   *
   * @throws {FailedError} `bundle_too_large`, `bundle_invalid`.
   */
  *push(bytes: Uint8Array): Generator<BundleRecord> {
    for (let offset = 0; offset < bytes.length;) {
      const wanted = this.#length < HEAD ? HEAD : this.#recordLength();
      const piece = bytes.subarray(offset, offset + wanted - this.#length);
      this.#reserve(this.#length + piece.length, wanted);
      this.#buffer.set(piece, this.#length);
      this.#length += piece.length;
      offset += piece.length;
      if (this.#length >= HEAD && this.#length === this.#recordLength()) yield this.#take();
    }
  }

  /** Wipes what has come of an incomplete record. */
  wipe(): void {
    wipe(this.#buffer);
    this.#length = 0;
  }

  #recordLength(): number {
    const view = new DataView(this.#buffer.buffer);
    const json = view.getUint32(0);
    const value = view.getUint32(4);
    if (json > MAX_RECORD_JSON || value > MAX_VALUE_LENGTH) {
      throw bundleError("bundle_too_large", "one of its credentials is larger than any can be");
    }
    return HEAD + json + value;
  }

  /** Grows as bytes come, never by what a head merely claims. */
  #reserve(needed: number, wanted: number): void {
    if (needed <= this.#buffer.length) return;
    const larger = new Uint8Array(Math.min(wanted, Math.max(needed, this.#buffer.length * 2)));
    larger.set(this.#buffer.subarray(0, this.#length));
    wipe(this.#buffer);
    this.#buffer = larger;
  }

  #take(): BundleRecord {
    const end = HEAD + new DataView(this.#buffer.buffer).getUint32(0);
    const value = this.#buffer.slice(end, this.#length);
    try {
      return { json: JSON.parse(fromUtf8(this.#buffer.subarray(HEAD, end))), value };
    } catch (cause) {
      wipe(value);
      throw bundleError("bundle_invalid", "one of its records is no JSON", cause);
    } finally {
      this.wipe();
      this.#buffer = new Uint8Array(HEAD);
    }
  }
}
