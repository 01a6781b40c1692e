/**
 * A line typed without echo, kept as bytes: the rules of the keys, without a terminal.
 *
 * @module
 */

import { wipe } from "../core/bytes.ts";

/** What a key did. */
export type KeyOutcome = "more" | "done" | "interrupt" | "too_long";

const CTRL_C = 0x03;
const CTRL_D = 0x04;
const BACKSPACE = 0x08;
const LINE_FEED = 0x0a;
const RETURN = 0x0d;
const CTRL_U = 0x15;
const ESCAPE = 0x1b;
const DELETE = 0x7f;

/** Collects typed bytes; understands backspace, Ctrl-U, Ctrl-C, Ctrl-D, Enter, and ignores arrow keys and their like. */
export class SecretLine {
  readonly #buffer: Uint8Array<ArrayBuffer>;
  #length = 0;
  #escape: "no" | "begun" | "sequence" = "no";

  /**
   * An empty line.
   *
   * @param maxBytes longest line accepted
   */
  constructor(maxBytes: number) {
    this.#buffer = new Uint8Array(maxBytes);
  }

  /** Takes one byte as a terminal in raw mode delivers it. */
  key(byte: number): KeyOutcome {
    if (this.#escape !== "no") return this.#inEscape(byte);
    switch (byte) {
      case CTRL_C:
        return "interrupt";
      case CTRL_D:
        // End of input: it ends a line, and without one it is a refusal to answer.
        return this.#length === 0 ? "interrupt" : "done";
      case LINE_FEED:
      case RETURN:
        return "done";
      case BACKSPACE:
      case DELETE:
        this.#eraseCharacter();
        return "more";
      case CTRL_U:
        this.#clear();
        return "more";
      case ESCAPE:
        this.#escape = "begun";
        return "more";
    }
    if (this.#length === this.#buffer.length) return "too_long";
    this.#buffer[this.#length++] = byte;
    return "more";
  }

  /** The line so far, as a copy that the caller wipes; the collected bytes are wiped here. */
  take(): Uint8Array<ArrayBuffer> {
    const line = this.#buffer.slice(0, this.#length);
    this.#clear();
    return line;
  }

  /** Forgets the line. */
  wipe(): void {
    this.#clear();
  }

  // A sequence is ESC [ parameters final (ECMA-48 CSI), ESC O final, or ESC with one character.
  #inEscape(byte: number): KeyOutcome {
    if (byte === CTRL_C) return "interrupt";
    if (byte === LINE_FEED || byte === RETURN) return "done";
    if (this.#escape === "begun" && (byte === 0x5b || byte === 0x4f)) this.#escape = "sequence";
    else if (this.#escape === "begun" || (byte >= 0x40 && byte <= 0x7e)) this.#escape = "no";
    return "more";
  }

  #eraseCharacter(): void {
    let erased: number;
    do {
      if (this.#length === 0) return;
      erased = this.#buffer[--this.#length] ?? 0;
      this.#buffer[this.#length] = 0;
    } while ((erased & 0xc0) === 0x80); // continuation bytes of UTF-8
  }

  #clear(): void {
    wipe(this.#buffer);
    this.#length = 0;
  }
}
