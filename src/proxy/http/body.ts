/**
 * Bodies that come in: pulled piece by piece, so that nobody reads faster than somebody writes.
 *
 * @module
 */

import { ChunkedDecoder } from "./chunked.ts";
import type { Deadline } from "./deadline.ts";
import { HttpError, reasonOf, UpstreamError } from "./errors.ts";
import type { HeaderList } from "./headers.ts";
import type { BufferedReader, MaybePromise } from "./reader.ts";
import type { Framing } from "./types.ts";

/** Something that gives a body piece by piece: a {@linkcode BodyReader}, or what transforms one. */
export interface BodySource {
  /** Length in bytes if it is known beforehand, else null. */
  readonly length: number | null;
  /**
   * The next piece, valid until the next call, or null at the end. A piece that is at hand is returned at once and
   * not as a promise: that is how the writer knows to send what it has before it waits. Rejects, or throws, if the
   * body cannot be read to its end; then the message must not look complete.
   */
  read(): MaybePromise<Uint8Array | null>;
  /** Trailer fields, once `read` has given null. */
  readonly trailers: HeaderList | null;
  /** Tells that no more will be read; releases what the source holds. */
  cancel(reason: Error): void;
  /**
   * How many bytes in front of the piece that was read last nobody needs any more, in the same buffer: they may be overwritten as long as
   * the piece is valid. None unless it says so.
   */
  readonly roomBefore?: number;
  /** The same behind that piece. */
  readonly roomAfter?: number;
  /** Whether copies of its pieces on their way out are to be wiped once written. */
  readonly secret?: boolean;
}

/** What a {@linkcode BodyReader} may be given. */
export interface BodyReaderOptions {
  /** Whose body it is, which decides the errors. */
  side: "client" | "upstream";
  /** Armed while waiting for bytes. */
  deadline?: Deadline;
  /** For how long, in milliseconds. */
  timeoutMs?: number;
  /** Called before the first wait for bytes (sends `100 Continue`). */
  beforeFirstRead?: () => Promise<void>;
  /** Called once: without an error when null has been returned, else with what ended it. */
  onEnd?: (error: Error | undefined) => void;
}

/** The body of one message. A body that ends too early is an error, never a clean end. */
export class BodyReader implements BodySource {
  readonly #reader: BufferedReader;
  readonly #framing: Framing;
  readonly #options: BodyReaderOptions;
  readonly #decoder: ChunkedDecoder | undefined;
  #beforeFirstRead: (() => Promise<void>) | undefined;
  #remaining: number;
  #received = 0;
  #roomBefore = 0;
  #waiting = false;
  #ended = false;
  #error: Error | undefined;

  /** Reads a body delimited by `framing` from where the head ended. */
  constructor(reader: BufferedReader, framing: Framing, options: BodyReaderOptions) {
    this.#reader = reader;
    this.#framing = framing;
    this.#options = options;
    this.#decoder = framing.kind === "chunked" ? new ChunkedDecoder() : undefined;
    this.#remaining = framing.kind === "length" ? framing.length : 0;
    this.#beforeFirstRead = options.beforeFirstRead;
  }

  /** Length if declared, 0 if there is no body, else null. */
  get length(): number | null {
    return this.#framing.kind === "length" ? this.#framing.length : this.#framing.kind === "none" ? 0 : null;
  }

  /** Trailer fields of a chunked body, once it has ended. */
  get trailers(): HeaderList | null {
    return this.#decoder?.trailers ?? null;
  }

  /** What the connection's buffer holds before the last piece was taken by somebody. */
  get roomBefore(): number {
    return this.#roomBefore;
  }

  /** Content bytes received so far. */
  get bytesRead(): number {
    return this.#received;
  }

  /** Whether nothing of the body is left on the connection. */
  get complete(): boolean {
    if (this.#error !== undefined) return false;
    const { kind } = this.#framing;
    return this.#ended || kind === "none" || (kind === "length" && this.#remaining === 0);
  }

  /** Bytes that are still to come: exact for a declared length, 0 when complete, else null. */
  get remaining(): number | null {
    return this.complete ? 0 : this.#framing.kind === "length" ? this.#remaining : null;
  }

  /** Whether a `read` is waiting for bytes. */
  get waiting(): boolean {
    return this.#waiting;
  }

  /**
   * The next piece, a view that is valid until the next call, or null at the end.
   *
   * @throws {HttpError} 400 `truncated` or `malformed_request`, 408 `request_timeout`.
   * @throws {UpstreamError} `upstream_closed`, `upstream_protocol`, `upstream_timeout`.
   */
  read(): MaybePromise<Uint8Array | null> {
    if (this.#error !== undefined) throw this.#error;
    if (this.#ended) return null;
    const piece = this.#take();
    return piece !== undefined ? piece : this.#await();
  }

  /** Gives up: later reads throw `reason`. */
  cancel(reason: Error): void {
    if (!this.#ended && this.#error === undefined) this.#fail(reason);
  }

  /** A piece that is at hand, null at the end, undefined if more bytes are needed. */
  #take(): Uint8Array | null | undefined {
    const { kind } = this.#framing;
    if (kind === "chunked") return this.#takeChunked();
    if (kind === "none" || (kind === "length" && this.#remaining === 0)) return this.#finish();
    if (this.#reader.buffered === 0) {
      return kind === "close" && this.#endedCleanly() ? this.#finish() : undefined;
    }
    this.#roomBefore = this.#reader.taken;
    const piece = this.#reader.take(kind === "length" ? this.#remaining : Infinity);
    this.#remaining -= piece.length;
    this.#received += piece.length;
    return piece;
  }

  #takeChunked(): Uint8Array | null | undefined {
    const decoder = this.#decoder as ChunkedDecoder;
    const reader = this.#reader;
    if (decoder.dataRemaining === 0 && reader.buffered > 0) {
      try {
        reader.skip(decoder.advance(reader.peek()));
      } catch (error) {
        throw this.#fail(this.#ofSide(error));
      }
    }
    if (decoder.done) return this.#finish();
    if (reader.buffered === 0) return undefined;
    this.#roomBefore = reader.taken;
    const piece = reader.take(decoder.dataRemaining);
    decoder.consumed(piece.length);
    this.#received += piece.length;
    return piece;
  }

  async #await(): Promise<Uint8Array | null> {
    const { deadline, timeoutMs = Infinity } = this.#options;
    this.#waiting = true;
    try {
      if (this.#beforeFirstRead !== undefined) {
        const before = this.#beforeFirstRead;
        this.#beforeFirstRead = undefined;
        await before();
      }
      for (;;) {
        deadline?.arm(timeoutMs);
        const more = await this.#reader.fill();
        deadline?.disarm();
        if (this.#error !== undefined) throw this.#error;
        if (!more && !(this.#framing.kind === "close" && this.#endedCleanly())) {
          throw this.#fail(this.#truncated());
        }
        const piece = this.#take();
        if (piece !== undefined) return piece;
      }
    } finally {
      this.#waiting = false;
    }
  }

  #endedCleanly(): boolean {
    return this.#reader.ended && this.#reader.failure === undefined;
  }

  #finish(): null {
    this.#ended = true;
    this.#options.onEnd?.(undefined);
    return null;
  }

  #fail(error: Error): Error {
    this.#error = error;
    this.#options.onEnd?.(error);
    return error;
  }

  #ofSide(error: unknown): Error {
    if (this.#options.side === "client" && error instanceof HttpError) return error;
    return new UpstreamError("upstream_protocol", `cannot read the response: ${reasonOf(error)}`, {
      cause: error,
    });
  }

  #truncated(): Error {
    const { side, deadline } = this.#options;
    const cause = this.#reader.failure;
    if (deadline?.expired) {
      return side === "client"
        ? new HttpError(408, "request_timeout", "cannot read the request: its body stopped coming", { cause })
        : new UpstreamError("upstream_timeout", "cannot read the response: its body stopped coming", {
          cause,
        });
    }
    return side === "client"
      ? new HttpError(400, "truncated", "cannot read the request: it ended within its body", { cause })
      : new UpstreamError("upstream_closed", "cannot read the response: it ended within its body", { cause });
  }
}
