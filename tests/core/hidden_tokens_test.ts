import { Buffer } from "node:buffer";
import assert from "node:assert/strict";
import fc from "fast-check";
import { findHiddenToken } from "../../src/core/hidden_tokens.ts";
import { FUZZ_CASES } from "./fuzz.ts";

const TOKEN = "wk_openai_0123456789abcdef";
const OLD = "wk_o_1a2b3c4d";
const keyring = {
  tokenLengths: [TOKEN.length, OLD.length],
  find: (token: string) => ({ kind: token === TOKEN || token === OLD ? "live" : "unknown" }),
};
const hiddenBy = (text: string, isBody = false): string | undefined =>
  findHiddenToken(text, keyring, isBody)?.how;

const hex = (character: string): string => character.charCodeAt(0).toString(16);
const percent = (character: string): string => `%${hex(character)}`;
const json = (character: string): string => `\\u00${hex(character)}`;
const each = (escape: (c: string) => string) => (text: string): string => [...text].map(escape).join("");

Deno.test("every spelling is seen through and named", () => {
  const rows: [spelling: string, how: string][] = [
    [each(percent)(TOKEN), "percent-encoding"],
    [TOKEN.replace("w", "%77"), "percent-encoding"],
    [TOKEN.replace("_", "%5F"), "percent-encoding"],
    [TOKEN.replace("f", "%66"), "percent-encoding"],
    [each(percent)(each(percent)(TOKEN)), "percent-encoding"],
    [TOKEN.replace("k", "%256b"), "percent-encoding"],
    [TOKEN.replace("k", "%25256b"), "percent-encoding"],
    [each(json)(TOKEN), "JSON escapes"],
    [TOKEN.replace("w", "\\u0077"), "JSON escapes"],
    [TOKEN.replace("i", "\\u0069"), "JSON escapes"],
    [TOKEN.replace("k", "\\\\u006b"), "JSON escapes"],
    [TOKEN.replace("k", "\\\\\\\\u006B"), "JSON escapes"],
    [TOKEN.replace("k", "\\u0025" + "6b"), "percent-encoding"],
    [TOKEN.replace("k", "%5cu006b"), "JSON escapes"],
    [btoa(TOKEN), "Base64"],
    [btoa(`user:${TOKEN}`), "Base64"],
    [each(percent)(btoa(TOKEN)), "Base64"],
    [each(json)(btoa(`x${TOKEN}`)), "Base64"],
  ];
  for (const [text, how] of rows) {
    assert.equal(hiddenBy(text), how, text);
    assert.equal(hiddenBy(`{"a": "x ${text} y"}`), how, text);
  }
});

Deno.test("a token that stands there plainly, and words that were never ours, are not hidden tokens", () => {
  const texts = [
    TOKEN,
    `%77 ${TOKEN} \\u0077`,
    `${TOKEN}%20${OLD}`,
    "wk_never_ours_0123456789abcdef",
    each(percent)("wk_never_ours"),
    btoa("wk_never_ours_0123456789abcdef"),
    "100% of wk_ words, 50%, %zz %7",
    "\\u00 \\u007 \\u00zz",
    "d2tf drX 3a1 d2tfd2tf",
    "",
    "%",
  ];
  for (const text of texts) assert.equal(hiddenBy(text, true), undefined, text);
});

Deno.test("a token is found beside one that stands there plainly", () => {
  assert.equal(hiddenBy(`${TOKEN} ${OLD.replace("o", "%6f")}`), "percent-encoding");
  assert.equal(hiddenBy(`${TOKEN} ${btoa(OLD)}`), "Base64");
});

Deno.test("property: escapes of any of its characters, once or twice, hide no token", () => {
  const around = fc.string({ unit: fc.constantFrom(...'ab 1_%\\"{}:=&u0'), maxLength: 12 });
  // Beside a token character it would be another token.
  const apart = around.map((text) => `${text} `);
  const escapes = fc.array(fc.constantFrom("plain", "percent", "json", "percent twice"), {
    minLength: TOKEN.length,
    maxLength: TOKEN.length,
  });
  fc.assert(
    fc.property(apart, escapes, around, fc.constantFrom(false, true), (before, escapes, after, isBody) => {
      const token = [...TOKEN].map((c, i) => {
        switch (escapes[i]) {
          case "percent":
            return percent(c);
          case "percent twice":
            return `%25${hex(c)}`;
          case "json":
            return json(c);
          default:
            return c;
        }
      }).join("");
      if (token === TOKEN) return;
      assert.notEqual(hiddenBy(`${before}${token} ${after}`, isBody), undefined, token);
    }),
    { numRuns: FUZZ_CASES },
  );
});

Deno.test("property: Base64 of either alphabet hides no token, at any alignment, padded or not, broken into lines or not", () => {
  const bytes = fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString("latin1"));
  // What follows must not make a longer token of it.
  const after = bytes.map((text) => text === "" ? "" : `.${text}`);
  fc.assert(
    fc.property(
      bytes,
      fc.constantFrom(TOKEN, OLD),
      after,
      fc.constantFrom<BufferEncoding>("base64", "base64url"),
      fc.integer({ min: 0, max: 3 }),
      fc.constantFrom("", "\r\n", "\n", "\\n", "\\r\\n"),
      (before, token, after, encoding, junk, lineEnd) => {
        const encoded = Buffer.from(before + token + after, "latin1").toString(encoding);
        const prefix = ["", "data:;base64,", "x=", '"'][junk];
        assert.equal(hiddenBy(`${prefix}${encoded}`), "Base64");
        if (lineEnd === "") return;
        const lines = encoded.match(/.{1,64}/g)?.join(lineEnd) ?? "";
        // Lines are as long as MIME and PEM have them; the last may be short.
        assert.equal(hiddenBy(`${prefix}${lines}`, true), "Base64", lines);
      },
    ),
    { numRuns: FUZZ_CASES },
  );
});

Deno.test("hostile texts are looked through in bounded work", () => {
  const size = 200_000;
  for (
    const piece of [
      "%",
      "%25",
      "\\",
      "\\u00",
      "\\u005c",
      "d2tf",
      "3a1",
      "drX",
      "A\n",
      "%77",
      "wk_",
      "\\n",
      "%255c",
    ]
  ) {
    const text = piece.repeat(size / piece.length);
    assert.equal(hiddenBy(text, true), undefined, piece);
  }
});
