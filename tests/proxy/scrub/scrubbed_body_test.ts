import assert from "node:assert/strict";
import fc from "fast-check";
import { concat, utf8 } from "../../../src/core/bytes.ts";
import { ScrubSet } from "../../../src/core/scrub/mod.ts";
import { BodyReader, BodyWriter, BufferedReader, OutputBuffer } from "../../../src/proxy/http/mod.ts";
import { ScrubbedBody } from "../../../src/proxy/scrub/scrubbed_body.ts";
import { cut, MemoryStream } from "../http/memory_stream.ts";
import { chunked, plain, SECRET as KEY, withScene } from "./support.ts";

/** Without parts that would be looked for by themselves. */
const SECRET = "correct-horse-battery-staple";
const TOKEN = "wk_k_a7x9m2k4a7x9m2k4";

function setOf(value: string): ScrubSet<string> {
  return new ScrubSet([{
    owner: "k",
    token: TOKEN,
    value: utf8(value),
    kind: { isPair: false, minimum: 0 },
  }]);
}

/** A response's body, searched and sent on in chunks: what the client gets, and in how many writes. */
async function passedOn(
  pieces: Uint8Array[],
): Promise<{ content: Uint8Array; writes: number; found: string[] }> {
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  const source = new BodyReader(new BufferedReader(new MemoryStream(pieces)), { kind: "length", length }, {
    side: "upstream",
  });
  const set = setOf(SECRET);
  const found: string[] = [];
  const client = new MemoryStream([]);
  await new BodyWriter(new OutputBuffer(client), { kind: "chunked" })
    .pump(new ScrubbedBody(source, set, (owner) => found.push(owner)));
  set.release();
  const back = new BodyReader(
    new BufferedReader(new MemoryStream([concat(...client.written)])),
    { kind: "chunked" },
    { side: "client" },
  );
  const read: Uint8Array[] = [];
  for (let piece = await back.read(); piece !== null; piece = await back.read()) read.push(piece.slice());
  return { content: concat(...read), writes: client.written.length, found };
}

Deno.test("property: however a long body comes, it goes out whole, with the secret replaced wherever it lies", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.oneof(
          fc.constantFrom(SECRET, SECRET.slice(0, -1), SECRET.slice(1), "\n", "\r\n\r\n"),
          fc.nat(50_000).map((length) => "x~".repeat(length >> 1)),
        ),
        { maxLength: 16 },
      ),
      fc.array(fc.nat(), { maxLength: 10 }),
      async (parts, places) => {
        const text = parts.join("");
        const { content, found } = await passedOn(cut(utf8(text), places));
        assert.equal(new TextDecoder().decode(content), text.replaceAll(SECRET, TOKEN));
        assert.equal(found.length, text.includes(SECRET) ? 1 : 0);
      },
    ),
    { numRuns: 200 },
  );
});

Deno.test("a long body costs one write for each piece that came", async () => {
  const text = `${"x".repeat(999)}~`.repeat(2_000);
  const { content, writes } = await passedOn([utf8(text)]);
  assert.equal(content.length, text.length);
  assert.ok(writes <= Math.ceil(text.length / 60_000) + 4, `${writes} writes`);
});

Deno.test("a piece is searched where it lies if there is room in front of it, and says what room there is then", async () => {
  const buffer = new Uint8Array(40_000).fill(0x7e);
  const set = setOf(SECRET);
  const pieces = [buffer.subarray(512, 20_512), buffer.subarray(512, 40_000)];
  const body = new ScrubbedBody(
    { length: null, trailers: null, roomBefore: 512, read: () => pieces.shift() ?? null, cancel: () => {} },
    set,
    () => {},
  );
  const first = await body.read();
  assert.equal(first?.buffer, buffer.buffer);
  assert.deepEqual([body.roomBefore, body.roomAfter], [512, 256], "nothing waited before it");
  const second = await body.read();
  assert.equal(second?.buffer, buffer.buffer);
  assert.deepEqual([second.byteOffset, body.roomBefore, body.roomAfter], [256, 256, 256]);
  const rest = await body.read();
  assert.equal(rest?.length, 256);
  assert.deepEqual([body.roomBefore, body.roomAfter], [0, 0], "held back, in a buffer of its own");
  assert.equal(await body.read(), null);
  set.release();
});

Deno.test("what is around a piece in which something was replaced may be overwritten, too", async () => {
  const buffer = utf8(" ".repeat(512) + `${"~".repeat(9_000)}${SECRET}`.repeat(2));
  const set = setOf(SECRET);
  const pieces = [buffer.subarray(512, 12_000), buffer.subarray(12_000)];
  const body = new ScrubbedBody(
    { length: null, trailers: null, roomBefore: 512, read: () => pieces.shift() ?? null, cancel: () => {} },
    set,
    () => {},
  );
  const out: string[] = [];
  for (let piece = await body.read(); piece !== null; piece = await body.read()) {
    out.push(new TextDecoder().decode(piece));
    const { roomBefore, roomAfter } = body;
    if (out[0]?.includes(TOKEN) === true && out.length === 1) assert.ok(roomBefore >= 16 && roomAfter >= 16);
    new Uint8Array(piece.buffer, piece.byteOffset - roomBefore, roomBefore).fill(0xee);
    new Uint8Array(piece.buffer, piece.byteOffset + piece.length, roomAfter).fill(0xee);
  }
  assert.equal(out.join(""), `${"~".repeat(9_000)}${TOKEN}`.repeat(2));
  set.release();
});

Deno.test("where a source says nothing of room, none of its buffer is overwritten", async () => {
  const buffer = utf8(`${SECRET}${"~".repeat(30_000)}${SECRET}${"~".repeat(30_000)}`);
  const before = buffer.slice();
  const set = setOf(SECRET);
  const pieces = [buffer.subarray(0, 25_000), buffer.subarray(25_000, 40_000), buffer.subarray(40_000)];
  const body = new ScrubbedBody(
    { length: null, trailers: null, read: () => pieces.shift() ?? null, cancel: () => {} },
    set,
    () => {},
  );
  let out = "";
  for (let piece = await body.read(); piece !== null; piece = await body.read()) {
    out += new TextDecoder().decode(piece);
    assert.deepEqual([body.roomBefore, body.roomAfter], [0, 0]);
  }
  assert.equal(out, new TextDecoder().decode(before).replaceAll(SECRET, TOKEN));
  assert.deepEqual(buffer, before);
  set.release();
});

Deno.test("long answers of either framing come whole one after another over the same connections", () => {
  const text = `${"x".repeat(30_011)}${KEY}`.repeat(20);
  const pieces = Array.from({ length: 13 }, (_, i) => text.slice(i * 48_000, (i + 1) * 48_000));
  return withScene(
    (request) => request.includes("/chunks") ? chunked(pieces).join("") : plain(text),
    async ({ ask, token, upstream }) => {
      for (const path of ["/length", "/chunks", "/length", "/chunks", "/chunks"]) {
        const { body, status } = await ask({ path });
        assert.equal(status, 200);
        assert.equal(body, text.replaceAll(KEY, token), path);
      }
      assert.equal(upstream.received.length, 5);
    },
  );
});
