import assert from "node:assert/strict";
import fc from "fast-check";
import { utf8 } from "../../../src/core/bytes.ts";
import { LiteralSearch } from "../../../src/importer/scan/literal_search.ts";
import { FUZZ_CASES } from "../../core/fuzz.ts";

function found(literals: readonly string[], bytes: Uint8Array): string[] {
  const places: string[] = [];
  new LiteralSearch(literals).search(bytes, (literal, start) => places.push(`${start} ${literal}`));
  return places.sort();
}

/** Every place, looked for one by one. */
function naive(literals: readonly string[], text: string): string[] {
  const lower = text.toLowerCase();
  return literals.flatMap((literal, index) => {
    const places: string[] = [];
    for (
      let at = lower.indexOf(literal.toLowerCase());
      at >= 0;
      at = lower.indexOf(literal.toLowerCase(), at + 1)
    ) {
      places.push(`${at} ${index}`);
    }
    return places;
  }).sort();
}

Deno.test("every place is found where a naive search finds it, in any case of letters", () => {
  const few = fc.string({ unit: fc.constantFrom("a", "b", "B", "-", "_", "1"), minLength: 3, maxLength: 6 });
  const text = fc.string({ unit: fc.constantFrom("a", "A", "b", "B", "-", "_", "1", "\n"), maxLength: 200 });
  fc.assert(
    fc.property(fc.uniqueArray(few, { minLength: 1, maxLength: 12 }), text, (literals, text) => {
      assert.deepEqual(found(literals, utf8(text)), naive(literals, text));
    }),
    { numRuns: FUZZ_CASES },
  );
});

Deno.test("ends, overlaps and texts too short are no trouble; literals too short are refused", () => {
  assert.deepEqual(found(["abc"], utf8("")), []);
  assert.deepEqual(found(["abc"], utf8("ab")), []);
  assert.deepEqual(found(["abc"], utf8("abc")), ["0 0"]);
  assert.deepEqual(found(["aaa"], utf8("aaaa")), ["0 0", "1 0"]);
  assert.deepEqual(found(["abc", "abcdef"], utf8("xabcde")), ["1 0"]);
  assert.throws(() => new LiteralSearch(["ab"]), RangeError);
});

Deno.test("bytes that are no text are searched like any other", () => {
  const bytes = Uint8Array.from({ length: 65_536 }, (_, i) => i * 31 & 0xff);
  bytes.set(utf8("ghp_"), 60_000);
  assert.deepEqual(found(["GHP_"], bytes), ["60000 0"]);
});
