/**
 * A request as a handler sees it: its head, its body, and the ways to answer.
 *
 * @module
 */

import type { BodyReader, BodySource } from "./body.ts";
import { BodyWriter } from "./body_writer.ts";
import type { Cancellation } from "./cancellation.ts";
import { HttpError, reasonOf } from "./errors.ts";
import type { OutputBuffer } from "./output.ts";
import type { RequestHead } from "./parse_head.ts";
import { reasonPhrase } from "./reason_phrase.ts";
import { type OutgoingField, writeResponseHead } from "./serialize.ts";
import type { ByteStream, Framing } from "./types.ts";

/** What a handler may answer with. */
export type ResponseBody = BodySource | Uint8Array | null;

/** Extras of a response. */
export interface RespondOptions {
  /** Reason phrase; the usual one of the status by default. */
  reason?: string;
  /** Close the connection afterwards. */
  close?: boolean;
}

/** A stream that was taken over, and what had been read of it already. */
export interface TakenOver {
  /** The connection itself. */
  readonly stream: ByteStream;
  /** Bytes that came after the head; they are not read again from `stream`. */
  readonly buffered: Uint8Array<ArrayBuffer>;
}

/** What a request needs of its connection. */
export interface RequestContext {
  /** Address of the client, if known. */
  readonly remote: string | undefined;
  /** Where answers are written. */
  readonly output: OutputBuffer;
  /** Happens when the client goes away. */
  readonly gone: Cancellation;
  /** Largest unread rest of a request body that is read and dropped to keep the connection, in bytes. */
  readonly drainBytes: number;
  /** Whether the connection is to end after this request in any case. */
  readonly closing: () => boolean;
  /** Hands the stream over. */
  readonly takeOver: () => TakenOver;
}

/** One request on a connection. */
export class IncomingRequest {
  /** Start line and fields. */
  readonly head: RequestHead;
  /** How its body is delimited. */
  readonly framing: Framing;
  /** Its body, to be pulled; ends at once if there is none. */
  readonly body: BodyReader;
  readonly #context: RequestContext;
  #continueWanted: boolean;
  #state: "open" | "responding" | "responded" | "taken-over" = "open";
  #keepAlive: boolean;
  #bytesSent = 0;

  /** Made by the server. */
  constructor(
    head: RequestHead,
    framing: Framing,
    body: BodyReader,
    context: RequestContext,
    continueWanted: boolean,
  ) {
    this.head = head;
    this.framing = framing;
    this.body = body;
    this.#context = context;
    this.#continueWanted = continueWanted;
    this.#keepAlive = head.version === "1.1" && !head.headers.hasToken("connection", "close");
  }

  /** Address of the client, if known. */
  get remote(): string | undefined {
    return this.#context.remote;
  }

  /** Happens when the client goes away (ends its half, as every HTTP client does only to leave). */
  get gone(): Cancellation {
    return this.#context.gone;
  }

  /** The same as `gone`, for what takes a signal. */
  get clientGone(): AbortSignal {
    return this.#context.gone.signal;
  }

  /** Whether an answer was begun, or the stream taken over. */
  get answered(): boolean {
    return this.#state !== "open";
  }

  /** Whether an answer was sent to its end. */
  get responded(): boolean {
    return this.#state === "responded";
  }

  /** Whether the stream was taken over. */
  get takenOver(): boolean {
    return this.#state === "taken-over";
  }

  /** Whether the connection may carry another request after this one. */
  get keepAlive(): boolean {
    return this.#keepAlive;
  }

  /** Bytes of the response's body sent so far. */
  get bytesSent(): number {
    return this.#bytesSent;
  }

  /**
   * Answers, and resolves when all of it has been written. A source of known length is sent with it, else chunked, or
   * delimited by closing for HTTP/1.0. If the source fails, its error is thrown and the connection closed, so that the
   * client sees a truncated message; if nothing had left by then, another answer may be given. If the client is gone,
   * the source is cancelled.
   *
   * @throws {HttpError} 499 `client_gone`; 500 `bad_outgoing_value`, after which another answer may be given; what
   * the source threw.
   */
  async respond(
    status: number,
    fields: Iterable<OutgoingField>,
    body: ResponseBody = null,
    options: RespondOptions = {},
  ): Promise<void> {
    if (this.#state !== "open") {
      throw new HttpError(500, "internal", "cannot answer the request: it has been answered");
    }
    const { output, gone } = this.#context;
    const framing = this.#responseFraming(status, body);
    if (options.close === true || framing === CLOSE || this.#context.closing() || !this.#bodyIsNearlyRead()) {
      this.#keepAlive = false;
    }
    const line = { status, reason: options.reason ?? reasonPhrase(status) };
    try {
      writeResponseHead(output, line, fields, framing, this.#keepAlive ? undefined : "close");
    } catch (error) {
      output.discard();
      throw error;
    }
    this.#state = "responding";
    if (body === null || body instanceof Uint8Array) {
      await this.#send(framing, async (writer) => {
        const blocked = framing === "described" || framing.kind === "none"
          ? undefined
          : writer.write(body ?? EMPTY);
        if (blocked !== undefined) await blocked;
        await writer.end();
      });
    } else {
      const onGone = (reason: Error): void => body.cancel(reason);
      gone.subscribe(onGone);
      try {
        await this.#send(framing, (writer) => pumpOrEnd(writer, framing, body));
      } catch (error) {
        body.cancel(error instanceof Error ? error : new Error(String(error)));
        throw error;
      } finally {
        gone.unsubscribe(onGone);
      }
    }
    this.#state = "responded";
  }

  /**
   * Sends an interim response, such as 103; 100 only if the client waits for it. Nothing is sent to HTTP/1.0 clients.
   */
  async informational(status: number, fields: Iterable<OutgoingField> = []): Promise<void> {
    if (this.#state !== "open" || this.head.version === "1.0") return;
    if (status === 100 && !this.#continueWanted) return;
    if (status === 100) this.#continueWanted = false;
    const { output } = this.#context;
    writeResponseHead(output, { status, reason: reasonPhrase(status) }, fields, { kind: "none" });
    await output.flush();
  }

  /** Takes the connection over, for CONNECT and Upgrade: the caller writes the answer itself and closes in the end. */
  takeOver(): TakenOver {
    if (this.#state !== "open") {
      throw new HttpError(500, "internal", "cannot take the connection over: it is in use");
    }
    this.#state = "taken-over";
    this.#keepAlive = false;
    return this.#context.takeOver();
  }

  async #send(framing: Framing | "described", write: (writer: BodyWriter) => Promise<void>): Promise<void> {
    const { output, gone } = this.#context;
    const writer = new BodyWriter(output, framing === "described" ? { kind: "none" } : framing);
    const writtenBefore = output.written;
    try {
      await write(writer);
    } catch (error) {
      this.#keepAlive = false;
      output.discard();
      // As long as nothing has left, the failure itself can still be the answer.
      if (output.written === writtenBefore && !output.failed) this.#state = "open";
      if (output.failed && !gone.cancelled) {
        gone.cancel(
          new HttpError(499, "client_gone", `cannot answer: the client is gone (${reasonOf(error)})`),
        );
      }
      throw gone.reason ?? error;
    } finally {
      this.#bytesSent = writer.bytesSent;
    }
  }

  #responseFraming(status: number, body: ResponseBody): Framing | "described" {
    if (this.head.method === "HEAD" || status === 304) return "described";
    if (status < 200 || status === 204) return { kind: "none" };
    if (body === null) return { kind: "length", length: 0 };
    if (body.length !== null) return { kind: "length", length: body.length };
    return this.head.version === "1.1" ? { kind: "chunked" } : CLOSE;
  }

  /** Whether what is left of the request's body is so little that reading it is cheaper than a new connection. */
  #bodyIsNearlyRead(): boolean {
    if (this.body.complete) return true;
    const { remaining } = this.body;
    return !this.#continueWanted && remaining !== null && remaining <= this.#context.drainBytes;
  }
}

const EMPTY = new Uint8Array(0);
const CLOSE: Framing = { kind: "close" };

/** Where there can be no body, a source is only read to its end, which gives its connection back. */
async function pumpOrEnd(
  writer: BodyWriter,
  framing: Framing | "described",
  body: BodySource,
): Promise<void> {
  if (framing !== "described" && framing.kind !== "none") return await writer.pump(body);
  if (body.length === 0) await body.read();
  else body.cancel(new HttpError(500, "internal", "the response has no body"));
  await writer.end();
}
