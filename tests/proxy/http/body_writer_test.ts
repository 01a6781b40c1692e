import assert from "node:assert/strict";
import fc from "fast-check";
import { concat, utf8 } from "../../../src/core/bytes.ts";
import {
  BodyReader,
  type BodySource,
  BodyWriter,
  BufferedReader,
  type Framing,
  HeaderList,
  OutputBuffer,
} from "../../../src/proxy/http/mod.ts";
import { cut, MemoryStream } from "./memory_stream.ts";

/** A source of prepared pieces; a promise among them is a wait. */
function source(
  pieces: (Uint8Array | Promise<Uint8Array>)[],
  trailers: HeaderList | null = null,
): BodySource {
  return { length: null, trailers, read: () => pieces.shift() ?? null, cancel: () => {} };
}

function written(framing: Framing) {
  const stream = new MemoryStream([]);
  const output = new OutputBuffer(stream);
  return { stream, output, writer: new BodyWriter(output, framing) };
}

Deno.test("head and small body are one write", async () => {
  for (
    const framing of [{ kind: "length", length: 5 }, { kind: "chunked" }, { kind: "close" }] as Framing[]
  ) {
    const { stream, output, writer } = written(framing);
    output.text("HEAD\r\n\r\n");
    await writer.pump(source([utf8("he"), utf8("llo")]));
    assert.equal(stream.written.length, 1);
    assert.equal(
      stream.text,
      framing.kind === "chunked" ? "HEAD\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n" : "HEAD\r\n\r\nhello",
    );
  }
});

Deno.test("what is at hand is sent before waiting for more", async () => {
  const { stream, output, writer } = written({ kind: "chunked" });
  const { promise, resolve } = Promise.withResolvers<Uint8Array>();
  output.text("HEAD ");
  const done = writer.pump(source([utf8("event"), promise]));
  await new Promise((resolve) => setTimeout(resolve, 0));
  assert.equal(stream.text, "HEAD 5\r\nevent\r\n");
  assert.equal(writer.waiting, true);
  resolve(utf8("next"));
  await done;
  assert.equal(stream.text, "HEAD 5\r\nevent\r\n4\r\nnext\r\n0\r\n\r\n");
});

Deno.test("trailers go out with chunks and nowhere else", async () => {
  const trailers = new HeaderList([["X-Sum", "1"]]);
  const chunks = written({ kind: "chunked" });
  await chunks.writer.pump(source([], trailers));
  assert.equal(chunks.stream.text, "0\r\nX-Sum: 1\r\n\r\n");
  const close = written({ kind: "close" });
  await close.writer.pump(source([utf8("a")], trailers));
  assert.equal(close.stream.text, "a");
});

Deno.test("a body that is not as long as declared is never made to look complete", async () => {
  const longer = written({ kind: "length", length: 3 });
  await assert.rejects(longer.writer.pump(source([utf8("abcd")])), { code: "bad_outgoing_value" });
  const shorter = written({ kind: "length", length: 3 });
  await assert.rejects(shorter.writer.pump(source([utf8("ab")])), { code: "bad_outgoing_value" });
  const failing = written({ kind: "chunked" });
  const failure = Promise.reject(new Error("source failed"));
  failure.catch(() => {});
  await assert.rejects(failing.writer.pump(source([utf8("ab"), failure])), /source failed/);
  assert.equal(failing.stream.text, "2\r\nab\r\n");
});

Deno.test("a failing write ends the pump, and the read it left behind harms nobody", async () => {
  const stream = new MemoryStream([]);
  stream.write = () => Promise.reject(new Deno.errors.BrokenPipe("gone"));
  const output = new OutputBuffer(stream);
  const late = Promise.withResolvers<Uint8Array>();
  output.text("HEAD");
  await assert.rejects(
    new BodyWriter(output, { kind: "chunked" }).pump(source([late.promise])),
    Deno.errors.BrokenPipe,
  );
  assert.equal(output.failed, true);
  late.reject(new Error("later"));
});

Deno.test("any pieces in any framing read back as the same content", async () => {
  const size = fc.oneof(fc.nat(50), fc.constantFrom(16_383, 16_384, 131_072, 135_000, 200_000));
  await fc.assert(
    fc.asyncProperty(
      fc.array(size, { maxLength: 6 }),
      fc.boolean(),
      fc.constantFrom("length", "chunked", "close"),
      fc.array(fc.nat(), { maxLength: 5 }),
      async (sizes, waits, kind, places) => {
        const pieces = sizes.map((length, index) => new Uint8Array(length).fill(index + 1));
        const content = concat(...pieces);
        const framing = (kind === "length" ? { kind, length: content.length } : { kind }) as Framing;
        const { stream, output, writer } = written(framing);
        stream.writeLimit = 40_000;
        output.text("HEAD");
        await writer.pump(source(waits ? pieces.map((piece) => Promise.resolve(piece)) : [...pieces]));
        assert.equal(writer.bytesSent, content.length);
        const bytes = concat(...stream.written).subarray(4);
        const reader = new BufferedReader(new MemoryStream(cut(bytes, places)));
        const body = new BodyReader(reader, framing, { side: "upstream" });
        const read: Uint8Array[] = [];
        for (let piece = await body.read(); piece !== null; piece = await body.read()) {
          read.push(piece.slice());
        }
        assert.deepEqual(concat(...read), content);
      },
    ),
    { numRuns: 60 },
  );
});

/** Pieces in one buffer, which is used again for each; `before` and `behind` bytes around them may be overwritten. */
function placed(contents: readonly Uint8Array[], before: number, behind: number): BodySource {
  const largest = Math.max(0, ...contents.map(({ length }) => length));
  const buffer = new Uint8Array(before + largest + behind);
  let next = 0;
  return {
    length: null,
    trailers: null,
    roomBefore: before,
    roomAfter: behind,
    read: () => {
      const content = contents[next++];
      if (content === undefined) return null;
      buffer.fill(0xee);
      buffer.set(content, before);
      return buffer.subarray(before, before + content.length);
    },
    cancel: () => {},
  };
}

Deno.test("pieces with room around them read back as the same content, in chunks and without", async () => {
  const size = fc.oneof(fc.nat(50), fc.constantFrom(16_383, 16_384, 40_000, 131_072, 135_168, 200_000));
  await fc.assert(
    fc.asyncProperty(
      fc.array(size, { maxLength: 5 }),
      fc.nat(20),
      fc.nat(4),
      fc.constantFrom("length", "chunked", "close"),
      async (sizes, before, behind, kind) => {
        const pieces = sizes.map((length, index) => new Uint8Array(length).fill(index + 1));
        const content = concat(...pieces);
        const framing = (kind === "length" ? { kind, length: content.length } : { kind }) as Framing;
        const { stream, output, writer } = written(framing);
        stream.writeLimit = 40_000;
        output.text("HEAD");
        await writer.pump(placed(pieces, before, behind));
        const reader = new BufferedReader(new MemoryStream([concat(...stream.written).subarray(4)]));
        const body = new BodyReader(reader, framing, { side: "upstream" });
        const read: Uint8Array[] = [];
        for (let piece = await body.read(); piece !== null; piece = await body.read()) {
          read.push(piece.slice());
        }
        assert.deepEqual(concat(...read), content);
      },
    ),
    { numRuns: 60 },
  );
});

Deno.test("a large piece with room around it becomes a chunk where it lies: one write, no copy", async () => {
  const buffers = new Set<ArrayBufferLike>();
  const stream = new MemoryStream([]);
  const write = stream.write.bind(stream);
  stream.write = (bytes) => {
    buffers.add(bytes.buffer);
    return write(bytes);
  };
  const writer = new BodyWriter(new OutputBuffer(stream), { kind: "chunked" });
  const buffer = new Uint8Array(70_000).fill(0x61);
  await writer.write(buffer.subarray(100, 65_636), { roomBefore: 100, roomAfter: 2 });
  assert.deepEqual([...buffers], [buffer.buffer]);
  assert.equal(stream.written.length, 1);
  assert.equal(stream.text, `10000\r\n${"a".repeat(65_536)}\r\n`);
});

Deno.test("nothing is written around a piece that says nothing of room, or has too little", async () => {
  for (
    const room of [undefined, {}, { roomBefore: 100 }, { roomBefore: 100, roomAfter: 1 }, {
      roomBefore: 9,
      roomAfter: 2,
    }]
  ) {
    const { stream, writer } = written({ kind: "chunked" });
    const buffer = new Uint8Array(70_000).fill(0x61);
    await writer.write(buffer.subarray(100, 65_636), room);
    assert.equal(stream.text, `10000\r\n${"a".repeat(65_536)}\r\n`);
    assert.ok(buffer.every((byte) => byte === 0x61), "as it was");
  }
});

Deno.test("copies of a secret body are wiped once written, in any framing, and those of others need not be", async () => {
  for (const framing of [{ kind: "length", length: 6 }, { kind: "chunked" }] as Framing[]) {
    const blocks: Uint8Array[] = [];
    const output = new OutputBuffer({
      read: () => Promise.resolve(null),
      write: (bytes) => {
        blocks.push(bytes);
        return Promise.resolve(bytes.length);
      },
      closeWrite: () => Promise.resolve(),
      close: () => {},
    });
    output.text("HEAD\r\n\r\n");
    await new BodyWriter(output, framing).pump({ ...source([utf8("s3cret")]), secret: true });
    assert.equal(blocks.length, 1);
    assert.ok(blocks.every((block) => block.every((byte) => byte === 0)));
  }
});
