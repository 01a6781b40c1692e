import assert from "node:assert/strict";
import fc from "fast-check";
import {
  bitString,
  element,
  explicit,
  implicit,
  integer,
  objectIdentifier,
  sequence,
  time,
  TRUE,
  utf8String,
} from "../../../src/core/x509/der.ts";
import { FUZZ_CASES } from "../fuzz.ts";

const hex = (bytes: Uint8Array) => bytes.toHex();

Deno.test("values are encoded as the standard's examples", () => {
  assert.equal(hex(integer(Uint8Array.of(0))), "020100");
  assert.equal(hex(integer(Uint8Array.of(0x7f))), "02017f");
  assert.equal(hex(integer(Uint8Array.of(0x80))), "02020080");
  assert.equal(hex(integer(Uint8Array.of(0, 0, 1))), "020101");
  assert.equal(hex(TRUE), "0101ff");
  assert.equal(hex(bitString(Uint8Array.of(0x06), 1)), "03020106");
  assert.equal(hex(objectIdentifier("1.2.840.113549")), "06062a864886f70d");
  assert.equal(hex(objectIdentifier("2.5.29.17")), "0603551d11");
  assert.equal(hex(utf8String("ab")), "0c026162");
  assert.equal(hex(sequence(TRUE)), "30030101ff");
  assert.equal(hex(explicit(3, TRUE)), "a3030101ff");
  assert.equal(hex(implicit(2, Uint8Array.of(0x61))), "820161");
});

Deno.test("a time is a UTCTime until 2049 and a GeneralizedTime from 2050 on", () => {
  const text = (ms: number) => new TextDecoder().decode(time(ms).subarray(2));
  assert.equal(text(Date.UTC(2049, 11, 31, 23, 59, 59, 999)), "491231235959Z");
  assert.equal(time(Date.UTC(2049, 11, 31))[0], 0x17);
  assert.equal(text(Date.UTC(2050, 0, 1)), "20500101000000Z");
  assert.equal(time(Date.UTC(2050, 0, 1))[0], 0x18);
});

Deno.test("any length is written in its shortest form and read back as it is", () => {
  for (const length of [0, 1, 127, 128, 255, 256, 65_535, 65_536]) {
    const encoded = element(0x04, new Uint8Array(length));
    const first = encoded[1]!;
    const octets = first < 0x80 ? 0 : first & 0x7f;
    let read = octets === 0 ? first : 0;
    for (let i = 0; i < octets; i++) read = read * 256 + encoded[2 + i]!;
    assert.equal(read, length);
    assert.equal(encoded.length, 2 + octets + length);
    if (octets > 0) assert.ok(encoded[2] !== 0 && (octets > 1 || length >= 0x80));
  }
});

Deno.test("an integer is never negative, never longer than it must be, and keeps its value", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 24 }), (bytes) => {
      const content = integer(bytes).subarray(2);
      assert.ok(content[0]! < 0x80);
      assert.ok(content.length === 1 || content[0] !== 0 || content[1]! >= 0x80);
      assert.equal(BigInt(`0x${hex(content)}`), BigInt(`0x${hex(bytes)}`));
    }),
    { numRuns: FUZZ_CASES },
  );
});
