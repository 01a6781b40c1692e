import assert from "node:assert/strict";
import fc from "fast-check";
import { concat } from "../../src/core/bytes.ts";
import { encodeFrame, type Frame, FrameDecoder } from "../../src/daemon/frame.ts";

const LIMITS = { json: 10_000, payload: 10_000 };
const frames = fc.array(
  fc.record({
    json: fc.jsonValue(),
    payload: fc.option(fc.uint8Array({ maxLength: 500 }), { nil: undefined }),
  }),
  { maxLength: 5 },
);

/** Cuts bytes at the given places. */
function cut(bytes: Uint8Array, places: number[]): Uint8Array[] {
  const at = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...at].map((from, index) => bytes.slice(from, at[index] ?? bytes.length));
}

Deno.test("frames come out as they went in, however the bytes are cut", () => {
  fc.assert(fc.property(frames, fc.array(fc.nat(), { maxLength: 40 }), (sent, places) => {
    const bytes = concat(...sent.map(({ json, payload }) => encodeFrame(json, payload)));
    const decoder = new FrameDecoder(LIMITS);
    const got: Frame[] = cut(bytes, places).flatMap((piece) => decoder.push(piece));
    assert.equal(got.length, sent.length);
    for (const [index, frame] of got.entries()) {
      assert.deepEqual(frame.json, JSON.parse(JSON.stringify(sent[index]?.json)));
      assert.deepEqual(frame.payload && [...frame.payload], sent[index]?.payload && [...sent[index].payload]);
    }
    assert.equal(decoder.midFrame, false);
  }));
});

Deno.test("a frame byte by byte comes out at its last byte and no sooner", () => {
  const bytes = encodeFrame({ a: 1 }, new Uint8Array([9, 8]));
  const decoder = new FrameDecoder(LIMITS);
  for (const [index, byte] of bytes.entries()) {
    const got = decoder.push(new Uint8Array([byte]));
    assert.equal(got.length, index === bytes.length - 1 ? 1 : 0);
    assert.equal(decoder.midFrame, index < bytes.length - 1);
  }
});

Deno.test("an empty payload is told from none", () => {
  const decoder = new FrameDecoder(LIMITS);
  const [none, empty] = decoder.push(concat(encodeFrame(1), encodeFrame(2, new Uint8Array(0))));
  assert.equal(none?.payload, undefined);
  assert.equal(empty?.payload?.length, 0);
});

Deno.test("what is too long, has no text, or is no JSON is refused", () => {
  const header = (json: number, payload: number) => {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setUint32(0, json);
    new DataView(bytes.buffer).setUint32(4, payload);
    return bytes;
  };
  const bad = [
    header(0, 0),
    header(10_001, 0),
    header(0xffffffff, 0),
    header(2, 10_002),
    header(2, 0xffffffff),
    concat(header(2, 0), new Uint8Array([0x7b, 0x7b])),
    concat(header(1, 0), new Uint8Array([0xff])),
  ];
  for (const bytes of bad) {
    assert.throws(() => new FrameDecoder(LIMITS).push(bytes), { code: "bad_frame" });
  }
  new FrameDecoder(LIMITS).push(header(10_000, 10_001));
});

Deno.test("any bytes are either refused or decoded, never anything else", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
    try {
      new FrameDecoder(LIMITS).push(bytes);
    } catch (error) {
      assert.equal((error as { code?: string }).code, "bad_frame");
    }
  }));
});

Deno.test("a header alone reserves no memory for what it claims", () => {
  const decoder = new FrameDecoder({ json: 256 * 1024 * 1024, payload: 0 });
  const before = Deno.memoryUsage().external;
  const header = new Uint8Array(9);
  new DataView(header.buffer).setUint32(0, 256 * 1024 * 1024);
  decoder.push(header);
  assert.ok(Deno.memoryUsage().external - before < 16 * 1024 * 1024);
  assert.ok(decoder.midFrame);
  decoder.wipe();
  assert.equal(decoder.midFrame, false);
});
