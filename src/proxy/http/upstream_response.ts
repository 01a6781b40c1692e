/**
 * The response of an upstream, streamed; its end gives the connection back.
 *
 * @module
 */

import { BodyReader, type BodySource } from "./body.ts";
import type { BodyWriter } from "./body_writer.ts";
import type { Cancellation } from "./cancellation.ts";
import type { HeaderList } from "./headers.ts";
import type { ResponseHead } from "./parse_head.ts";
import type { ConnectionPool } from "./pool.ts";
import type { MaybePromise } from "./reader.ts";
import type { ByteStream, Framing } from "./types.ts";
import type { UpstreamConnection } from "./upstream.ts";

/** What an {@linkcode UpstreamResponse} is made from. */
export interface ResponseParts {
  /** Where the connection goes back to. */
  pool: ConnectionPool;
  /** The connection it comes over. */
  connection: UpstreamConnection;
  /** How long the body may stand still, in milliseconds. */
  bodyTimeoutMs: number;
  /** Ends it. */
  cancellation: Cancellation | undefined;
  /** Whether the connection may carry another exchange after this one. */
  reusable: boolean;
  /** Writes the request's body, if there is one. */
  writer: BodyWriter | undefined;
  /** Settles, never rejects, when the request's body has been dealt with. */
  sending: Promise<void> | undefined;
  /** Whether the request has been written to its end. */
  isSent: () => boolean;
}

/** How long a response that is complete waits for its request to be, before the connection is given up. */
const SETTLE_MS = 250;

/**
 * A response whose head has come. It is the source of its own body: read it to its end, or cancel it. The connection
 * goes back to the pool only when both directions have ended cleanly.
 */
export class UpstreamResponse implements BodySource {
  /** Status line and fields. */
  readonly head: ResponseHead;
  /** How its body is delimited. */
  readonly framing: Framing;
  readonly #parts: ResponseParts;
  readonly #body: BodyReader;
  #gone = false;
  readonly #onCancel = (reason: Error): void => this.#body.cancel(reason);

  /** Made by {@linkcode exchange}. */
  constructor(head: ResponseHead, framing: Framing, parts: ResponseParts) {
    this.head = head;
    this.framing = framing;
    this.#parts = parts;
    this.#body = new BodyReader(parts.connection.reader, framing, {
      side: "upstream",
      deadline: parts.connection.readDeadline,
      timeoutMs: parts.bodyTimeoutMs,
      onEnd: (error) => this.#onEnd(error),
    });
    parts.cancellation?.subscribe(this.#onCancel);
    // A response without a body is over with its head, whether anybody reads on or not.
    if (framing.kind === "none" && head.status !== 101 && parts.isSent()) this.#body.read();
  }

  /** Length of the body if it is known beforehand. */
  get length(): number | null {
    return this.#body.length;
  }

  /** Room in front of the last piece; see {@linkcode BodySource.roomBefore}. */
  get roomBefore(): number {
    return this.#body.roomBefore;
  }

  /** Trailer fields, after the end. */
  get trailers(): HeaderList | null {
    return this.#body.trailers;
  }

  /** Bytes of the body received so far. */
  get bytesReceived(): number {
    return this.#body.bytesRead;
  }

  /** Bytes of the request's body sent so far. */
  get bytesSent(): number {
    return this.#parts.writer?.bytesSent ?? 0;
  }

  /** The address it came from. */
  get address(): string {
    return this.#parts.connection.address;
  }

  /**
   * The next piece of the body, valid until the next call, or null at its end.
   *
   * @throws {UpstreamError} `upstream_closed`, `upstream_protocol`, `upstream_timeout`; or the cancellation's reason.
   */
  read(): MaybePromise<Uint8Array | null> {
    const piece = this.#body.read();
    return this.#parts.isSent() ? piece : this.#readWhileSending(piece);
  }

  /** Gives up: the connection is closed. */
  cancel(reason: Error): void {
    this.#body.cancel(reason);
  }

  /** Takes the connection over after a 101: whatever comes and goes on it is no longer HTTP. */
  takeOver(): { stream: ByteStream; buffered: Uint8Array<ArrayBuffer> } {
    const { connection, cancellation } = this.#parts;
    cancellation?.unsubscribe(this.#onCancel);
    connection.detach();
    return { stream: connection.stream, buffered: connection.reader.peek().slice() };
  }

  async #readWhileSending(coming: MaybePromise<Uint8Array | null>): Promise<Uint8Array | null> {
    const piece = await coming;
    if (piece === null) await this.#settle();
    return piece;
  }

  /** The response was quicker than its request. Once settled, no piece of the request's body is in use any more. */
  async #settle(): Promise<void> {
    const { sending, writer, isSent } = this.#parts;
    if (writer !== undefined && !writer.waiting && !isSent()) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, SETTLE_MS);
      await Promise.race([sending, promise]);
      clearTimeout(timer);
    }
    this.#letGo(isSent());
  }

  #onEnd(error: Error | undefined): void {
    this.#parts.cancellation?.unsubscribe(this.#onCancel);
    if (error !== undefined) this.#letGo(false);
    else if (this.#parts.isSent()) this.#letGo(true);
  }

  #letGo(clean: boolean): void {
    if (this.#gone) return;
    this.#gone = true;
    const { connection, pool, reusable } = this.#parts;
    if (clean && reusable) pool.release(connection);
    else connection.close();
  }
}
