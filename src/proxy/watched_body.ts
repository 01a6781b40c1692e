/**
 * A body that is streamed and looked at as it passes: for those of unknown length, which cannot be told to be small.
 *
 * @module
 */

import { MAX_TOKEN_LENGTH } from "../core/token_finder.ts";
import type { BodySource } from "./http/body.ts";
import type { HeaderList } from "./http/headers.ts";
import { latin1Text } from "./http/latin1.ts";
import type { MaybePromise } from "./http/reader.ts";

/** Throws if there is a token where none may stand. */
export type Check = (text: string) => void;

/** Gives another source's pieces after a look at each; throws instead of giving one that completes a token. */
export class WatchedBody implements BodySource {
  readonly #source: BodySource;
  readonly #check: Check;
  readonly #checkTrailers: (trailers: HeaderList) => void;
  /** End of what has passed, in which a token may have begun. */
  #tail = "";

  /** Watches `source`. */
  constructor(source: BodySource, check: Check, checkTrailers: (trailers: HeaderList) => void) {
    this.#source = source;
    this.#check = check;
    this.#checkTrailers = checkTrailers;
  }

  /** Length of the source. */
  get length(): number | null {
    return this.#source.length;
  }

  /** Trailers of the source. */
  get trailers(): HeaderList | null {
    return this.#source.trailers;
  }

  /** The next piece; see {@linkcode BodySource.read}. */
  read(): MaybePromise<Uint8Array | null> {
    const piece = this.#source.read();
    return piece instanceof Promise ? piece.then((piece) => this.#pass(piece)) : this.#pass(piece);
  }

  /** Gives up. */
  cancel(reason: Error): void {
    this.#source.cancel(reason);
  }

  #pass(piece: Uint8Array | null): Uint8Array | null {
    if (piece === null) {
      const { trailers } = this.#source;
      if (trailers !== null) this.#checkTrailers(trailers);
      return null;
    }
    const text = this.#tail + latin1Text(piece);
    this.#check(text);
    this.#tail = text.slice(-(MAX_TOKEN_LENGTH - 1));
    return piece;
  }
}
