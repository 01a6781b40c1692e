/**
 * A body with secrets replaced by their tokens as it streams.
 *
 * @module
 */

import { HOLD_BACK, LARGE_PIECE, OUTPUT_ROOM, type ScrubSet, StreamScrubber } from "../../core/scrub/mod.ts";
import { type BodySource, HeaderList, type MaybePromise } from "../http/mod.ts";
import { withoutDigests } from "./representation.ts";
import { scrubFields } from "./scrub_fields.ts";

/** Searches what it reads. Holds back as little as {@linkcode StreamScrubber} does. */
export class ScrubbedBody<Owner> implements BodySource {
  /** Not known beforehand: tokens are not as long as secrets. */
  readonly length = null;
  readonly #source: BodySource;
  readonly #set: ScrubSet<Owner>;
  readonly #onFound: (owner: Owner) => void;
  readonly #scrubber: StreamScrubber<Owner>;
  #ended = false;
  /** The second part of a piece whose first was given. */
  #rest: Uint8Array | undefined;
  #roomBefore = 0;
  #roomAfter = 0;
  #failure: { readonly error: unknown } | undefined;

  /** Scrubs `source`, which is cancelled with it; the caller holds the set until the end. */
  constructor(source: BodySource, set: ScrubSet<Owner>, onFound: (owner: Owner) => void) {
    this.#source = source;
    this.#set = set;
    this.#onFound = onFound;
    this.#scrubber = new StreamScrubber(set);
  }

  /** Room in front of the last piece, if it was searched where it lies. */
  get roomBefore(): number {
    return this.#roomBefore;
  }

  /** Room behind it: what is held back lay there, and was copied. */
  get roomAfter(): number {
    return this.#roomAfter;
  }

  /** Trailers of the source, scrubbed, without digests of what the body was. */
  get trailers(): HeaderList | null {
    const { trailers } = this.#source;
    if (trailers === null) return null;
    const fields = scrubFields(this.#set, withoutDigests(trailers), this.#onFound);
    return new HeaderList(fields.map(({ name, value }) => [name, value] as const));
  }

  /**
   * The next piece, which may be empty; see {@linkcode BodySource.read}. If the source fails, what was held back is dropped:
   * it may be the beginning of a secret that was cut off.
   */
  read(): MaybePromise<Uint8Array | null> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure.error);
    if (this.#ended) return null;
    if (this.#rest !== undefined) {
      const rest = this.#rest;
      this.#rest = undefined;
      return rest;
    }
    let piece: MaybePromise<Uint8Array | null>;
    try {
      piece = this.#source.read();
    } catch (error) {
      return this.#fail(error);
    }
    return piece instanceof Promise
      ? piece.then((came) => this.#take(came), (error) => this.#fail(error))
      : this.#take(piece);
  }

  /** Gives up; what is held back is dropped. */
  cancel(reason: Error): void {
    this.#ended = true;
    this.#scrubber.wipe();
    this.#source.cancel(reason);
  }

  #take(piece: Uint8Array | null): Uint8Array | null {
    if (this.#ended) return null;
    this.#roomBefore = this.#roomAfter = 0;
    if (piece !== null) {
      if (piece.length < LARGE_PIECE) return this.#scrubber.push(piece);
      const { roomBefore = 0 } = this.#source;
      if (roomBefore >= HOLD_BACK) return this.#takeInPlace(piece, roomBefore);
      const [border, rest] = this.#scrubber.pushLarge(piece);
      this.#rest = rest;
      return border;
    }
    const rest = this.#finish();
    return rest.length > 0 ? rest : null;
  }

  #takeInPlace(piece: Uint8Array, roomBefore: number): Uint8Array {
    const given = this.#scrubber.pushInPlace(piece);
    if (given.buffer === piece.buffer) {
      const offset = given.byteOffset - piece.byteOffset;
      this.#roomBefore = roomBefore + offset;
      this.#roomAfter = piece.length - offset - given.length;
    } else this.#roomBefore = this.#roomAfter = OUTPUT_ROOM;
    return given;
  }

  /** A promise, so that the writer sends what it was given before. */
  #fail(error: unknown): Promise<never> {
    if (!this.#ended) {
      this.#ended = true;
      this.#failure = { error };
      this.#tell();
      this.#scrubber.wipe();
    }
    return Promise.reject(error);
  }

  #finish(): Uint8Array {
    this.#ended = true;
    const rest = this.#scrubber.end();
    this.#tell();
    return rest;
  }

  #tell(): void {
    for (const owner of this.#scrubber.found) this.#onFound(owner);
  }
}
