import assert from "node:assert/strict";
import { utf8 } from "../../../src/core/bytes.ts";
import {
  expandSecret,
  MAX_PATTERN_LENGTH,
  MAX_SECRET_LENGTH,
  type Pattern,
  spellToken,
} from "../../../src/core/scrub/mod.ts";
import { latin1 } from "./support.ts";

const texts = (patterns: readonly Pattern[]) => patterns.map(({ bytes }) => latin1(bytes));
const expand = (secret: string | Uint8Array, isPair = false, minimum = 0) =>
  expandSecret(typeof secret === "string" ? utf8(secret) : secret, { isPair, minimum });

Deno.test("a secret of letters and digits has few patterns, each once", () => {
  const patterns = texts(expand("abcdefgh12345678"));
  assert.deepEqual(patterns, [...new Set(patterns)]);
  assert.ok(patterns.length <= 12, String(patterns.length));
  for (const expected of ["abcdefgh12345678", "61626364656667683132333435363738", "YWJjZGVmZ2gxMjM0NTY3O"]) {
    assert.ok(patterns.includes(expected), expected);
  }
});

Deno.test("no pattern is longer than what is held back, and windows cover the whole", () => {
  const secret = Array.from({ length: 40 }, (_, i) => `line ${i} of a long secret "quoted"`).join("\n");
  const patterns = expand(secret);
  for (const { bytes } of patterns) assert.ok(bytes.length >= 2 && bytes.length <= MAX_PATTERN_LENGTH);
  const windows = texts(patterns.filter(({ isWindow }) => isWindow));
  for (let at = 0; at + 127 <= secret.length; at++) {
    const part = secret.slice(at, at + 127);
    assert.ok(windows.some((window) => part.includes(window)), `nothing of the part at ${at}`);
  }
  assert.ok(windows.every((window) => !window.startsWith("\n")));
});

Deno.test("nothing is made of an empty secret, of one byte, and of what is too long to be sent", () => {
  assert.deepEqual(expand(""), []);
  assert.deepEqual(expand("x"), []);
  assert.deepEqual(expand(new Uint8Array(MAX_SECRET_LENGTH + 1).fill(97)), []);
  assert.ok(expand(new Uint8Array(MAX_SECRET_LENGTH).fill(97)).length > 0);
});

Deno.test("a short secret is a word, and is not looked for in Base64", () => {
  const patterns = expand("p&ss");
  assert.ok(patterns.every(({ wholeWord }) => wholeWord));
  assert.deepEqual(texts(patterns).sort(), [
    "%70%26%73%73",
    "p%2526ss",
    "p%26ss",
    "p&#38;ss",
    "p&#x26;ss",
    "p&amp;ss",
    "p&ss",
    "p\\u0026ss",
  ]);
});

Deno.test("the least length counts for each part by itself", () => {
  assert.deepEqual(expand("short-secret", false, 16), []);
  const patterns = texts(expand("a-long-user-name:password", true, 16));
  assert.ok(patterns.includes("a-long-user-name:password"));
  assert.ok(!patterns.includes("password"));
});

Deno.test("bytes that are no text are looked for as they are, in Base64, hexadecimal and percent-encoded", () => {
  const secret = Uint8Array.from({ length: 16 }, (_, i) => 0xf0 + i);
  const patterns = texts(expand(secret));
  assert.ok(patterns.includes(latin1(secret)));
  assert.ok(patterns.includes("8PHy8/T19vf4+fr7/P3+/w".slice(0, 21)));
});

Deno.test("the token in Base64 keeps the length modulo four", () => {
  for (const spelled of ["base64-0", "base64-1", "base64-2"] as const) {
    for (let removed = 10; removed < 20; removed++) {
      assert.equal(spellToken("wk_key_a7x9m2k4a7x9m2k4", spelled, removed).length % 4, removed % 4);
    }
  }
});

Deno.test("a password beside a user that the sender chose is found in Base64 of the Base64 on the wire", () => {
  const secret = "key-of-a-printer-0042";
  const plain = texts(expand(secret));
  const half = texts(expandSecret(utf8(secret), { isPair: false, isHalfOfPair: true, minimum: 16 }));
  for (const user of ["a", "ab", "abc", "a-rather-long-user"]) {
    for (const before of ["", "x", "xy", "Authorization: Basic "]) {
      const dump = btoa(`${before}${btoa(`${user}:${secret}`)}\n`);
      assert.ok(!plain.some((pattern) => dump.includes(pattern)));
      assert.ok(half.some((pattern) => dump.includes(pattern)), `${user}, after '${before}'`);
    }
  }
});
