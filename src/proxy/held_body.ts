/**
 * Request bodies that are held in memory, because they are looked into before anything is sent.
 *
 * @module
 */

import { concat, wipe } from "../core/bytes.ts";
import type { BodySource } from "./http/body.ts";
import type { HeaderList } from "./http/headers.ts";
import type { MaybePromise } from "./http/reader.ts";

/** What {@linkcode gather} got. */
export type Gathered =
  /** All of it. */
  | { readonly whole: true; readonly bytes: Uint8Array<ArrayBuffer> }
  /** It is longer, or did not come in time: the beginning, and what is to be sent in its stead. */
  | { readonly whole: false; readonly bytes: Uint8Array<ArrayBuffer>; readonly source: BodySource };

/**
 * Reads a body up to a size. Returns at once, without a promise, if all of it is at hand.
 *
 * @param most in bytes; what is read may be one piece longer
 * @param withinMs gives up waiting after this time, milliseconds, and hands over what is still to come
 * @throws {HttpError} what reading threw.
 */
export function gather(source: BodySource, most: number, withinMs = Infinity): MaybePromise<Gathered> {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  for (;;) {
    const piece = source.read();
    if (piece instanceof Promise) return gatherLater(source, piece, pieces, length, most, withinMs);
    if (piece === null) return { whole: true, bytes: joined(pieces) };
    // A piece is a view that the next read writes over.
    pieces.push(piece.slice());
    length += piece.length;
    if (length > most) return partial(source, pieces, undefined);
  }
}

async function gatherLater(
  source: BodySource,
  first: Promise<Uint8Array | null>,
  pieces: Uint8Array<ArrayBuffer>[],
  read: number,
  most: number,
  withinMs: number,
): Promise<Gathered> {
  const late = Promise.withResolvers<"late">();
  const timer = withinMs === Infinity ? undefined : setTimeout(late.resolve, withinMs, "late");
  try {
    let length = read;
    let coming: MaybePromise<Uint8Array | null> = first;
    for (;;) {
      const piece: Uint8Array | null | "late" = coming instanceof Promise
        ? await (timer === undefined ? coming : Promise.race([coming, late.promise]))
        : coming;
      if (piece === "late") return partial(source, pieces, coming as Promise<Uint8Array | null>);
      if (piece === null) return { whole: true, bytes: joined(pieces) };
      pieces.push(piece.slice());
      length += piece.length;
      if (length > most) return partial(source, pieces, undefined);
      coming = source.read();
    }
  } finally {
    clearTimeout(timer);
  }
}

function partial(
  source: BodySource,
  pieces: readonly Uint8Array<ArrayBuffer>[],
  coming: Promise<Uint8Array | null> | undefined,
): Gathered {
  // If the exchange never asks for it, its failure is nobody's.
  coming?.catch(() => {});
  const bytes = joined(pieces);
  return { whole: false, bytes, source: new ContinuedBody(bytes, coming, source) };
}

function joined(pieces: readonly Uint8Array<ArrayBuffer>[]): Uint8Array<ArrayBuffer> {
  const [only] = pieces;
  return pieces.length === 1 && only !== undefined ? only : concat(...pieces);
}

/** A body of which the beginning has been read. */
class ContinuedBody implements BodySource {
  readonly length: number | null;
  readonly #source: BodySource;
  #beginning: Uint8Array | undefined;
  #coming: Promise<Uint8Array | null> | undefined;

  constructor(beginning: Uint8Array, coming: Promise<Uint8Array | null> | undefined, source: BodySource) {
    this.length = source.length;
    this.#source = source;
    this.#beginning = beginning.length > 0 ? beginning : undefined;
    this.#coming = coming;
  }

  get trailers(): HeaderList | null {
    return this.#source.trailers;
  }

  read(): MaybePromise<Uint8Array | null> {
    const beginning = this.#beginning;
    if (beginning !== undefined) {
      this.#beginning = undefined;
      return beginning;
    }
    const coming = this.#coming;
    if (coming === undefined) return this.#source.read();
    this.#coming = undefined;
    return coming;
  }

  cancel(reason: Error): void {
    this.#source.cancel(reason);
  }
}

const EMPTY = new Uint8Array(0);

/** A body that is all there. If it holds secrets, it is wiped by whoever made it. */
export class HeldBody implements BodySource {
  readonly length: number | null;
  readonly trailers: HeaderList | null;
  readonly secret: boolean;
  #bytes: Uint8Array<ArrayBuffer> | null;

  /**
   * Sends `bytes`.
   *
   * @param like the body in whose place it stands: if that was chunked so is this one, and its trailers follow
   * @param secret whether `bytes` hold secrets: then they go out with their length, unless trailers follow, and copies of
   * them are wiped
   */
  constructor(
    bytes: Uint8Array<ArrayBuffer>,
    like: Pick<BodySource, "length" | "trailers">,
    secret: boolean,
  ) {
    const isChunked = like.trailers !== null || (like.length === null && !secret);
    this.length = isChunked ? null : bytes.length;
    this.trailers = like.trailers;
    this.secret = secret;
    this.#bytes = bytes;
  }

  /** All of it, as long as it was not read. */
  get bytes(): Uint8Array {
    return this.#bytes ?? EMPTY;
  }

  /** All of it, then null. */
  read(): Uint8Array | null {
    const bytes = this.#bytes;
    this.#bytes = null;
    return bytes !== null && bytes.length > 0 ? bytes : null;
  }

  /** Wipes it if it is secret. */
  cancel(): void {
    if (this.secret) wipe(this.#bytes ?? undefined);
    this.#bytes = null;
  }
}
