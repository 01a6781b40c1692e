/**
 * Small bodies that came together with their head are searched before they are answered, so that their length can be told.
 *
 * @module
 */

import { concat } from "../../core/bytes.ts";
import type { BodySource, HeaderList, MaybePromise } from "../http/mod.ts";

/** A body up to here is gathered, bytes. */
export const GATHER_LIMIT: number = 32 * 1024;

/** The beginning of a body, and the rest of it if there is more. */
export interface Gathered {
  /** What was read. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The whole body again, if it is longer than the limit; else null. */
  readonly rest: BodySource | null;
}

/** Reads what is at hand of a body, as far as {@linkcode GATHER_LIMIT} goes; nothing is waited for. */
export function gather(source: BodySource): Gathered {
  const pieces: Uint8Array[] = [];
  for (let length = 0;;) {
    const piece = source.read();
    if (piece === null) return { bytes: concat(...pieces), rest: null };
    if (piece instanceof Promise) {
      const bytes = concat(...pieces);
      return { bytes, rest: new PrefixedBody(bytes, source, piece) };
    }
    length += piece.length;
    pieces.push(piece.slice());
    if (length > GATHER_LIMIT) {
      const bytes = concat(...pieces);
      return { bytes, rest: new PrefixedBody(bytes, source) };
    }
  }
}

/**
 * Waits for the first piece of a body, so that one that cannot be read at all is an error and not an answer that breaks off.
 * What the source throws is thrown here.
 */
export async function primed(source: BodySource): Promise<BodySource> {
  const first = await source.read();
  return first === null ? source : new PrefixedBody(first.slice(), source);
}

/** A body whose beginning was read already. */
class PrefixedBody implements BodySource {
  readonly length = null;
  readonly #source: BodySource;
  #prefix: Uint8Array | undefined;
  #coming: Promise<Uint8Array | null> | undefined;

  constructor(prefix: Uint8Array, source: BodySource, coming?: Promise<Uint8Array | null>) {
    this.#prefix = prefix;
    this.#source = source;
    this.#coming = coming;
    // Its failure is the reader's, who comes later.
    coming?.catch(() => {});
  }

  get trailers(): HeaderList | null {
    return this.#source.trailers;
  }

  read(): MaybePromise<Uint8Array | null> {
    const prefix = this.#prefix;
    this.#prefix = undefined;
    if (prefix !== undefined) return prefix;
    const coming = this.#coming;
    this.#coming = undefined;
    return coming ?? this.#source.read();
  }

  cancel(reason: Error): void {
    this.#source.cancel(reason);
  }
}
