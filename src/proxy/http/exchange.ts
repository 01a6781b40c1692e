/**
 * One request sent to an upstream and its response, over a pooled connection or a new one.
 *
 * @module
 */

import { concat, utf8 } from "../../core/bytes.ts";
import { bracketHost } from "../../core/host_name.ts";
import type { BodySource } from "./body.ts";
import { BodyWriter } from "./body_writer.ts";
import type { Cancellation } from "./cancellation.ts";
import type { DialOptions, Origin } from "./dial.ts";
import { HttpError, reasonOf, UpstreamError } from "./errors.ts";
import { responseFraming } from "./framing.ts";
import { DEFAULT_HEAD_LIMITS, parseResponseHead, type ResponseHead } from "./parse_head.ts";
import type { ConnectionPool } from "./pool.ts";
import type { MaybePromise } from "./reader.ts";
import { type OutgoingField, writeRequestHead } from "./serialize.ts";
import type { Framing, OutgoingValue } from "./types.ts";
import type { UpstreamConnection } from "./upstream.ts";
import { UpstreamResponse } from "./upstream_response.ts";

/** A request as it goes out. */
export interface UpstreamRequest {
  /** Method. */
  readonly method: string;
  /** Request target in origin-form (or absolute-form towards another proxy). */
  readonly target: OutgoingValue;
  /**
   * All fields, `Host` among them. `Content-Length`, `Transfer-Encoding` and `Connection` are the engine's: given
   * ones are left out.
   */
  readonly fields: readonly OutgoingField[];
  /** The body; null for none. A source that knows its length is sent with it, else chunked. */
  readonly body: BodySource | null;
  /** Ask the upstream first (`Expect: 100-continue`), and read the body only once it agrees or has not answered for a second. */
  readonly expectContinue?: boolean;
  /** Protocol to ask for with `Upgrade`; the response is then 101, to be taken over, or an ordinary one. */
  readonly upgrade?: string;
}

/** Times, bounds and hooks of an exchange. */
export interface ExchangeOptions {
  /** How to connect, if no pooled connection is at hand. */
  dial: DialOptions;
  /** From the end of the request to the head of the response, in milliseconds. */
  responseTimeoutMs: number;
  /** How long a body may stand still in either direction, in milliseconds. */
  bodyTimeoutMs: number;
  /** Largest response head in bytes. */
  maxHeadBytes: number;
  /** Largest number of response fields. */
  maxHeaderFields: number;
  /** Told of 100 and 103 as they come; other interim responses are dropped. */
  onInformational?: (head: ResponseHead) => MaybePromise<void>;
  /** Ends the exchange at any point, such as when the client goes away. */
  cancellation?: Cancellation;
}

/** RFC 9110 section 9.2.2: a proxy must not send any other request a second time by itself. */
const IDEMPOTENT = new Set(["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"]);
/** An upstream that sends more interim responses than this is not going to answer. */
const MAX_INFORMATIONAL = 32;
const CONTINUE_WAIT_MS = 1_000;

/**
 * Sends a request and resolves with the response as soon as its head is there; the body of the request may still be
 * on its way then. Byte values in `target` and `fields` are wiped before this settles.
 *
 * A pooled connection that turns out to be dead is replaced once by a new one, if the method is idempotent, nothing
 * of the body was taken, and not one byte came back.
 *
 * @throws {UpstreamError} whatever the upstream did.
 * @throws {HttpError} what reading the request's body threw; 499 `client_gone` or what `cancellation` says.
 */
export async function exchange(
  pool: ConnectionPool,
  origin: Origin,
  request: UpstreamRequest,
  options: ExchangeOptions,
): Promise<UpstreamResponse> {
  try {
    const pooled = request.upgrade === undefined ? pool.takeIdle(origin) : undefined;
    if (pooled !== undefined) {
      const attempt = new Attempt(pool, pooled, request, options);
      try {
        return await attempt.run();
      } catch (error) {
        if (!attempt.repeatable) throw error;
      }
    }
    const connection = await connect(pool, origin, options, request.upgrade !== undefined);
    return await new Attempt(pool, connection, request, options).run();
  } finally {
    wipeValues(request);
  }
}

async function connect(
  pool: ConnectionPool,
  origin: Origin,
  options: ExchangeOptions,
  upgrades: boolean,
): Promise<UpstreamConnection> {
  const { cancellation } = options;
  // Another protocol is nothing an HTTP proxy could carry but in a tunnel.
  const dial = upgrades ? { ...options.dial, tunnel: true } : options.dial;
  if (cancellation === undefined) return await pool.connect(origin, dial);
  if (cancellation.reason !== undefined) throw cancellation.reason;
  return await pool.connect(origin, { ...dial, signal: cancellation.signal });
}

function wipeValues(request: UpstreamRequest): void {
  if (typeof request.target !== "string") request.target.fill(0);
  for (const { value } of request.fields) if (typeof value !== "string") value.fill(0);
}

/** One try on one connection. */
class Attempt {
  readonly #pool: ConnectionPool;
  readonly #connection: UpstreamConnection;
  readonly #request: UpstreamRequest;
  readonly #options: ExchangeOptions;
  readonly #onCancel = (): void => this.#connection.close();
  #writer: BodyWriter | undefined;
  #sending: Promise<void> | undefined;
  #sourceError: Error | undefined;
  /** The whole request has been written. */
  #sent = false;
  /** A byte of the response has come. */
  #answered = false;
  /** The final head has come. */
  #headRead = false;

  constructor(
    pool: ConnectionPool,
    connection: UpstreamConnection,
    request: UpstreamRequest,
    options: ExchangeOptions,
  ) {
    this.#pool = pool;
    this.#connection = connection;
    this.#request = request;
    this.#options = options;
    connection.writeTimeoutMs = options.bodyTimeoutMs;
  }

  /** Whether the same request may be tried again on a new connection after this one failed. */
  get repeatable(): boolean {
    return this.#connection.reused && !this.#connection.timedOut && !this.#answered &&
      this.#writer === undefined && IDEMPOTENT.has(this.#request.method) &&
      this.#options.cancellation?.cancelled !== true;
  }

  async run(): Promise<UpstreamResponse> {
    const { cancellation } = this.#options;
    cancellation?.subscribe(this.#onCancel);
    try {
      return await this.#run();
    } catch (error) {
      cancellation?.unsubscribe(this.#onCancel);
      const reason = this.#explain(error);
      this.#connection.close();
      throw reason;
    }
  }

  async #run(): Promise<UpstreamResponse> {
    const { body, expectContinue } = this.#request;
    const framing = bodyFraming(body);
    this.#writeHead(framing);
    let head: ResponseHead | undefined;
    let coming: Promise<ResponseHead> | undefined;
    if (body === null || framing.kind === "none") {
      this.#sent = true;
      await this.#connection.output.flush();
      this.#awaitResponse();
    } else if (expectContinue !== true) {
      this.#sendBody(body, framing);
    } else {
      await this.#connection.output.flush();
      coming = this.#readHead();
      head = await within(coming, CONTINUE_WAIT_MS);
      // An interim answer, or none within the time, means "go on"; a final one means that nobody wants the body.
      if (head === undefined || head.status < 200) this.#sendBody(body, framing);
    }
    head ??= await (coming ?? this.#readHead());
    for (let count = 0; head.status < 200 && head.status !== 101; count++) {
      if (count === MAX_INFORMATIONAL) throw protocolError("it sends interim responses without end");
      if (head.status === 100 || head.status === 103) await this.#options.onInformational?.(head);
      head = await this.#readHead();
    }
    if (head.status === 101 && this.#request.upgrade === undefined) {
      throw protocolError("it upgrades unasked");
    }
    this.#connection.readDeadline.disarm();
    this.#options.cancellation?.unsubscribe(this.#onCancel);
    return this.#response(head);
  }

  #writeHead(framing: Framing): void {
    const { method, target, upgrade, expectContinue, fields } = this.#request;
    const { forwarding } = this.#connection;
    const extra: OutgoingField[] = [];
    const authorization = forwarding?.authorization ?? null;
    if (authorization !== null) extra.push({ name: "Proxy-Authorization", value: authorization });
    if (upgrade !== undefined) extra.push({ name: "Upgrade", value: upgrade });
    if (expectContinue === true && framing.kind !== "none") {
      extra.push({ name: "Expect", value: "100-continue" });
    }
    try {
      writeRequestHead(
        this.#connection.output,
        { method, target: forwarding === undefined ? target : absoluteForm(this.#connection.origin, target) },
        extra.length > 0 ? [...fields, ...extra] : fields,
        framing,
        upgrade === undefined ? undefined : "Upgrade",
      );
    } catch (error) {
      this.#connection.output.discard();
      throw error;
    }
  }

  /** Sends the body while the response is awaited. */
  #sendBody(body: BodySource, framing: Framing): void {
    const writer = new BodyWriter(this.#connection.output, framing);
    this.#writer = writer;
    this.#sending = writer.pump(body).then(() => {
      this.#sent = true;
    }, (error: unknown) => {
      // If the upstream takes no more, its answer may still be on the way. If the source failed, there is no request.
      if (this.#connection.output.failed) return;
      this.#sourceError = error instanceof Error ? error : new Error(String(error));
      this.#connection.close();
    }).then(() => this.#awaitResponse());
  }

  /** The request is out: from now on the response is late or not. */
  #awaitResponse(): void {
    if (!this.#headRead) this.#connection.readDeadline.arm(this.#options.responseTimeoutMs);
  }

  async #readHead(): Promise<ResponseHead> {
    const { reader } = this.#connection;
    const { maxHeadBytes, maxHeaderFields } = this.#options;
    const coming = reader.head(maxHeadBytes);
    const bytes = coming instanceof Promise
      ? await coming.finally(() => this.#answered ||= reader.buffered > 0)
      : coming;
    if (bytes === null) throw new UpstreamError("upstream_closed", "cannot read the response: none came");
    this.#answered = true;
    const head = parseResponseHead(bytes, { ...DEFAULT_HEAD_LIMITS, maxHeaderFields });
    this.#headRead = head.status >= 200;
    if (head.status === 407 && this.#connection.forwarding !== undefined) {
      throw new UpstreamError(
        "upstream_proxy",
        "cannot reach the host: the proxy on the way does not take our user name and password, or wants some (407)",
      );
    }
    return head;
  }

  #response(head: ResponseHead): UpstreamResponse {
    const framing = responseFraming(head, this.#request.method);
    return new UpstreamResponse(
      head,
      framing,
      {
        pool: this.#pool,
        connection: this.#connection,
        bodyTimeoutMs: this.#options.bodyTimeoutMs,
        cancellation: this.#options.cancellation,
        reusable: isReusable(head, framing),
        writer: this.#writer,
        sending: this.#sending,
        isSent: () => this.#sent,
      },
    );
  }

  /** What went wrong, in the order of what is most to the point. */
  #explain(error: unknown): unknown {
    const cancelled = this.#options.cancellation?.reason;
    if (cancelled !== undefined) return cancelled;
    if (this.#sourceError !== undefined) return this.#sourceError;
    if (this.#connection.timedOut) {
      return new UpstreamError("upstream_timeout", "cannot read the response: it did not come in time", {
        cause: error,
      });
    }
    if (error instanceof UpstreamError) return error;
    if (error instanceof HttpError) {
      if (error.code === "bad_outgoing_value") return error;
      if (error.code !== "truncated") return protocolError(reasonOf(error), error);
    }
    return new UpstreamError("upstream_closed", "cannot read the response: the connection broke", {
      cause: error,
    });
  }
}

/** RFC 9112 section 3.2.2: a proxy is told the whole URL. */
function absoluteForm(origin: Origin, target: OutgoingValue): OutgoingValue {
  const port = origin.port === 80 ? "" : `:${origin.port}`;
  const prefix = `http://${bracketHost(origin.host)}${port}`;
  return typeof target === "string" ? prefix + target : concat(utf8(prefix), target);
}

function bodyFraming(body: BodySource | null): Framing {
  if (body === null) return { kind: "none" };
  return body.length === null ? { kind: "chunked" } : { kind: "length", length: body.length };
}

function isReusable(head: ResponseHead, framing: Framing): boolean {
  if (head.version === "1.0" || framing.kind === "close" || head.headers.hasToken("connection", "close")) {
    return false;
  }
  // Some servers send a body all the same where there can be none.
  return framing.kind !== "none" || !head.headers.has("transfer-encoding");
}

async function within<T>(work: Promise<T>, milliseconds: number): Promise<T | undefined> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(resolve, milliseconds, undefined);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}

function protocolError(why: string, cause?: unknown): UpstreamError {
  return new UpstreamError("upstream_protocol", `cannot use the response: ${why}`, { cause });
}
