import assert from "node:assert/strict";
import fc from "fast-check";
import { concat, fromUtf8, utf8 } from "../../src/core/bytes.ts";
import { canonical, type CanonicalField } from "../../src/core/canonical.ts";

const leaf: fc.Arbitrary<CanonicalField> = fc.oneof(
  fc.constant(null),
  fc.string({ unit: "binary" }),
  fc.maxSafeInteger(),
  fc.uint8Array({ maxLength: 20 }),
);
const { list } = fc.letrec<{ field: CanonicalField; list: CanonicalField[] }>((tie) => ({
  field: fc.oneof({ depthSize: "small", withCrossShrink: true }, leaf, tie("list")),
  list: fc.array(tie("field"), { maxLength: 6 }),
}));

/** Reads canonical bytes back, by the layout as it is documented; written apart from the encoder. */
function decode(bytes: Uint8Array): CanonicalField[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const fields: CanonicalField[] = [];
  let at = 4;
  for (let n = view.getUint32(0); n > 0; n--) {
    const kind = view.getUint8(at);
    const body = bytes.subarray(at + 5, at + 5 + view.getUint32(at + 1));
    const inner = new DataView(body.buffer, body.byteOffset, body.length);
    if (kind === 0) fields.push(null);
    else if (kind === 1) fields.push(fromUtf8(body));
    else if (kind === 2) fields.push(body.slice());
    else if (kind === 3) fields.push(Number(inner.getBigInt64(0)));
    else fields.push(decode(body));
    at += 5 + body.length;
  }
  assert.equal(at, bytes.length, "nothing follows the last field");
  return fields;
}

/** What a list means: lone surrogates become U+FFFD, and there is one zero. */
function normal(fields: readonly CanonicalField[]): CanonicalField[] {
  return fields.map((field) =>
    typeof field === "string"
      ? field.toWellFormed()
      : typeof field === "number"
      ? field + 0
      : Array.isArray(field)
      ? normal(field)
      : field instanceof Uint8Array
      ? new Uint8Array(field)
      : field
  );
}

Deno.test("any list reads back as it was, so no two lists share their bytes", () => {
  fc.assert(fc.property(list, (fields) => assert.deepEqual(decode(canonical(fields)), normal(fields))), {
    numRuns: 500,
  });
});

Deno.test("the layout is as documented, byte for byte", () => {
  const hex = (fields: CanonicalField[]) => canonical(fields).toHex();
  assert.equal(hex([]), "00000000");
  assert.equal(hex([null]), "00000001" + "00" + "00000000");
  assert.equal(hex(["é"]), "00000001" + "01" + "00000002" + "c3a9");
  assert.equal(hex([new Uint8Array([1, 2])]), "00000001" + "02" + "00000002" + "0102");
  assert.equal(hex([-2]), "00000001" + "03" + "00000008" + "fffffffffffffffe");
  assert.equal(hex([2 ** 40 + 5]), "00000001" + "03" + "00000008" + "0000010000000005");
  assert.equal(hex([[null]]), "00000001" + "04" + "00000009" + "00000001" + "00" + "00000000");
});

Deno.test("the ends of the integer range are exact", () => {
  const numbers = [
    Number.MAX_SAFE_INTEGER,
    Number.MIN_SAFE_INTEGER,
    0,
    -1,
    2 ** 31,
    2 ** 32,
    -(2 ** 31),
    -(2 ** 32),
  ];
  assert.deepEqual(decode(canonical(numbers)), numbers);
});

Deno.test("fields that look alike when joined are told apart", () => {
  const lists: CanonicalField[][] = [
    ["ab", "c"],
    ["a", "bc"],
    ["abc"],
    ["abc", ""],
    ["abc", null],
    [utf8("abc")],
    [["abc"]],
    [["a"], "bc"],
    ["1"],
    [1],
    [null],
    [""],
    [],
    [[]],
  ];
  assert.equal(new Set(lists.map((fields) => canonical(fields).toHex())).size, lists.length);
});

Deno.test("a number that is not a safe integer is refused wherever it stands", () => {
  for (const bad of [0.5, NaN, Infinity, 2 ** 53, -(2 ** 53)]) {
    assert.throws(() => canonical([bad]), RangeError);
    assert.throws(() => canonical(["a", [[bad]]]), RangeError);
  }
});

Deno.test("the result is a buffer of its own, of exactly its length", () => {
  const field = new Uint8Array([7]);
  const bytes = canonical([field, "żółć"]);
  assert.equal(bytes.buffer.byteLength, bytes.length);
  field.fill(0);
  assert.deepEqual(decode(bytes)[0], new Uint8Array([7]));
  assert.deepEqual(concat(bytes), canonical([new Uint8Array([7]), "żółć"]));
});
