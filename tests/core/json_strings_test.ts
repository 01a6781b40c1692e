import { Buffer } from "node:buffer";
import assert from "node:assert/strict";
import fc from "fast-check";
import { visitJsonStrings } from "../../src/core/json_strings.ts";
import { FUZZ_CASES } from "./fuzz.ts";

const latin1 = (text: string): string => Buffer.from(text, "utf8").toString("latin1");

function stringsOf(text: string): { strings: Map<string, string>; valid: boolean } {
  const strings = new Map<string, string>();
  const valid = visitJsonStrings(text, () => true, ({ start, end, pointer }) => {
    strings.set(pointer, text.slice(start, end));
  });
  return { strings, valid };
}

function expected(value: unknown, pointer = "", out = new Map<string, string>()): Map<string, string> {
  if (typeof value === "string") out.set(pointer, value);
  else if (typeof value === "object" && value !== null) {
    for (const [key, item] of Object.entries(value)) {
      expected(item, `${pointer}/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`, out);
    }
  }
  return out;
}

Deno.test("property: the strings of any JSON are found with the pointers RFC 6901 gives them", () => {
  const key = fc.oneof(fc.string(), fc.constantFrom("a/b", "~", "", "é", '"', "\u2028", "x\\u0041"));
  const json = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.string({ unit: "binary" }),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.constantFrom(null, true, false),
      fc.array(tie("value"), { maxLength: 4 }),
      fc.dictionary(key, tie("value"), { maxKeys: 4, noNullPrototype: true }),
    ),
  })).value;
  fc.assert(
    fc.property(json, fc.constantFrom(undefined, 1, "\t"), (value, indent) => {
      const text = JSON.stringify(value, null, indent);
      const { strings, valid } = stringsOf(latin1(text));
      assert.ok(valid, text);
      const decoded = new Map(
        [...strings].map(([pointer, raw]): [string, string] => [
          pointer,
          JSON.parse(`"${Buffer.from(raw, "latin1").toString("utf8")}"`) as string,
        ]),
      );
      // Not held against JSON.parse: V8 15.0 mistakes one escaped key for another (`{"":1,"\\\\":1}`, then `{"":1,"\\n":1}`).
      assert.deepEqual(decoded, expected(value));
    }),
    { numRuns: Math.ceil(FUZZ_CASES / 5) },
  );
});

Deno.test("property: it says of a text that it is JSON exactly when the runtime does", () => {
  const piece = fc.constantFrom(
    ...'{}[],:"',
    '"a"',
    '"\\u00"',
    '"\\x"',
    "1",
    "-",
    "01",
    "1.5e3",
    "true",
    "nul",
    " ",
    "\n",
    "\t",
    "\x0b",
  );
  const text = fc.array(piece, { maxLength: 10 }).map((pieces) => pieces.join(""));
  fc.assert(
    fc.property(text, (text) => {
      let valid = true;
      try {
        JSON.parse(text);
      } catch {
        valid = false;
      }
      assert.equal(stringsOf(text).valid, valid, text);
    }),
    { numRuns: FUZZ_CASES },
  );
});

Deno.test("a byte order mark is skipped, and nesting without end is not followed", () => {
  assert.deepEqual(stringsOf('\xef\xbb\xbf{"a":"x"}').strings, new Map([["/a", "x"]]));
  assert.equal(stringsOf("[".repeat(300) + "]".repeat(300)).valid, false);
  assert.equal(stringsOf("[".repeat(200) + "]".repeat(200)).valid, true);
  assert.equal(stringsOf("[".repeat(1_000_000)).valid, false);
});

Deno.test("keys are no values, and a key that is written with escapes is the same key", () => {
  assert.deepEqual(
    stringsOf('{"k\\u0065y":"v","x":{"a\\/b":["y"]}}').strings,
    new Map([["/key", "v"], ["/x/a~1b/0", "y"]]),
  );
});
