import { utf8 } from "../../../src/core/bytes.ts";
import {
  BodyReader,
  BufferedReader,
  ConnectionPool,
  DeadlineClock,
  endToEndFields,
  exchange,
  type ExchangeOptions,
  type HttpListener,
  latin1Text,
  listen,
  type ListenOptions,
  type Origin,
  parseResponseHead,
  type RequestHandler,
  responseFraming,
} from "../../../src/proxy/http/mod.ts";

/** Limits short enough for tests. */
export const LIMITS = {
  headerTimeoutMs: 5_000,
  idleTimeoutMs: 5_000,
  bodyTimeoutMs: 5_000,
  maxHeadBytes: 16_384,
  maxHeaderFields: 100,
};

/** A listener on a free port that answers errors as text. */
export function serve(handler: RequestHandler, options: Partial<ListenOptions> = {}): HttpListener {
  return listen({
    port: 0,
    limits: () => LIMITS,
    maxConnections: () => 1_000,
    clock: new DeadlineClock(5),
    onError: ({ status, code }) => ({
      status,
      fields: [{ name: "Content-Type", value: "text/plain" }],
      body: utf8(code),
    }),
    ...options,
  }, handler);
}

/** A proxy to one origin, over its own pool. */
export class ProxyFixture implements AsyncDisposable {
  readonly pool = new ConnectionPool({ clock: new DeadlineClock(5) });
  readonly listener: HttpListener;
  /** What handlers threw. */
  readonly errors: unknown[] = [];

  constructor(origin: Origin, options: Partial<ExchangeOptions> & { limits?: typeof LIMITS } = {}) {
    const { limits = LIMITS, ...rest } = options;
    this.listener = serve(async (request) => {
      try {
        const response = await exchange(this.pool, origin, {
          method: request.head.method,
          target: request.head.target,
          fields: endToEndFields(request.head.headers).filter(({ lower }) => lower !== "expect"),
          body: request.framing.kind === "none" ? null : request.body,
          expectContinue: request.head.headers.has("expect"),
        }, {
          ...limits,
          dial: { connectTimeoutMs: 5_000 },
          responseTimeoutMs: 5_000,
          cancellation: request.gone,
          onInformational: (head) => request.informational(head.status, endToEndFields(head.headers)),
          ...rest,
        });
        await request.respond(response.head.status, endToEndFields(response.head.headers), response);
      } catch (error) {
        this.errors.push(error);
        throw error;
      }
    }, { limits: () => limits });
  }

  get port(): number {
    return this.listener.port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.listener.close();
    this.pool.close();
  }
}

/** A response as a client got it. */
export interface Received {
  status: number;
  fields: string[];
  body: string;
  trailers: string[];
}

/** A client that writes bytes and reads responses. */
export class RawClient implements Disposable {
  readonly conn: Deno.TcpConn;
  readonly reader: BufferedReader;

  constructor(conn: Deno.TcpConn) {
    this.conn = conn;
    this.reader = new BufferedReader(conn);
  }

  static async connect(port: number): Promise<RawClient> {
    return new RawClient(await Deno.connect({ hostname: "127.0.0.1", port }));
  }

  async send(data: string | Uint8Array): Promise<void> {
    const bytes = typeof data === "string" ? utf8(data) : data;
    for (let from = 0; from < bytes.length;) from += await this.conn.write(bytes.subarray(from));
  }

  /** The next head, with an empty body. */
  async head(): Promise<ReturnType<typeof parseResponseHead>> {
    const bytes = await this.reader.head(65_536);
    if (bytes === null) throw new Error("the server closed without an answer");
    return parseResponseHead(bytes);
  }

  /** The next whole response; fails if it is truncated. */
  async receive(method = "GET"): Promise<Received> {
    const head = await this.head();
    const body = new BodyReader(this.reader, responseFraming(head, method), { side: "upstream" });
    let text = "";
    for (let piece = await body.read(); piece !== null; piece = await body.read()) text += latin1Text(piece);
    return {
      status: head.status,
      fields: [...head.headers].map(({ name, value }) => `${name}: ${value}`),
      body: text,
      trailers: [...body.trailers ?? []].map(({ name, value }) => `${name}: ${value}`),
    };
  }

  /** All bytes up to the end. */
  async rest(): Promise<string> {
    while (await this.reader.fill()) { /* gather */ }
    return latin1Text(this.reader.peek());
  }

  [Symbol.dispose](): void {
    try {
      this.conn.close();
    } catch {
      // Closed by the test already.
    }
  }
}

/** An upstream whose every connection is played by a script. */
export class ScriptedUpstream implements AsyncDisposable {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #done: Promise<void>;
  readonly #running: Promise<void>[] = [];
  connections = 0;

  constructor(script: (client: RawClient, connection: number) => Promise<void>) {
    this.#done = (async () => {
      for await (const conn of this.#listener) {
        const number = ++this.connections;
        this.#running.push((async () => {
          using client = new RawClient(conn);
          await script(client, number);
        })());
      }
    })();
  }

  get origin(): Origin {
    return { scheme: "http", host: "127.0.0.1", port: this.#listener.addr.port };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    await this.#done;
    await Promise.all(this.#running);
  }
}

/** Reads one request head of a scripted upstream and gives it as text. */
export async function requestText(client: RawClient): Promise<string> {
  const bytes = await client.reader.head(65_536);
  return bytes === null ? "" : latin1Text(bytes);
}
