import assert from "node:assert/strict";
import fc from "fast-check";
import { Buffer } from "node:buffer";
import { request as httpRequest } from "node:http";
import {
  BodyReader,
  BufferedReader,
  HttpError,
  latin1Bytes,
  latin1Text,
  parseResponseHead,
  responseFraming,
} from "../../../src/proxy/http/mod.ts";
import { concat } from "../../../src/core/bytes.ts";
import { MemoryStream } from "./memory_stream.ts";

const CASES = Math.ceil(Number(Deno.env.get("WISPKEY_FUZZ_CASES") ?? 2_000) / 2);

interface Answer {
  status: number;
  fields: string[];
  body: string;
}

async function readByUs(bytes: Uint8Array, method: string): Promise<Answer & { rest: number } | null> {
  const reader = new BufferedReader(new MemoryStream([bytes]));
  try {
    for (;;) {
      const head = await reader.head(65_536);
      if (head === null) return null;
      const { status, headers, version, reason } = parseResponseHead(head);
      const framing = responseFraming({ status, headers, version, reason }, method);
      if (status < 200) {
        if (status === 101) return null;
        continue;
      }
      const body = new BodyReader(reader, framing, { side: "upstream" });
      const pieces: Uint8Array[] = [];
      for (let piece = await body.read(); piece !== null; piece = await body.read()) {
        pieces.push(piece.slice());
      }
      const fields = [...headers].flatMap(({ name, value }) => [name, value]);
      while (await reader.fill()) { /* whatever follows */ }
      return { status, fields, body: latin1Text(concat(...pieces)), rest: reader.buffered };
    }
  } catch (error) {
    if (error instanceof HttpError) return null;
    throw error;
  }
}

/** Plays one prepared answer to each connection and lets node:http read it. */
class Player implements AsyncDisposable {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #answers = new Map<string, Uint8Array>();
  readonly #done = this.#play();

  async #play(): Promise<void> {
    const running: Promise<void>[] = [];
    for await (const conn of this.#listener) running.push(this.#answer(conn));
    await Promise.all(running);
  }

  async #answer(conn: Deno.TcpConn): Promise<void> {
    try {
      const reader = new BufferedReader(conn);
      const head = await reader.head(65_536);
      if (head === null) return;
      const bytes = this.#answers.get(latin1Text(head).split(" ")[1] ?? "") ?? new Uint8Array(0);
      for (let from = 0; from < bytes.length;) from += await conn.write(bytes.subarray(from));
      await conn.closeWrite();
      while (await reader.fill()) reader.skip(reader.buffered);
    } catch {
      // The client has seen enough.
    } finally {
      conn.close();
    }
  }

  readByOracle(bytes: Uint8Array, method: string, index: number): Promise<Answer | null> {
    const path = `/${index}`;
    this.#answers.set(path, bytes);
    return new Promise((resolve) => {
      const options = {
        host: "127.0.0.1",
        port: this.#listener.addr.port,
        path,
        method,
        agent: false as const,
      };
      const request = httpRequest(options, (response) => {
        const pieces: Uint8Array[] = [];
        response.on("data", (piece: Uint8Array) => pieces.push(piece));
        response.on("error", () => resolve(null));
        response.on("aborted", () => resolve(null));
        response.on("end", () =>
          resolve({
            status: response.statusCode ?? 0,
            fields: response.rawHeaders,
            body: Buffer.concat(pieces).toString("latin1"),
          }));
      });
      request.on("error", () => resolve(null));
      request.on("close", () => resolve(null));
      request.end();
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    await this.#done;
  }
}

const statusLine = fc.constantFrom(
  "HTTP/1.1 200 OK",
  "HTTP/1.1 200 OK",
  "HTTP/1.1 200 ",
  "HTTP/1.0 200 OK",
  "HTTP/1.1 204 No Content",
  "HTTP/1.1 304 Not Modified",
  "HTTP/1.1 404 Not Found",
  "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK",
  "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK",
  "HTTP/1.1  200 OK",
  "HTTP/1.1 20 OK",
  "HTTP/1.1 200\tOK",
);
const field = fc.constantFrom(
  "Content-Length: 5",
  "Content-Length: 5",
  "Content-Length: 0",
  "Content-Length: 5, 5",
  "Content-Length: +5",
  "Content-Length : 5",
  "Transfer-Encoding: chunked",
  "Transfer-Encoding: chunked",
  "Transfer-Encoding: Chunked",
  "Transfer-Encoding: xchunked",
  "Transfer-Encoding: chunked, identity",
  "Transfer-Encoding: gzip, chunked",
  "Connection: close",
  "X: y",
  "X: \x80\xff",
  "X: a\0b",
  "X: a\rb",
  "X: a\nb",
  " X: folded",
);
const body = fc.constantFrom(
  "",
  "hello",
  "hello!",
  "hell",
  "5\r\nhello\r\n0\r\n\r\n",
  "5;a=b\r\nhello\r\n0\r\nA: b\r\n\r\n",
  "5\nhello\n0\n\n",
  "5 \r\nhello\r\n0\r\n\r\n",
  "5\r\nhello\r\n",
  "5\r\nhello0\r\n\r\n",
  "5\r\nhello\r\n0\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx",
);
const answer = fc.tuple(statusLine, fc.array(field, { maxLength: 3 }), body)
  .map(([start, fields, content]) => latin1Bytes([start, ...fields, "", ""].join("\r\n") + content));

Deno.test(`no response that llhttp reads differently is accepted (${CASES} answers)`, async () => {
  await using player = new Player();
  const seed = Number(Deno.env.get("WISPKEY_FUZZ_SEED") ?? Date.now() % 1_000_000_000);
  const samples = fc.sample(fc.tuple(answer, fc.constantFrom("GET", "GET", "GET", "HEAD")), {
    numRuns: CASES,
    seed,
  });
  let agreed = 0;
  const check = async ([bytes, method]: [Uint8Array, string], index: number): Promise<void> => {
    const read = await readByUs(bytes, method);
    if (read === null) return;
    const { rest, ...ours } = read;
    const theirs = await player.readByOracle(bytes, method, index);
    // Bytes beyond the response cost the connection with us; llhttp may refuse the response for them.
    if (theirs === null && rest > 0) return;
    assert.deepEqual(theirs, ours, `seed ${seed}: ${method} ${JSON.stringify(latin1Text(bytes))}`);
    agreed++;
  };
  for (let from = 0; from < samples.length; from += 32) {
    await Promise.all(samples.slice(from, from + 32).map((sample, index) => check(sample, from + index)));
  }
  assert.ok(agreed > CASES / 20, `only ${agreed} answers were accepted: the samples test nothing`);
});
