import assert from "node:assert/strict";
import fc from "fast-check";
import {
  isMintedForm,
  MAX_SLUG_LENGTH,
  mintToken,
  TOKEN_CHARACTERS,
  TOKEN_PREFIX,
  tokenSlug,
} from "../../src/core/token.ts";

Deno.test("a slug is the name in lower-case letters and digits", () => {
  const slugs: Record<string, string> = {
    "openai": "openai",
    "OpenAI Prod": "openai_prod",
    "clé d'accès": "cle_d_acces",
    "--a--b--": "a_b",
    "ﬁle №5": "file_no5",
    "ÅNGSTRÖM": "angstrom",
    "日本": "key",
    "!!!": "key",
    "": "key",
    "9to5": "9to5",
  };
  for (const [name, slug] of Object.entries(slugs)) assert.equal(tokenSlug(name), slug);
  assert.equal(tokenSlug(`${"a".repeat(31)} b`), "a".repeat(31), "no underscore is left at the cut");
});

Deno.test("a slug of any name is short, plain and never empty", () => {
  fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 80 }), (name) => {
    assert.match(tokenSlug(name), /^[a-z0-9]+(_[a-z0-9]+)*$/);
    assert(tokenSlug(name).length <= MAX_SLUG_LENGTH);
  }));
});

Deno.test("a token of any name has the minted form and only token characters", () => {
  fc.assert(fc.property(fc.string({ unit: "grapheme", maxLength: 60 }), (name) => {
    const token = mintToken(name);
    assert(isMintedForm(token), token);
    assert(token.startsWith(`${TOKEN_PREFIX}${tokenSlug(name)}_`));
    for (const character of token) assert(TOKEN_CHARACTERS.includes(character));
  }));
});

Deno.test("no two tokens are alike", () => {
  assert.equal(new Set(Array.from({ length: 2_000 }, () => mintToken("same"))).size, 2_000);
});

Deno.test("every character of the random part comes from equally many byte values", () => {
  const counts = new Map<string, number>();
  for (let byte = 0; byte < 256; byte++) {
    let draws = 0;
    const token = mintToken("k", (bytes) => bytes.fill(draws++ === 0 ? byte : 0));
    if (draws > 1) continue; // Drawn again: this value gives no character.
    const character = token.at(-1) ?? "";
    counts.set(character, (counts.get(character) ?? 0) + 1);
  }
  assert.equal(counts.size, 36);
  assert.deepEqual([...counts.values()], Array(36).fill(7));
});

Deno.test("bytes that would favour some characters are drawn again", () => {
  let calls = 0;
  const token = mintToken("k", (bytes) => bytes.fill(calls++ === 0 ? 255 : 35));
  assert.equal(calls, 2);
  assert.equal(token, `wk_k_${"9".repeat(16)}`);
  let mixed = 0;
  assert.equal(
    mintToken("k", (bytes) => bytes.set(bytes.map(() => mixed++ % 2 ? 252 : 251))),
    `wk_k_${"9".repeat(16)}`,
  );
});

Deno.test("what only looks like a token does not have the minted form", () => {
  for (
    const text of [
      "",
      "wk_",
      "wk_a",
      "wk_a_short",
      "wk_A_aaaaaaaaaaaaaaaa",
      "wk_a_aaaaaaaaaaaaaaaA",
      "xwk_a_aaaaaaaaaaaaaaaa",
      "wk_a_aaaaaaaaaaaaaaaa\n",
      "wk__aaaaaaaaaaaaaaa",
    ]
  ) {
    assert.equal(isMintedForm(text), false, JSON.stringify(text));
  }
});
