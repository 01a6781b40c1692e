/**
 * The chunked transfer coding, RFC 9112 section 7.1, read strictly and without I/O: bytes in, borders out, the same
 * for any way in which the bytes are cut.
 *
 * @module
 */

import { CR, EXTENSION_CHARS, LF, TOKEN_CHARS } from "./chars.ts";
import { HttpError } from "./errors.ts";
import { HeaderList } from "./headers.ts";
import { parseFields } from "./parse_head.ts";
import { overridesMethod, reroutes } from "./rerouting.ts";

/** 15 hexadecimal digits; what is over 2^53 is refused all the same. */
const MAX_SIZE_DIGITS = 15;
const MAX_EXTENSION_BYTES = 1024;
const MAX_TRAILER_BYTES = 8 * 1024;
const MAX_TRAILER_FIELDS = 64;

/** Fields that change framing, routing, authentication or the reading of the content are dropped from trailers. */
const FORBIDDEN_TRAILERS = new Set([
  "authorization",
  "cache-control",
  "connection",
  "content-encoding",
  "content-length",
  "content-range",
  "content-type",
  "cookie",
  "expect",
  "host",
  "keep-alive",
  "location",
  "max-forwards",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "set-cookie",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "www-authenticate",
]);

type State = "size" | "extension" | "size-lf" | "data" | "data-cr" | "data-lf" | "trailers" | "done";

/** Where in an extension the next byte stands. */
type Extension = "name-start" | "name" | "value-start" | "value" | "quoted" | "escaped" | "quoted-end";

const SEMICOLON = 0x3b;
const EQUALS = 0x3d;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Finds the borders of chunks in bytes that come piece by piece. */
export class ChunkedDecoder {
  #state: State = "size";
  #digits = 0;
  #extension: Extension = "name-start";
  #extensionBytes = 0;
  #size = 0;
  #trailerBytes = new Uint8Array(0);
  #trailerLength = 0;
  #trailers: HeaderList | null = null;

  /** Bytes of the current chunk's data that are still to come; the caller takes them with {@linkcode consumed}. */
  get dataRemaining(): number {
    return this.#state === "data" ? this.#size : 0;
  }

  /** Whether the last chunk and the trailers have been read. */
  get done(): boolean {
    return this.#state === "done";
  }

  /** Trailer fields, once done; null if there were none. */
  get trailers(): HeaderList | null {
    return this.#trailers;
  }

  /** Notes that `count` of the data bytes have been taken. */
  consumed(count: number): void {
    this.#size -= count;
    if (this.#size === 0) this.#state = "data-cr";
  }

  /**
   * Reads on through everything that is not data and returns how many bytes it was; stops at data, at the end of
   * the body and at the end of `bytes`.
   *
   * @throws {HttpError} 400 `malformed_request`, 431 `head_too_large` for trailers.
   */
  advance(bytes: Uint8Array): number {
    let at = 0;
    while (at < bytes.length && this.#state !== "data" && this.#state !== "done") this.#step(bytes[at++]!);
    return at;
  }

  #step(byte: number): void {
    switch (this.#state) {
      case "size":
        return this.#sizeByte(byte);
      case "extension":
        return this.#extensionByte(byte);
      case "size-lf":
        expect(byte, LF);
        this.#state = this.#size > 0 ? "data" : "trailers";
        return;
      case "data-cr":
        expect(byte, CR);
        this.#state = "data-lf";
        return;
      case "data-lf":
        expect(byte, LF);
        this.#state = "size";
        this.#digits = 0;
        this.#extensionBytes = 0;
        return;
      case "trailers":
        return this.#trailerByte(byte);
    }
  }

  #sizeByte(byte: number): void {
    const value = hexValue(byte);
    if (value >= 0) {
      this.#size = this.#size * 16 + value;
      if (++this.#digits > MAX_SIZE_DIGITS || !Number.isSafeInteger(this.#size)) {
        throw malformed("a chunk size is too large");
      }
      return;
    }
    if (this.#digits === 0) throw malformed("a chunk size is missing");
    if (byte === CR) {
      this.#state = "size-lf";
    } else if (byte === SEMICOLON) {
      this.#state = "extension";
      this.#extension = "name-start";
    } else throw malformed("a chunk size is not hexadecimal");
  }

  /** `;name`, `;name=token` or `;name="text"`, without blanks in between. */
  #extensionByte(byte: number): void {
    if (++this.#extensionBytes > MAX_EXTENSION_BYTES) throw malformed("a chunk extension is too long");
    const part = this.#extension;
    if (part === "quoted" && byte !== QUOTE && byte !== BACKSLASH && EXTENSION_CHARS[byte] === 1) return;
    if (part === "quoted" && byte === BACKSLASH) this.#extension = "escaped";
    else if (part === "quoted" && byte === QUOTE) this.#extension = "quoted-end";
    else if (part === "escaped" && EXTENSION_CHARS[byte] === 1) this.#extension = "quoted";
    else if ((part === "name-start" || part === "name") && TOKEN_CHARS[byte] === 1) this.#extension = "name";
    else if ((part === "value-start" || part === "value") && TOKEN_CHARS[byte] === 1) {
      this.#extension = "value";
    } else if (part === "value-start" && byte === QUOTE) this.#extension = "quoted";
    else if (part === "name" && byte === EQUALS) this.#extension = "value-start";
    else if (part === "name" || part === "value" || part === "quoted-end") {
      if (byte === SEMICOLON) this.#extension = "name-start";
      else if (byte === CR) this.#state = "size-lf";
      else throw malformed("a chunk extension is malformed");
    } else throw malformed("a chunk extension is malformed");
  }

  #trailerByte(byte: number): void {
    if (this.#trailerLength === MAX_TRAILER_BYTES) {
      throw new HttpError(
        431,
        "head_too_large",
        `cannot read the body: trailers over ${MAX_TRAILER_BYTES} bytes`,
      );
    }
    if (this.#trailerLength === this.#trailerBytes.length) {
      const larger = new Uint8Array(Math.max(64, this.#trailerLength * 2));
      larger.set(this.#trailerBytes);
      this.#trailerBytes = larger;
    }
    const bytes = this.#trailerBytes;
    const at = this.#trailerLength++;
    bytes[at] = byte;
    if (byte !== LF) return;
    if (bytes[at - 1] !== CR) throw malformed("a trailer line does not end with CR LF");
    if (at === 1) this.#state = "done";
    else if (bytes[at - 2] === LF) {
      const kept = new HeaderList();
      for (const field of parseFields(bytes.subarray(0, at + 1), 0, MAX_TRAILER_FIELDS)) {
        if (!isForbidden(field.lower)) kept.append(field.name, field.value);
      }
      this.#trailers = kept.size > 0 ? kept : null;
      this.#state = "done";
    }
  }
}

/** Some hosts put trailers into the head, where they would not have let such a field pass. */
function isForbidden(lower: string): boolean {
  return FORBIDDEN_TRAILERS.has(lower) || reroutes(lower) || overridesMethod(lower);
}

function hexValue(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

function expect(byte: number, wanted: number): void {
  if (byte !== wanted) throw malformed("a chunk does not end where its size says");
}

function malformed(why: string): HttpError {
  return new HttpError(400, "malformed_request", `cannot read the body: ${why}`);
}
