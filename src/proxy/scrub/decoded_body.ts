/**
 * A body with one content coding undone, in bounded memory.
 *
 * @module
 */

import { nextTick } from "node:process";
import type { BodySource, HeaderList } from "../http/mod.ts";
import { type Coding, createDecoder, type DecoderStream, OUTPUT_CHUNK, undecodable } from "./codings.ts";
import { ZstdFrames } from "./zstd_frame.ts";

/** So many decoded bytes are always allowed. */
export const BOMB_FLOOR: number = 64 * 1024 * 1024;
/** Beyond the floor, a body may not become more than so many times its encoded size. */
export const BOMB_RATIO = 200;

/** Decodes what it reads. Nothing is read ahead: a piece is taken from the source only when all before it has been given out. */
export class DecodedBody implements BodySource {
  /** Not known beforehand. */
  readonly length = null;
  readonly #source: BodySource;
  readonly #coding: Coding;
  #decoder: DecoderStream | undefined;
  /** What the decoder is working on. */
  #input: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  /** What was given out last. */
  #given: Uint8Array | undefined;
  #wake: () => void = () => {};
  #busy = false;
  #ended = false;
  #failure: Error | undefined;
  readonly #frames: ZstdFrames | undefined;
  #encoded = 0;
  #decoded = 0;

  /** Decodes `source`, which is cancelled with it. */
  constructor(source: BodySource, coding: Coding) {
    this.#source = source;
    this.#coding = coding;
    this.#frames = coding === "zstd" ? new ZstdFrames() : undefined;
  }

  /** Trailers of the source. */
  get trailers(): HeaderList | null {
    return this.#source.trailers;
  }

  /**
   * The next piece; see {@linkcode BodySource.read}.
   *
   * @throws {UpstreamError} `undecodable_response` for bytes that are not of the coding, that end too early, or that
   * become more than {@linkcode BOMB_FLOOR} and {@linkcode BOMB_RATIO} allow; what the source throws.
   */
  async read(): Promise<Uint8Array | null> {
    this.#free();
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure;
      const piece: Uint8Array | null = this.#decoder?.read() ?? null;
      if (piece !== null) return this.#guarded(piece);
      if (this.#ended) return await this.#finish();
      if (this.#busy) await this.#event();
      else if (!await this.#feed()) return null;
    }
  }

  /** Gives up. */
  cancel(reason: Error): void {
    this.#failure ??= reason;
    this.#decoder?.destroy();
    this.#source.cancel(reason);
    this.#wake();
  }

  /** Hands the next encoded piece to the decoder; false if there was nothing at all. */
  async #feed(): Promise<boolean> {
    const piece = await this.#source.read();
    if (piece === null) {
      if (this.#decoder === undefined) return false;
      await this.#close(this.#decoder);
      return true;
    }
    if (piece.length === 0) return true;
    this.#encoded += piece.length;
    this.#frames?.push(piece);
    this.#decoder ??= this.#start(piece[0]!);
    this.#busy = true;
    // The piece is only ours until the source is read again, which may be before the decoder lets go of it.
    if (piece.length > this.#input.length) this.#input = new Uint8Array(piece.length);
    this.#input.set(piece);
    this.#give(this.#decoder, this.#input.subarray(0, piece.length));
    return true;
  }

  #give(decoder: DecoderStream, piece: Uint8Array): void {
    decoder.write(piece, () => {
      this.#busy = false;
      this.#wake();
    });
  }

  /**
   * There is no more. The decoders of `br` and `zstd` would take a stream that was cut off for a whole one: frames are counted, and a
   * Brotli decoder is given one byte too many, which it leaves alone only if the stream is complete.
   */
  async #close(decoder: DecoderStream): Promise<void> {
    if (this.#coding === "br") {
      this.#busy = true;
      this.#give(decoder, new Uint8Array(1));
      while (this.#busy && this.#failure === undefined) await this.#event();
      // Nothing is left to read, so that this makes a decoder at its end say so, in its next tick.
      const surplus: unknown = decoder.read();
      await new Promise<void>((resolve) => nextTick(resolve));
      if (surplus !== null || !this.#ended) this.#failure ??= undecodable("its br is cut off");
      return;
    }
    if (this.#frames !== undefined && !this.#frames.isComplete) {
      this.#failure ??= undecodable("its zstd is cut off");
      return;
    }
    this.#busy = true;
    decoder.end();
  }

  #start(firstByte: number): DecoderStream {
    const decoder = createDecoder(this.#coding, firstByte);
    decoder.on("readable", () => this.#wake());
    decoder.on("end", () => {
      this.#ended = true;
      this.#wake();
    });
    decoder.on("error", (error: Error) => {
      this.#failure ??= undecodable(`it is not valid ${this.#coding}`, error);
      this.#wake();
    });
    return decoder;
  }

  #event(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    return promise;
  }

  #guarded(piece: Uint8Array): Uint8Array {
    this.#decoded += piece.length;
    if (this.#decoded > BOMB_FLOOR && this.#decoded > BOMB_RATIO * this.#encoded) {
      this.cancel(undecodable("it unpacks to much more than it is worth"));
      throw this.#failure;
    }
    return this.#given = piece;
  }

  /**
   * Gives back the memory of the last piece, if the decoder has filled that buffer to its end and does not use it any more: the
   * collector would come for it only after some 64 MiB.
   */
  #free(): void {
    const given = this.#given;
    this.#given = undefined;
    if (given === undefined || !(given.buffer instanceof ArrayBuffer)) return;
    const isWhole = given.buffer.byteLength === OUTPUT_CHUNK &&
      given.byteOffset + given.length === OUTPUT_CHUNK;
    if (isWhole) given.buffer.transfer(0);
  }

  /** The coding is complete: what the source still has is not part of it. */
  async #finish(): Promise<null> {
    this.#decoder?.destroy();
    // The decoder stops after one frame, whatever follows it.
    if (this.#frames !== undefined && !(this.#frames.isComplete && this.#frames.ended === 1)) {
      throw this.#failure = undecodable("its zstd has several frames");
    }
    if (await this.#source.read() !== null) {
      this.#source.cancel(undecodable(`there is more behind the end of its ${this.#coding}`));
    }
    return null;
  }
}
