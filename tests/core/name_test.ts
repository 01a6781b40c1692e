import assert from "node:assert/strict";
import fc from "fast-check";
import { UsageError } from "../../src/core/errors.ts";
import { checkName, escapeText, MAX_NAME_LENGTH } from "../../src/core/name.ts";

function refusal(name: string): UsageError {
  try {
    checkName(name, "credential");
  } catch (error) {
    assert(error instanceof UsageError);
    assert.equal(error.code, "invalid_name");
    return error;
  }
  assert.fail(`'${name}' was accepted`);
}

Deno.test("ordinary names pass in normal form C", () => {
  for (const name of ["openai", "openai prod", "clé", "日本", "a/b", "x".repeat(MAX_NAME_LENGTH)]) {
    assert.equal(checkName(name, "credential"), name);
  }
  assert.equal(checkName("cle\u0301", "credential"), "clé");
});

Deno.test("names that are blank, padded, overlong or read like an option are refused with the reason", () => {
  assert.match(refusal("").message, /blank/);
  assert.match(refusal(" \t").message, /blank/);
  assert.match(refusal(" a").message, /starts or ends/);
  assert.match(refusal("a ").message, /starts or ends/);
  assert.match(refusal("x".repeat(MAX_NAME_LENGTH + 1)).message, /longer than 128/);
  assert.match(refusal("--json").message, /option/);
  assert(refusal("").hint);
});

Deno.test("no character that can lie on a terminal passes, and none reaches the message", () => {
  const liars = [
    "\n",
    "\r",
    "\0",
    "\x1b",
    "\x7f",
    "\x9b",
    "\u2028",
    "\u2029",
    "\u202e",
    "\u2066",
    "\u200f",
    "\ufeff",
  ];
  fc.assert(fc.property(fc.constantFrom(...liars), (liar) => {
    const error = refusal(`a${liar}b`);
    assert(!error.message.includes(liar), JSON.stringify(liar));
    assert.match(error.message, /\\u\{/);
  }));
});

Deno.test("escaped text has nothing left to escape, and what was harmless stays", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
    const shown = escapeText(text);
    assert.equal(escapeText(shown), shown);
    // deno-lint-ignore no-control-regex -- control characters are what is looked for
    assert(!/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/.test(shown));
  }));
  assert.equal(escapeText("a\x1b[31mb\u202e"), "a\\u{1b}[31mb\\u{202e}");
  assert.equal(escapeText("plain, żółć 🔑"), "plain, żółć 🔑");
});

Deno.test("half of a surrogate pair is no character of a name", () => {
  for (const name of ["a\ud83d", "\ude00b", "a\ude00\ud83dz"]) {
    assert.throws(() => checkName(name, "credential"), { code: "invalid_name" });
  }
  assert.equal(checkName("key \u{1f511}", "credential"), "key \u{1f511}");
});
