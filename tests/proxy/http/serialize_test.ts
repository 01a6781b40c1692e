import assert from "node:assert/strict";
import fc from "fast-check";
import { utf8 } from "../../../src/core/bytes.ts";
import {
  HttpError,
  latin1Bytes,
  latin1Text,
  OutputBuffer,
  parseRequestHead,
  writeFieldLines,
  writeRequestHead,
  writeResponseHead,
} from "../../../src/proxy/http/mod.ts";
import { MemoryStream } from "./memory_stream.ts";

async function sent(write: (output: OutputBuffer) => void): Promise<string> {
  const stream = new MemoryStream([]);
  const output = new OutputBuffer(stream);
  write(output);
  await output.flush();
  return stream.text;
}

const unfit = (error: unknown) => error instanceof HttpError && error.code === "bad_outgoing_value";

Deno.test("a request head is written with secrets in their places, framing last", async () => {
  const text = await sent((output) =>
    writeRequestHead(
      output,
      { method: "POST", target: utf8("/q?key=S3CRET") },
      [
        { name: "Host", value: "a" },
        { name: "authorization", value: utf8("Bearer S3CRET") },
        { name: "X-Raw", value: "\xe9" },
        { name: "Content-Length", value: "999" },
        { name: "Transfer-Encoding", value: "gzip" },
        { name: "Connection", value: "keep-alive" },
      ],
      { kind: "length", length: 3 },
    )
  );
  const expected =
    "POST /q?key=S3CRET HTTP/1.1\r\nHost: a\r\nauthorization: Bearer S3CRET\r\nX-Raw: \xe9\r\nContent-Length: 3\r\n\r\n";
  assert.equal(text, expected);
});

Deno.test("a response head that describes a body it does not have keeps the given length", async () => {
  const fields = [{ name: "Content-Length", value: "10" }, { name: "Transfer-Encoding", value: "chunked" }];
  const line = { status: 200, reason: "OK" };
  assert.equal(
    await sent((output) => writeResponseHead(output, line, fields, "described", "close")),
    "HTTP/1.1 200 OK\r\nContent-Length: 10\r\nConnection: close\r\n\r\n",
  );
  assert.equal(
    await sent((output) => writeResponseHead(output, line, fields, { kind: "chunked" })),
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
  );
});

Deno.test("nothing that is one value can become two fields", () => {
  const output = new OutputBuffer(new MemoryStream([]));
  const none = { kind: "none" } as const;
  const request = { method: "GET", target: "/" };
  for (const bad of ["a\r\nX: y", "a\nb", "a\rb", "a\0b", "a\x7fb", "a\u0100b", "a\u{1f600}"]) {
    const value = [{ name: "A", value: bad }];
    assert.throws(() => writeRequestHead(output, request, value, none), unfit, bad);
    assert.throws(() => writeResponseHead(output, { status: 200, reason: bad }, [], none), unfit);
    assert.throws(() => writeFieldLines(output, value), unfit);
    assert.throws(() => writeRequestHead(output, { method: "GET", target: bad }, [], none), unfit);
    if (/^[\0-\x7f]*$/.test(bad)) {
      assert.throws(() => writeRequestHead(output, request, [{ name: "A", value: utf8(bad) }], none), unfit);
      assert.throws(() => writeRequestHead(output, { method: "GET", target: utf8(bad) }, [], none), unfit);
    }
  }
  for (const name of ["", "a b", "a:b", "a\r\nb", "\xe9"]) {
    assert.throws(() => writeRequestHead(output, request, [{ name, value: "x" }], none), unfit);
    assert.throws(() => writeRequestHead(output, { method: name, target: "/" }, [], none), unfit);
  }
  for (const target of ["", "/a b", "/\xe9"]) {
    assert.throws(() => writeRequestHead(output, { method: "GET", target }, [], none), unfit);
  }
  for (const status of [99, 1000, 200.5, NaN]) {
    assert.throws(() => writeResponseHead(output, { status, reason: "" }, [], none), unfit);
  }
});

Deno.test("the error for a bad value names the field and not the value", () => {
  const output = new OutputBuffer(new MemoryStream([]));
  assert.throws(
    () =>
      writeRequestHead(output, { method: "GET", target: "/" }, [{ name: "X-Key", value: utf8("S3CRET\n") }], {
        kind: "none",
      }),
    (error) => error instanceof Error && error.message.includes("X-Key") && !error.message.includes("S3CRET"),
  );
});

Deno.test("whatever was read is written back as it came", async () => {
  const name = fc.stringMatching(/^X-[!#$%&'*+\-.^_`|~0-9A-Za-z]{0,12}$/);
  const value = fc.stringMatching(
    /^([\x21-\x7e\x80-\xff]([\t \x21-\x7e\x80-\xff]{0,20}[\x21-\x7e\x80-\xff])?)?$/,
  );
  await fc.assert(fc.asyncProperty(fc.array(fc.tuple(name, value)), async (fields) => {
    const bytes = latin1Bytes(
      `GET /x HTTP/1.1\r\nHost: a\r\n${fields.map(([n, v]) => `${n}: ${v}\r\n`).join("")}\r\n`,
    );
    const head = parseRequestHead(bytes);
    assert.equal(
      await sent((output) => writeRequestHead(output, head, head.headers, { kind: "none" })),
      latin1Text(bytes),
    );
  }));
});

/** A stream that keeps the very buffers it was given. */
class KeepingStream extends MemoryStream {
  readonly buffers: Uint8Array[] = [];
  override write(bytes: Uint8Array): Promise<number> {
    this.buffers.push(new Uint8Array(bytes.buffer));
    return super.write(bytes);
  }
}

const holds = (bytes: Uint8Array, text: string) => latin1Text(bytes).includes(text);

Deno.test("buffers that held a secret are zero once it is sent, or once sending failed", async () => {
  for (const outcome of ["sent", "failed", "discarded", "grown"] as const) {
    const stream = new KeepingStream([]);
    if (outcome === "failed") {
      const { write } = stream;
      stream.write = async (bytes) => {
        await write.call(stream, bytes);
        throw new Error("gone");
      };
    }
    const output = new OutputBuffer(stream);
    output.text("GET / HTTP/1.1\r\nA: ");
    output.bytes(utf8("S3CRET-S3CRET"), true);
    if (outcome === "grown") output.bytes(new Uint8Array(20_000));
    if (outcome === "discarded") output.discard();
    else await output.flush().catch(() => {});
    assert.ok(stream.buffers.every((buffer) => !holds(buffer, "S3CRET")), outcome);
    // The next to use a lent buffer must not find it either.
    const next = new KeepingStream([]);
    const other = new OutputBuffer(next);
    other.text("x");
    await other.flush();
    assert.ok(next.buffers.every((buffer) => !holds(buffer, "S3CRET")), outcome);
  }
});

Deno.test("what is gathered while a write is under way goes out after it, in order", async () => {
  const stream = new MemoryStream([]);
  stream.writeLimit = 3;
  const output = new OutputBuffer(stream);
  output.text("first ");
  const first = output.flush();
  output.text("second ");
  const second = output.flush();
  const third = output.writeThrough(utf8("third"));
  await Promise.all([first, second, third]);
  assert.equal(stream.text, "first second third");
  assert.equal(output.written, 18);
});
