/**
 * Responses that are longer than what a model is given at once, kept for a while and read on with a cursor.
 *
 * @module
 */

import { NotFoundError } from "../core/errors.ts";

/** Most responses kept; the oldest one goes. */
export const MAX_KEPT = 16;
/** Most bytes kept together. */
export const MAX_KEPT_BYTES: number = 32 * 1024 * 1024;
/** How long one is kept after it was last read, milliseconds. */
export const KEPT_MS = 10 * 60_000;

/** A body and how it is shown. */
export interface KeptBody {
  /** Its bytes, as far as they were read. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Whether it is UTF-8 text. */
  readonly isText: boolean;
}

/** A piece of a body. */
export interface Page {
  /** How `content` is written. */
  readonly encoding: "text" | "base64";
  /** The piece. */
  readonly content: string;
  /** Where it begins, bytes. */
  readonly from: number;
  /** Where it ends, bytes. */
  readonly to: number;
  /** Length of what there is, bytes. */
  readonly total: number;
  /** Reads on; null at the end. */
  readonly nextCursor: string | null;
}

interface Kept {
  readonly body: KeptBody;
  usedAt: number;
}

/** Hands out pages of bodies, each whole body under a random name. */
export class PageStore {
  readonly #kept = new Map<string, Kept>();
  readonly #now: () => number;

  /** Empty; `now` tells the time in milliseconds. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** The first page of a body, of at most `size` bytes; the rest is kept if there is any. */
  first(body: KeptBody, size: number): Page {
    const id = crypto.getRandomValues(new Uint8Array(16)).toHex();
    const page = pageOf(body, 0, size, id);
    if (page.nextCursor !== null) {
      this.#kept.set(id, { body, usedAt: this.#now() });
      this.#makeRoom();
    }
    return page;
  }

  /**
   * The page that a cursor stands for.
   *
   * @throws {NotFoundError} `cursor_not_found` if it is none, or its body was forgotten.
   */
  next(cursor: string, size: number): Page {
    this.#makeRoom();
    const [, id = "", offset = ""] = /^([0-9a-f]{32})\.(\d{1,9})$/.exec(cursor) ?? [];
    const kept = this.#kept.get(id);
    const from = Number(offset);
    if (kept === undefined || from >= kept.body.bytes.length) {
      throw new NotFoundError("cannot read on: the cursor is unknown, or its response was forgotten", {
        code: "cursor_not_found",
        hint: "make the request again",
      });
    }
    kept.usedAt = this.#now();
    // Last used, last to go.
    this.#kept.delete(id);
    this.#kept.set(id, kept);
    return pageOf(kept.body, from, size, id);
  }

  #makeRoom(): void {
    const before = this.#now() - KEPT_MS;
    let bytes = 0;
    const newestFirst = [...this.#kept].reverse();
    for (const [i, [id, { body, usedAt }]] of newestFirst.entries()) {
      bytes += body.bytes.length;
      if (i >= MAX_KEPT || bytes > MAX_KEPT_BYTES || usedAt < before) this.#kept.delete(id);
    }
  }
}

function pageOf({ bytes, isText }: KeptBody, from: number, size: number, id: string): Page {
  const to = isText ? characterEnd(bytes, from, Math.min(from + size, bytes.length)) : from + size;
  const piece = bytes.subarray(from, to);
  return {
    encoding: isText ? "text" : "base64",
    content: isText ? new TextDecoder("utf-8", { ignoreBOM: true }).decode(piece) : piece.toBase64(),
    from,
    to: from + piece.length,
    total: bytes.length,
    nextCursor: from + piece.length < bytes.length ? `${id}.${from + piece.length}` : null,
  };
}

/** The last border between characters that is not after `end`; at least one character is taken. */
function characterEnd(bytes: Uint8Array, from: number, end: number): number {
  let at = end;
  while (at > from && at < bytes.length && isContinuation(bytes[at])) at--;
  if (at > from) return at;
  at = end;
  while (at < bytes.length && isContinuation(bytes[at])) at++;
  return at;
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}
