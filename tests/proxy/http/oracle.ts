import { Buffer } from "node:buffer";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import {
  BodyReader,
  BufferedReader,
  HttpError,
  parseRequestHead,
  requestFraming,
} from "../../../src/proxy/http/mod.ts";
import { concat } from "../../../src/core/bytes.ts";
import { latin1Text } from "../../../src/proxy/http/latin1.ts";
import { MemoryStream } from "./memory_stream.ts";

/** A request as a parser framed it. */
export interface Framed {
  method: string;
  target: string;
  fields: string[];
  body: string;
}

/** The complete requests our codec finds in some bytes, up to the first it refuses. */
export async function frameByUs(bytes: Uint8Array): Promise<Framed[]> {
  const reader = new BufferedReader(new MemoryStream([bytes]));
  const found: Framed[] = [];
  try {
    for (let head = await reader.head(65_536); head !== null; head = await reader.head(65_536)) {
      const { method, target, headers, version } = parseRequestHead(head);
      const framing = requestFraming({ method, target, headers, version });
      const body = new BodyReader(reader, framing, { side: "client" });
      const pieces: Uint8Array[] = [];
      for (let piece = await body.read(); piece !== null; piece = await body.read()) {
        pieces.push(piece.slice());
      }
      const fields = [...headers].flatMap(({ name, value }) => [name, value]);
      found.push({ method, target, fields, body: latin1Text(concat(...pieces)) });
      if (version === "1.0" || headers.hasToken("connection", "close")) break;
    }
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
  }
  return found;
}

/** A request whose head llhttp has read. */
interface Seen extends Framed {
  complete: boolean;
}

/** How long the oracle may take over what it got, once it has got everything, before it is told that this was all. */
const SETTLE_MS = 20;

/** llhttp behind a real socket. */
export class Oracle implements AsyncDisposable {
  readonly #requests = new Map<number, Seen[]>();
  readonly #server = createServer({ requestTimeout: 2_000, headersTimeout: 1_000 });

  async #keep(request: IncomingMessage): Promise<void> {
    const list = this.#requests.get(request.socket.remotePort ?? 0);
    const pieces: Uint8Array[] = [];
    const { method = "", url: target = "", rawHeaders: fields } = request;
    const framed: Seen = { method, target, fields, body: "", complete: false };
    list?.push(framed);
    try {
      for await (const piece of request) pieces.push(piece as Uint8Array);
    } catch {
      return; // Ended within its body: not a complete request.
    }
    framed.body = Buffer.concat(pieces).toString("latin1");
    framed.complete = true;
  }

  async start(): Promise<void> {
    // Otherwise the end of our half aborts what has arrived and is not yet delivered.
    Object.assign(this.#server, { httpAllowHalfOpen: true });
    this.#server.on(
      "connection",
      (socket) => socket.on("end", () => setTimeout(() => socket.destroy(), SETTLE_MS)),
    );
    // What was complete before the error is still being delivered.
    this.#server.on("clientError", (_error, socket) => setTimeout(() => socket.destroy(), SETTLE_MS));
    // An expectation is none of the parser's business.
    for (const event of ["request", "checkContinue", "checkExpectation"]) {
      this.#server.on(event, (request: IncomingMessage, response: ServerResponse) => {
        void this.#keep(request).finally(() => response.end());
      });
    }
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
  }

  /** The complete requests llhttp finds. */
  async frame(bytes: Uint8Array): Promise<Framed[]> {
    const { port } = this.#server.address() as AddressInfo;
    using connection = await Deno.connect({ hostname: "127.0.0.1", port });
    const list: Seen[] = [];
    this.#requests.set((connection.localAddr as Deno.NetAddr).port, list);
    try {
      for (let from = 0; from < bytes.length;) from += await connection.write(bytes.subarray(from));
      await connection.closeWrite();
      const sink = new Uint8Array(4096);
      while (await connection.read(sink) !== null) { /* Answers are of no interest. */ }
    } catch {
      // Reset by the oracle: it has seen what it wanted to see.
    }
    this.#requests.delete((connection.localAddr as Deno.NetAddr).port);
    return list.filter(({ complete }) => complete).map(({ complete: _, ...framed }) => framed);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
