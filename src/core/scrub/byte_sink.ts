/**
 * Growing bytes that are wiped as they move: spellings of secrets are put together here without becoming strings.
 *
 * @module
 */

import { wipe } from "../bytes.ts";

/** Gathers bytes. */
export class ByteSink {
  #bytes: Uint8Array<ArrayBuffer>;
  #length = 0;

  /** Room for `capacity` bytes before it has to grow. */
  constructor(capacity = 256) {
    this.#bytes = new Uint8Array(capacity);
  }

  /** Number of bytes gathered. */
  get length(): number {
    return this.#length;
  }

  /** Appends one byte. */
  byte(value: number): void {
    if (this.#length === this.#bytes.length) this.#grow(1);
    this.#bytes[this.#length++] = value;
  }

  /** Appends bytes. */
  bytes(values: Uint8Array): void {
    if (this.#length + values.length > this.#bytes.length) this.#grow(values.length);
    this.#bytes.set(values, this.#length);
    this.#length += values.length;
  }

  /** Appends text that is no secret, one byte a character. */
  ascii(text: string): void {
    for (let i = 0; i < text.length; i++) this.byte(text.charCodeAt(i));
  }

  /** Appends a code point in UTF-8. */
  utf8(point: number): void {
    if (point < 0x80) return this.byte(point);
    if (point < 0x800) this.byte(0xc0 | (point >> 6));
    else {
      if (point < 0x10000) this.byte(0xe0 | (point >> 12));
      else {
        this.byte(0xf0 | (point >> 18));
        this.byte(0x80 | ((point >> 12) & 0x3f));
      }
      this.byte(0x80 | ((point >> 6) & 0x3f));
    }
    this.byte(0x80 | (point & 0x3f));
  }

  /** What was gathered, as an array of its own; the sink is wiped and empty again. */
  take(): Uint8Array<ArrayBuffer> {
    const taken = this.#bytes.slice(0, this.#length);
    this.#bytes.fill(0, 0, this.#length);
    this.#length = 0;
    return taken;
  }

  #grow(needed: number): void {
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + needed));
    larger.set(this.#bytes);
    wipe(this.#bytes);
    this.#bytes = larger;
  }
}
