import assert from "node:assert/strict";
import fc from "fast-check";
import { latin1Bytes, latin1Text } from "../../../src/proxy/http/mod.ts";
import { writeLatin1 } from "../../../src/proxy/http/latin1.ts";

Deno.test("every byte is one character and back, also those that windows-1252 would change", () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  const text = latin1Text(bytes);
  assert.equal(text.length, 256);
  for (let byte = 0; byte < 256; byte++) assert.equal(text.charCodeAt(byte), byte);
  assert.deepEqual(latin1Bytes(text), bytes);
});

Deno.test("a range is read from its start to its end", () => {
  assert.equal(latin1Text(latin1Bytes("hello world"), 6, 9), "wor");
  assert.equal(latin1Text(latin1Bytes("hello"), 2, 2), "");
});

Deno.test("text is written in place and nothing around it is touched", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 50 }), fc.nat(10), (bytes, offset) => {
    const target = new Uint8Array(70).fill(0xaa);
    const end = writeLatin1(latin1Text(bytes), target, offset);
    assert.equal(end, offset + bytes.length);
    assert.deepEqual(target.slice(offset, end), bytes);
    assert.ok(target.every((byte, at) => (at >= offset && at < end) || byte === 0xaa));
  }));
});

Deno.test("a character that is no byte is refused, wherever it stands", () => {
  for (const text of ["\u0100", "abc\u20ac", "\u{1f600}x", "\ud800"]) {
    assert.throws(() => latin1Bytes(text), RangeError);
  }
});
