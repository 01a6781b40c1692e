import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import { concat, equalInConstantTime, fromUtf8, utf8, wipe } from "../../src/core/bytes.ts";

const bytes = fc.uint8Array({ maxLength: 60 });

Deno.test("text survives the way to bytes and back", () => {
  fc.assert(fc.property(fc.string({ unit: "grapheme" }), (text) => assert.equal(fromUtf8(utf8(text)), text)));
  assert.equal(
    fromUtf8(utf8("\ufeffmarked")),
    "\ufeffmarked",
    "a byte order mark is a character like others",
  );
});

Deno.test("bytes that are not UTF-8 are refused, never replaced", () => {
  for (const bad of [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xe2, 0x82]]) {
    assert.throws(() => fromUtf8(new Uint8Array(bad)), TypeError);
  }
});

Deno.test("joined pieces follow each other in a buffer of their own", () => {
  fc.assert(fc.property(fc.array(bytes, { maxLength: 6 }), (pieces) => {
    assert.deepEqual([...concat(...pieces)], pieces.flatMap((piece) => [...piece]));
  }));
  const piece = utf8("abc");
  const joined = concat(piece);
  joined.fill(0);
  assert.deepEqual(piece, utf8("abc"));
  assert.equal(concat().length, 0);
});

Deno.test("wiping overwrites every buffer it is given and passes over what is not there", () => {
  const one = utf8("secret");
  const two = utf8("another").subarray(2);
  wipe(one, undefined, two);
  assert.deepEqual(one, new Uint8Array(6));
  assert.deepEqual(
    new Uint8Array(two.buffer),
    new Uint8Array([..."an"].map((c) => c.charCodeAt(0)).concat([0, 0, 0, 0, 0])),
  );
});

Deno.test("the constant-time comparison agrees with the plain one", () => {
  fc.assert(fc.property(bytes, bytes, (a, b) => {
    assert.equal(equalInConstantTime(a, b), Buffer.compare(a, b) === 0);
    assert.equal(equalInConstantTime(a, a.slice()), true);
  }));
  fc.assert(fc.property(fc.uint8Array({ minLength: 1, maxLength: 60 }), fc.nat(), fc.nat(7), (a, at, bit) => {
    const b = a.slice();
    b[at % b.length] = (b[at % b.length] ?? 0) ^ (1 << bit);
    assert.equal(equalInConstantTime(a, b), false);
  }));
});
