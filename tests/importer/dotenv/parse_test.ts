import assert from "node:assert/strict";
import dotenv from "dotenv";
import fc from "fast-check";
import { type DotenvEntry, dotenvValues, parseDotenv } from "../../../src/importer/dotenv/parse.ts";
import { splice } from "../../../src/importer/splice.ts";
import { FUZZ_CASES } from "../../core/fuzz.ts";
import { DOTENV_FIXTURES } from "./fixtures.ts";

/** What the package makes of a text, without the prototype games of its plain object. */
function oracle(text: string): Record<string, string> {
  return { ...dotenv.parse(text) };
}

function ours(text: string): Record<string, string> {
  const entries = parseDotenv(text).filter(({ name }) => name !== "__proto__");
  return Object.fromEntries(dotenvValues(entries));
}

/** Texts made of what the grammar is about. */
const dotenvText = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.constantFrom("A", "B_1", "export ", "exportA", "a.b-c", "=", ": ", ":", "KEY="),
    },
    {
      weight: 4,
      arbitrary: fc.constantFrom("'", '"', "`", "\\'", '\\"', "\\`", "\\\\", "\\n", "\\r", "#", " #", "''"),
    },
    {
      weight: 3,
      arbitrary: fc.constantFrom("\n", "\r\n", "\r", " ", "\t", "\n\n", "\u2028", "\ufeff", "\u00a0", "\f"),
    },
    { weight: 2, arbitrary: fc.constantFrom("value", "${A}", "$B", "é", "🔑", "/", "{", "}", "x y") },
  ),
  { maxLength: 30 },
).map((pieces) => pieces.join(""));

Deno.test("dotenv's own fixtures are read as the package reads them", () => {
  for (const [name, text] of Object.entries(DOTENV_FIXTURES)) {
    const expected = oracle(text);
    assert.deepEqual(ours(text), expected, name);
    assert.deepEqual(ours(text.replaceAll("\n", "\r\n")), expected, `${name} with CRLF`);
    assert.deepEqual(ours(text.replaceAll("\n", "\r")), expected, `${name} with CR`);
    assert.deepEqual(ours(`\ufeff${text}`), expected, `${name} with a byte order mark`);
  }
});

Deno.test("the values are pinned, so that both cannot be wrong alike", () => {
  const text = [
    "A=plain # note",
    "B='single # not a note' # note",
    'C="two\\nlines"',
    "D=`back'\"tick`",
    "export E: colon",
    'F="first',
    'second"',
    "G='it\\'s'",
    'H={"a": "b"}',
    "I=${A}/x",
    "J=",
    "not an assignment",
    "A=again",
  ].join("\n");
  assert.deepEqual(ours(text), {
    A: "again",
    B: "single # not a note",
    C: "two\nlines",
    D: "back'\"tick",
    E: "colon",
    F: "first\nsecond",
    G: "it\\'s",
    H: '{"a": "b"}',
    I: "${A}/x",
    J: "",
  });
});

Deno.test("any text is read as the package reads it", () => {
  fc.assert(
    fc.property(dotenvText, (text) => assert.deepEqual(ours(text), oracle(text))),
    { numRuns: FUZZ_CASES },
  );
});

Deno.test("each entry tells its line, its quotes, its export and where its value stands", () => {
  const text = "\ufeff# note\r\n\r\nexport A='x y'\r\nB=\"1\r\n2\"\r\n\r\nC= bare # n\r\nD=''\r\n";
  const shown = parseDotenv(text).map(({ valueSpan, ...rest }) => ({
    ...rest,
    at: text.slice(valueSpan.start, valueSpan.end),
  }));
  assert.deepEqual(shown, [
    { name: "A", value: "x y", line: 3, quote: "'", exported: true, at: "x y" },
    { name: "B", value: "1\n2", line: 4, quote: '"', exported: false, at: "1\r\n2" },
    { name: "C", value: "bare", line: 7, quote: "", exported: false, at: "bare" },
    { name: "D", value: "", line: 8, quote: "'", exported: false, at: "" },
  ]);
});

Deno.test("a value in any text can be swapped for a token, and nothing else changes", () => {
  fc.assert(
    fc.property(dotenvText, fc.infiniteStream(fc.boolean()), (text, choices) => {
      const entries = parseDotenv(text);
      const chosen = entries.map(({ value }) => value !== "" && choices.next().value === true);
      const token = (index: number) => `wk_a_${index}`;
      const swaps = entries.flatMap((entry, index) =>
        chosen[index] ? [{ span: entry.valueSpan, text: token(index) }] : []
      );
      const after = parseDotenv(splice(text, swaps));
      const plain = (list: DotenvEntry[]) => list.map(({ name, value }) => [name, value]);
      const expected = entries.map(({ name, value }, index) => [name, chosen[index] ? token(index) : value]);
      assert.deepEqual(plain(after), expected);
    }),
    { numRuns: FUZZ_CASES },
  );
});

Deno.test("ten thousand lines, quotes that never close, and one giant line are read in linear steps", () => {
  const lines = Array.from({ length: 10_000 }, (_, i) => `KEY_${i}='value ${i}' # note`).join("\n");
  assert.equal(parseDotenv(lines).length, 10_000);
  const open = Array.from({ length: 10_000 }, (_, i) => `KEY_${i}='\\'\\'`).join("\n");
  assert.equal(parseDotenv(open).length, 10_000);
  const giant = `A="${'\\"'.repeat(1_000_000)}"`;
  assert.equal(parseDotenv(giant)[0]?.value.length, 2_000_000);
  assert.equal(parseDotenv(`${"A=\n\n".repeat(10_000)}`).length, 10_000);
  assert.equal(parseDotenv("\n".repeat(1_000_000)).length, 0);
});
