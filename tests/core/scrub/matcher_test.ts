import assert from "node:assert/strict";
import fc from "fast-check";
import { type Hit, Matcher, type Pattern } from "../../../src/core/scrub/mod.ts";
import { FUZZ_CASES } from "../fuzz.ts";

function pattern(bytes: Uint8Array): Pattern {
  return { bytes: new Uint8Array(bytes), spelled: "text", wholeWord: false, isWindow: false };
}

/** Every occurrence, by looking at every place. */
function naive(patterns: readonly Uint8Array[], text: Uint8Array): string[] {
  const hits: string[] = [];
  for (const [index, bytes] of patterns.entries()) {
    for (let at = 0; at + bytes.length <= text.length; at++) {
      if (bytes.every((byte, i) => text[at + i] === byte)) hits.push(`${index}@${at}-${at + bytes.length}`);
    }
  }
  return hits.sort();
}

const told = (hits: readonly Hit[]) =>
  hits.map(({ pattern, start, end }) => `${pattern}@${start}-${end}`).sort();

Deno.test("property: it finds what looking at every place finds, and nothing else", () => {
  // Few different bytes, so that patterns occur, overlap and repeat.
  const few = (options: { minLength: number; maxLength: number }) =>
    fc.array(fc.constantFrom(97, 98, 0, 255), options).map((bytes) => Uint8Array.from(bytes));
  fc.assert(
    fc.property(
      fc.array(few({ minLength: 2, maxLength: 24 }), { minLength: 1, maxLength: 12 }),
      fc.array(fc.oneof(few({ minLength: 0, maxLength: 30 }), fc.nat()), { maxLength: 12 }),
      (patterns, parts) => {
        const text = Uint8Array.from(
          parts.flatMap((part) => [...(typeof part === "number" ? patterns[part % patterns.length]! : part)]),
        );
        const hits = new Matcher(patterns.map(pattern)).find(text, text.length, -1);
        assert.deepEqual(told(hits), naive(patterns, text));
      },
    ),
    { numRuns: FUZZ_CASES },
  );
});

Deno.test("ten thousand patterns of all lengths are each found, alone and at the edges", () => {
  const patterns = Array.from({ length: 10_000 }, (_, i) => {
    const bytes = new Uint8Array(8 + i % 60);
    bytes.set(new TextEncoder().encode(i.toString(36).padStart(8, "#")), bytes.length - 8);
    return bytes.map((byte, k) => byte === 0 ? 33 + (i * 7 + k * 13) % 90 : byte);
  });
  const matcher = new Matcher(patterns.map(pattern));
  for (let i = 0; i < patterns.length; i += 97) {
    const own = patterns[i]!;
    const text = new Uint8Array(own.length + 40).fill(32);
    text.set(own, i % 41);
    assert.ok(told(matcher.find(text, text.length, -1)).includes(`${i}@${i % 41}-${i % 41 + own.length}`));
  }
});

Deno.test("a pattern is found wherever it lies, and only if it ends before the end that is given", () => {
  for (const length of [2, 7, 8, 15, 16, 21, 41, 64, 80, 256]) {
    const own = Uint8Array.from({ length }, (_, i) => 1 + i % 255);
    const matcher = new Matcher([pattern(own)]);
    for (let at = 0; at <= 5 * length; at++) {
      const text = new Uint8Array(at + length + 40);
      text.set(own, at);
      for (const end of [at + length, at + length + 1, at + length + at % 40]) {
        assert.deepEqual(told(matcher.find(text, end, -1)), [`0@${at}-${at + length}`], `${at} of ${end}`);
      }
      assert.deepEqual(matcher.find(text, at + length - 1, -1), []);
    }
  }
});

Deno.test("nothing is found beyond the end that is given", () => {
  const matcher = new Matcher([pattern(Uint8Array.from({ length: 20 }, (_, i) => i))]);
  const text = Uint8Array.from({ length: 20 }, (_, i) => i);
  assert.equal(matcher.find(text, 20, -1).length, 1);
  assert.equal(matcher.find(text, 19, -1).length, 0);
  assert.equal(matcher.find(text, 0, -1).length, 0);
});

Deno.test("once wiped it finds nothing", () => {
  const matcher = new Matcher([pattern(new TextEncoder().encode("correct-horse"))]);
  matcher.wipe();
  assert.equal(matcher.find(new TextEncoder().encode("correct-horse"), 13, -1).length, 0);
});

Deno.test("thousands of hexadecimal patterns are found as few are: all there are, and nothing else", () => {
  const digits = new TextEncoder().encode("0123456789abcdef");
  let state = 7;
  const digit = () => digits[(state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0) >>> 28]!;
  const patterns = Array.from({ length: 4_500 }, (_, i) => Uint8Array.from({ length: 16 + i % 30 }, digit));
  const parts = Array.from(
    { length: 60 },
    (_, i) => i % 3 === 0 ? patterns[i * 70]! : Uint8Array.from({ length: 1 + i % 20 }, digit),
  );
  const text = Uint8Array.from(parts.flatMap((part) => [...part]));
  const hits = new Matcher(patterns.map(pattern)).find(text, text.length, -1);
  assert.ok(hits.length >= 20);
  assert.deepEqual(told(hits), naive(patterns, text));
});
