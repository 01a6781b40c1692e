/**
 * The server's side of a connection: one request after another, each answered before the next is read.
 *
 * @module
 */

import { BodyReader } from "./body.ts";
import { Cancellation } from "./cancellation.ts";
import { type Deadline, type DeadlineClock, sharedClock } from "./deadline.ts";
import { closeQuietly } from "./dial.ts";
import { HttpError, reasonOf } from "./errors.ts";
import { requestFraming } from "./framing.ts";
import { IncomingRequest, type RequestContext, type TakenOver } from "./incoming.ts";
import { OutputBuffer } from "./output.ts";
import { DEFAULT_HEAD_LIMITS, parseRequestHead } from "./parse_head.ts";
import { BufferedReader } from "./reader.ts";
import { writeRefusal } from "./refuse.ts";
import type { OutgoingField } from "./serialize.ts";
import { sharedTurnstile } from "./turnstile.ts";
import type { ByteStream } from "./types.ts";

/** Answers a request by calling `respond` or `takeOver`; what it throws before is answered through `onError`. */
export type RequestHandler = (request: IncomingRequest) => Promise<void>;

/** Times in milliseconds and sizes in bytes. */
export interface ServerLimits {
  /** A head must be complete so long after its first byte, and the first byte of a new connection so soon. */
  headerTimeoutMs: number;
  /** A kept connection without a request is closed after this time. */
  idleTimeoutMs: number;
  /** How long a body may stand still in either direction. */
  bodyTimeoutMs: number;
  /** Largest request head. */
  maxHeadBytes: number;
  /** Largest number of fields. */
  maxHeaderFields: number;
}

/** An answer to a request that could not be handled. */
export interface ErrorResponse {
  /** Status. */
  readonly status: number;
  /** Fields. */
  readonly fields: Iterable<OutgoingField>;
  /** Whole body. */
  readonly body: Uint8Array;
}

/** What a server is given. */
export interface ServerOptions {
  /** Read for each request. */
  limits: () => ServerLimits;
  /** Words an error. */
  onError: (error: HttpError) => ErrorResponse;
  /** Told of errors that are a defect of the handler and not an {@linkcode HttpError}. */
  onDefect?: (error: unknown) => void;
  /** Address of the client. */
  remote?: string;
  /** Looks after the timeouts. */
  clock?: DeadlineClock;
}

/** An unread rest of a body up to this size is read and dropped to keep the connection. */
const DRAIN_BYTES = 64 * 1024;
/** How long and how much is read after the last answer, so that the client gets to see it before a reset. */
const LINGER_MS = 1_000;
const LINGER_BYTES = 1024 * 1024;

/** A connection being served. */
export class ServerConnection {
  readonly #stream: ByteStream;
  readonly #handler: RequestHandler;
  readonly #options: ServerOptions;
  readonly #reader: BufferedReader;
  readonly #output: OutputBuffer;
  readonly #readDeadline: Deadline;
  readonly #writeDeadline: Deadline;
  readonly #gone = new Cancellation();
  readonly #context: RequestContext;
  readonly #watch = (): void => this.#reader.watch((event) => event === "end" && this.#clientGone());
  #limits: ServerLimits;
  #phase: "idle" | "head" | "request" = "head";
  #draining = false;
  #takenOver = false;

  /** Prepares to serve `stream`. */
  constructor(stream: ByteStream, handler: RequestHandler, options: ServerOptions) {
    const clock = options.clock ?? sharedClock;
    this.#stream = stream;
    this.#handler = handler;
    this.#options = options;
    this.#limits = options.limits();
    this.#reader = new BufferedReader(stream);
    this.#readDeadline = clock.create(() => this.#onReadDeadline());
    this.#writeDeadline = clock.create(() => closeQuietly(stream));
    this.#output = new OutputBuffer(stream, this.#writeDeadline, () => this.#limits.bodyTimeoutMs);
    this.#context = {
      remote: options.remote,
      output: this.#output,
      gone: this.#gone,
      drainBytes: DRAIN_BYTES,
      closing: () => this.#draining,
      takeOver: () => this.#takeOver(),
    };
  }

  /** Serves until the connection ends and closes it, unless it is taken over; never rejects. */
  async serve(): Promise<void> {
    sharedTurnstile.enter();
    try {
      while (await this.#serveOne());
    } finally {
      if (!this.#takenOver) sharedTurnstile.leave();
      this.#readDeadline[Symbol.dispose]();
      this.#writeDeadline[Symbol.dispose]();
      if (!this.#takenOver) closeQuietly(this.#stream);
    }
  }

  /** Ends after the request under way, at once if there is none. */
  drain(): void {
    this.#draining = true;
    if (this.#phase !== "request" && this.#reader.buffered === 0) closeQuietly(this.#stream);
  }

  /** Ends at once. */
  abort(): void {
    this.#clientGone();
    closeQuietly(this.#stream);
  }

  /** One request; resolves with whether another may follow. */
  async #serveOne(): Promise<boolean> {
    const reader = this.#reader;
    this.#limits = this.#options.limits();
    reader.unwatch();
    reader.relax();
    let request: IncomingRequest;
    try {
      if (reader.buffered === 0 && !(await this.#awaitFirstByte())) return false;
      this.#phase = "head";
      this.#readDeadline.arm(this.#limits.headerTimeoutMs);
      const bytes = await reader.head(this.#limits.maxHeadBytes);
      this.#readDeadline.disarm();
      if (bytes === null || this.#readDeadline.expired) return false;
      request = this.#request(bytes);
    } catch (error) {
      if (error instanceof HttpError && !reader.ended && !this.#readDeadline.expired) {
        await this.#refuse(error);
      }
      return false;
    }
    this.#phase = "request";
    const turn = sharedTurnstile.admit();
    if (turn !== undefined) await turn;
    await this.#handle(request);
    if (request.takenOver) return false;
    const keep = request.responded && request.keepAlive && await this.#dropRest(request);
    if (!keep && !request.body.complete) await this.#linger(request);
    else if (!keep && request.responded) await this.#sayEnd();
    this.#phase = "idle";
    return keep && !this.#draining;
  }

  #awaitFirstByte(): Promise<boolean> {
    this.#readDeadline.arm(
      this.#phase === "idle" ? this.#limits.idleTimeoutMs : this.#limits.headerTimeoutMs,
    );
    return this.#reader.fill();
  }

  #request(bytes: Uint8Array): IncomingRequest {
    const head = parseRequestHead(bytes, {
      ...DEFAULT_HEAD_LIMITS,
      maxHeaderFields: this.#limits.maxHeaderFields,
    });
    const framing = requestFraming(head);
    const hasBody = framing.kind !== "none" && !(framing.kind === "length" && framing.length === 0);
    const continueWanted = hasBody && head.version === "1.1" &&
      head.headers.hasToken("expect", "100-continue");
    const body: BodyReader = new BodyReader(this.#reader, framing, {
      side: "client",
      deadline: this.#readDeadline,
      timeoutMs: this.#limits.bodyTimeoutMs,
      ...(continueWanted ? { beforeFirstRead: () => request.informational(100) } : {}),
      onEnd: (error) => error === undefined ? this.#watch() : this.#bodyFailed(error),
    });
    const request = new IncomingRequest(head, framing, body, this.#context, continueWanted);
    if (!hasBody) body.read();
    return request;
  }

  async #handle(request: IncomingRequest): Promise<void> {
    try {
      await this.#handler(request);
      if (!request.answered) throw new Error("the handler did not answer");
    } catch (error) {
      if (this.#gone.cancelled) return;
      if (!(error instanceof HttpError)) this.#options.onDefect?.(error);
      if (request.answered) return;
      const { status, fields, body } = this.#options.onError(asHttpError(error));
      try {
        await request.respond(status, fields, body);
      } catch {
        // The client is gone, too: there is nobody left to tell.
      }
    }
  }

  /** Reads and drops what the handler left of the body; false if that is not worth it. */
  async #dropRest({ body }: IncomingRequest): Promise<boolean> {
    if (body.complete) return true;
    if (body.waiting) return false;
    try {
      for (const end = body.bytesRead + DRAIN_BYTES; body.bytesRead <= end;) {
        if (await body.read() === null) return true;
      }
    } catch {
      // The body is malformed or the client gone; either way this connection is over, and the answer is out.
    }
    return false;
  }

  /** Answers what could not be read as a request, and ends. */
  async #refuse(error: HttpError): Promise<void> {
    try {
      writeRefusal(this.#output, this.#options.onError(error));
      await this.#output.flush();
      await this.#linger();
    } catch {
      // Whoever sent this does not wait for an answer.
    }
  }

  /** Closes our half and reads on for a moment: a reset by unread bytes would take the answer away from the client. */
  async #linger(request?: IncomingRequest): Promise<void> {
    request?.body.cancel(
      new HttpError(400, "truncated", "cannot read the request: it was answered before its end"),
    );
    this.#readDeadline.arm(LINGER_MS);
    try {
      await this.#stream.closeWrite();
      for (let dropped = 0; dropped < LINGER_BYTES;) {
        dropped += this.#reader.buffered;
        this.#reader.skip(this.#reader.buffered);
        if (!(await this.#reader.fill())) break;
      }
    } catch {
      // It is closed already.
    }
  }

  /** Ends our half, by which TLS tells a client that nothing was cut off (RFC 9112 section 9.8). */
  async #sayEnd(): Promise<void> {
    this.#readDeadline.arm(LINGER_MS);
    try {
      await this.#stream.closeWrite();
    } catch {
      // The client was quicker.
    }
  }

  #takeOver(): TakenOver {
    this.#takenOver = true;
    // Whatever is carried now is no request; what is served inside counts for itself.
    sharedTurnstile.leave();
    this.#readDeadline.disarm();
    this.#reader.unwatch();
    const buffered = this.#reader.peek().slice();
    return { stream: this.#reader.detach(), buffered };
  }

  #clientGone(): void {
    this.#gone.cancel(
      new HttpError(499, "client_gone", "cannot answer: the client has closed the connection"),
    );
  }

  #bodyFailed(error: Error): void {
    if (this.#reader.ended) this.#gone.cancel(error);
  }

  #onReadDeadline(): void {
    if (this.#phase !== "head" || this.#reader.buffered === 0) return closeQuietly(this.#stream);
    const error = new HttpError(
      408,
      "request_timeout",
      "cannot read the request: its head did not come in time",
    );
    void this.#refuse(error).finally(() => closeQuietly(this.#stream));
  }
}

function asHttpError(error: unknown): HttpError {
  return error instanceof HttpError
    ? error
    : new HttpError(500, "internal", `cannot handle the request: ${reasonOf(error)}`, { cause: error });
}
