import assert from "node:assert/strict";
import fc from "fast-check";
import { concat, utf8 } from "../../../src/core/bytes.ts";
import {
  BodyReader,
  BufferedReader,
  type Framing,
  HttpError,
  UpstreamError,
} from "../../../src/proxy/http/mod.ts";
import { BODY_BLOCK, HEADROOM } from "../../../src/proxy/http/blocks.ts";
import { cut, MemoryStream } from "./memory_stream.ts";

const CHUNKED: Framing = { kind: "chunked" };

async function readAll(stream: MemoryStream, framing: Framing, side: "client" | "upstream" = "client") {
  const reader = new BufferedReader(stream);
  const body = new BodyReader(reader, framing, { side });
  const pieces: Uint8Array[] = [];
  for (let piece = await body.read(); piece !== null; piece = await body.read()) pieces.push(piece.slice());
  while (await reader.fill()) { /* whatever follows */ }
  return {
    content: new TextDecoder().decode(concat(...pieces)),
    trailers: [...body.trailers ?? []].map(({ name, value }) => `${name}: ${value}`),
    rest: new TextDecoder().decode(reader.peek()),
    body,
  };
}

function chunked(text: string, side: "client" | "upstream" = "client") {
  return readAll(new MemoryStream([text]), CHUNKED, side);
}

Deno.test("a body of known length ends there and leaves the rest", async () => {
  const { content, rest, body } = await readAll(new MemoryStream(["hel", "lo wor", "ld"]), {
    kind: "length",
    length: 7,
  });
  assert.equal(content, "hello w");
  assert.equal(rest, "orld");
  assert.equal(body.bytesRead, 7);
  assert.equal(body.complete, true);
  assert.equal(body.remaining, 0);
});

Deno.test("chunks are joined, extensions dropped, trailers kept, and what follows is left", async () => {
  const { content, trailers, rest } = await chunked(
    '5;a=b\r\nhello\r\n006;x="y; \\"z\\"";q\r\n world\r\n0;last\r\nX-Sum: 1\r\nx-sum: 2\r\n\r\nGET',
  );
  assert.equal(content, "hello world");
  assert.deepEqual(trailers, ["X-Sum: 1", "x-sum: 2"]);
  assert.equal(rest, "GET");
});

Deno.test("trailers that would change framing, routing or trust are dropped", async () => {
  const { trailers } = await chunked(
    "0\r\nContent-Length: 5\r\nHost: evil\r\nAuthorization: x\r\nSet-Cookie: a\r\nTransfer-Encoding: chunked\r\nOk: 1\r\n\r\n",
  );
  assert.deepEqual(trailers, ["Ok: 1"]);
});

Deno.test("chunks that could be read in two ways are refused", async () => {
  for (
    const text of [
      "5\nhello\r\n0\r\n\r\n",
      "5\r\nhello\n0\r\n\r\n",
      "5\r\nhello0\r\n\r\n",
      "5\r\nhelloo\r\n0\r\n\r\n",
      "5\r\nhello\r\n0\r\n\n",
      "5\r\nhello\r\n0\n\n",
      "5 \r\nhello\r\n0\r\n\r\n",
      " 5\r\nhello\r\n0\r\n\r\n",
      "+5\r\nhello\r\n0\r\n\r\n",
      "-5\r\nhello\r\n0\r\n\r\n",
      "0x5\r\nhello\r\n0\r\n\r\n",
      "g\r\nhello\r\n0\r\n\r\n",
      "\r\nhello\r\n0\r\n\r\n",
      ";a\r\nhello\r\n0\r\n\r\n",
      "5;a\nb\r\nhello\r\n0\r\n\r\n",
      "5;a\rb\r\nhello\r\n0\r\n\r\n",
      "5;a\x00\r\nhello\r\n0\r\n\r\n",
      "5;\r\nhello\r\n0\r\n\r\n",
      "5;a=\r\nhello\r\n0\r\n\r\n",
      "5;=b\r\nhello\r\n0\r\n\r\n",
      "5;a b\r\nhello\r\n0\r\n\r\n",
      "5; a\r\nhello\r\n0\r\n\r\n",
      '5;a="b\r\nhello\r\n0\r\n\r\n',
      '5;a="b"c\r\nhello\r\n0\r\n\r\n',
      '5;a=b"c"\r\nhello\r\n0\r\n\r\n',
      "5;a\xff\r\nhello\r\n0\r\n\r\n",
      "5\r\r\nhello\r\n0\r\n\r\n",
      "fffffffffffffff\r\n",
      "20000000000000\r\n",
      "0000000000000005\r\nhello\r\n0\r\n\r\n",
      `5;${"x".repeat(1025)}\r\nhello\r\n0\r\n\r\n`,
      "0\r\nbad trailer\r\n\r\n",
      "0\r\nA: b\r\n folded\r\n\r\n",
      "0\r\nA: b\nC: d\r\n\r\n",
      `0\r\nA: ${"x".repeat(8192)}\r\n\r\n`,
    ]
  ) {
    await assert.rejects(
      chunked(text),
      (error) => error instanceof HttpError && error.code !== "truncated",
      text,
    );
    await assert.rejects(
      chunked(text, "upstream"),
      (error) => error instanceof UpstreamError && error.code === "upstream_protocol",
      text,
    );
  }
});

Deno.test("a body that ends too early is an error on either side, never an end", async () => {
  const whole = "5\r\nhello\r\n0\r\nA: b\r\n\r\n";
  for (let length = 0; length < whole.length; length++) {
    await assert.rejects(
      chunked(whole.slice(0, length)),
      { code: "truncated", status: 400 },
      `cut at ${length}`,
    );
    await assert.rejects(chunked(whole.slice(0, length), "upstream"), {
      code: "upstream_closed",
      status: 502,
    });
  }
  await assert.rejects(readAll(new MemoryStream(["1234"]), { kind: "length", length: 5 }), {
    code: "truncated",
  });
});

Deno.test("a body up to the close ends with the stream, but not with its failure", async () => {
  assert.equal((await readAll(new MemoryStream(["ab", "c"]), { kind: "close" }, "upstream")).content, "abc");
  const broken = new MemoryStream(["ab"]);
  broken.failure = new Deno.errors.ConnectionReset("reset");
  await assert.rejects(readAll(broken, { kind: "close" }, "upstream"), { code: "upstream_closed" });
});

Deno.test("a body that was given up stays given up", async () => {
  const body = new BodyReader(new BufferedReader(new MemoryStream(["abc"])), { kind: "length", length: 3 }, {
    side: "client",
  });
  const reason = new Error("no more");
  body.cancel(reason);
  await assert.rejects(async () => await body.read(), reason);
  assert.equal(body.complete, false);
});

Deno.test("property: what is said to be room in front of a piece may be overwritten, in any framing", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom(1, 300, 4_096, 16_384, BODY_BLOCK - HEADROOM, BODY_BLOCK, 140_000), {
        minLength: 1,
        maxLength: 6,
      }),
      fc.constantFrom("length", "chunked", "close"),
      fc.array(fc.nat(), { maxLength: 4 }),
      async (sizes, kind, places) => {
        const pieces = sizes.map((length, i) => new Uint8Array(length).fill(i + 1));
        const content = concat(...pieces);
        const framing = (kind === "length" ? { kind, length: content.length } : { kind }) as Framing;
        const sent = kind === "chunked"
          ? [
            ...pieces.flatMap((piece) => [utf8(`${piece.length.toString(16)}\r\n`), piece, utf8("\r\n")]),
            utf8("0\r\n\r\n"),
          ]
          : pieces;
        const stream = new MemoryStream(cut(concat(utf8("HTTP/1.1 200 OK\r\n\r\n"), ...sent), places));
        const reader = new BufferedReader(stream);
        assert.ok(await reader.head(1_000));
        const body = new BodyReader(reader, framing, { side: "upstream" });
        const read: Uint8Array[] = [];
        for (let piece = await body.read(); piece !== null; piece = await body.read()) {
          read.push(piece.slice());
          const { roomBefore } = body;
          assert.ok(roomBefore <= piece.byteOffset);
          new Uint8Array(piece.buffer, piece.byteOffset - roomBefore, roomBefore).fill(0xee);
        }
        assert.deepEqual(concat(...read), content);
      },
    ),
    { numRuns: 100 },
  );
});

Deno.test("a moving body comes with room in front of its pieces", async () => {
  const reader = new BufferedReader(new MemoryStream([new Uint8Array(1024 * 1024)]));
  const body = new BodyReader(reader, { kind: "length", length: 1024 * 1024 }, { side: "upstream" });
  let large = 0;
  for (let piece = await body.read(); piece !== null; piece = await body.read()) {
    if (piece.length < 32 * 1024) continue;
    large++;
    assert.ok(body.roomBefore >= HEADROOM);
  }
  assert.ok(large >= 8);
});

Deno.test("the end is told once, after the last piece was let go", async () => {
  const ends: (Error | undefined)[] = [];
  const body = new BodyReader(new BufferedReader(new MemoryStream(["abc"])), { kind: "length", length: 3 }, {
    side: "client",
    onEnd: (error) => ends.push(error),
  });
  assert.equal((await body.read())?.length, 3);
  assert.deepEqual(ends, []);
  assert.equal(body.complete, true);
  assert.equal(await body.read(), null);
  assert.equal(await body.read(), null);
  assert.deepEqual(ends, [undefined]);
});

/** Content as chunks, in any legal spelling. */
const chunkedMessage = fc.record({
  chunks: fc.array(fc.record({ data: fc.string({ minLength: 1, maxLength: 40 }), style: fc.nat(3) }), {
    maxLength: 8,
  }),
  trailers: fc.array(fc.stringMatching(/^X-[a-z]{1,8}: [a-z]{0,8}$/), { maxLength: 3 }),
}).map(({ chunks, trailers }) => {
  const parts = chunks.map(({ data, style }) => {
    const bytes = utf8(data);
    const size = bytes.length.toString(16);
    const spelled = [size, size.toUpperCase(), "00" + size, size + ";ext=1"][style];
    return concat(utf8(spelled + "\r\n"), bytes, utf8("\r\n"));
  });
  const end = ["0", ...trailers, "", ""].join("\r\n");
  return { bytes: concat(...parts, utf8(end)), content: chunks.map(({ data }) => data).join(""), trailers };
});

Deno.test("a chunked body reads the same however its bytes are cut", async () => {
  await fc.assert(
    fc.asyncProperty(chunkedMessage, fc.array(fc.nat()), async ({ bytes, content, trailers }, places) => {
      const read = await readAll(new MemoryStream([...cut(bytes, places), "NEXT"]), CHUNKED);
      assert.equal(read.content, content);
      assert.deepEqual(read.trailers, trailers.map((line) => line.trimEnd().replace(/:$/, ": ")));
      assert.equal(read.rest, "NEXT");
    }),
  );
});

Deno.test("rubbish in chunks is judged the same however its bytes are cut", async () => {
  const outcome = async (pieces: Uint8Array[]) => {
    try {
      return await readAll(new MemoryStream(pieces), CHUNKED).then(({ content, rest }) =>
        content + "|" + rest
      );
    } catch (error) {
      assert.ok(error instanceof HttpError);
      return error.code;
    }
  };
  const alphabet = fc.constantFrom(..."0123af;=\r\n\r\n\r\nx: ");
  const text = fc.array(alphabet, { maxLength: 40 }).map((characters) => utf8(characters.join("")));
  await fc.assert(fc.asyncProperty(text, fc.array(fc.nat()), async (bytes, places) => {
    assert.equal(await outcome(cut(bytes, places)), await outcome([bytes]));
  }));
});
