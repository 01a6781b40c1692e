import assert from "node:assert/strict";
import fc from "fast-check";
import { decodeBase64Text } from "../../src/core/base64.ts";
import { utf8 } from "../../src/core/bytes.ts";
import {
  basicAround,
  basicPair,
  headerValue,
  queryValue,
  type Replacement,
} from "../../src/core/substitution.ts";

const latin1 = (bytes: Uint8Array): string => Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");

const gap = fc.string({
  unit: fc.integer({ min: 0x20, max: 0xff }).map((c) => String.fromCharCode(c)),
  maxLength: 12,
});
const secret = fc.uint8Array({ maxLength: 40 }).map((bytes) =>
  bytes.map((b) => b < 0x20 || b === 0x7f ? 0x41 : b)
);
const pieces = fc.array(fc.tuple(gap, secret), { maxLength: 4 });

function assemble(
  parts: [string, Uint8Array][],
  tail: string,
): { text: string; replacements: Replacement[] } {
  let text = "";
  const replacements = parts.map(([before, secret], i) => {
    text += before;
    const start = text.length;
    text += `wk_token_${i}`;
    return { start, end: text.length, secret };
  });
  return { text: text + tail, replacements };
}

Deno.test("property: a header keeps every byte that is not a token", () => {
  fc.assert(fc.property(pieces, gap, (parts, tail) => {
    const { text, replacements } = assemble(parts, tail);
    const expected = parts.map(([before, secret]) => before + latin1(secret)).join("") + tail;
    assert.equal(latin1(headerValue(text, replacements)), expected);
  }));
});

Deno.test("property: a query keeps every byte that is not a token, and the secret decodes to itself", () => {
  const text = fc.string({
    unit: fc.integer({ min: 0x21, max: 0x7e }).map((c) => String.fromCharCode(c)),
    maxLength: 12,
  });
  fc.assert(fc.property(text, fc.uint8Array({ maxLength: 40 }), text, (before, secret, after) => {
    const out = latin1(
      queryValue(`${before}wk_x${after}`, [{ start: before.length, end: before.length + 4, secret }]),
    );
    assert.ok(out.startsWith(before) && out.endsWith(after));
    const encoded = out.slice(before.length, out.length - after.length);
    assert.match(encoded, /^(?:[A-Za-z0-9._~-]|%[0-9A-F]{2})*$/);
    const decoded = encoded.replaceAll(/%(..)/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
    assert.equal(decoded, latin1(secret));
  }));
});

Deno.test("a secret that would break out of a header is refused, without being told", () => {
  for (const bad of ["a\r\nX-Evil: 1", "a\n", "a\0", "\x7f", "a\x1b[0m"]) {
    assert.throws(
      () => headerValue("wk_x", [{ start: 0, end: 4, secret: utf8(bad) }]),
      (error: Error & { code?: string }) =>
        error.code === "value_not_allowed_here" && !error.message.includes(bad),
    );
    assert.throws(() => basicPair(utf8(`u:${bad}`), null), { code: "value_not_allowed_here" });
    assert.throws(() => basicAround("u:wk_x", { start: 2, end: 6, secret: utf8(bad) }), {
      code: "value_not_allowed_here",
    });
  }
  assert.equal(latin1(headerValue("wk_x", [{ start: 0, end: 4, secret: utf8("tab\tok") }])), "tab\tok");
  assert.equal(latin1(queryValue("wk_x", [{ start: 0, end: 4, secret: utf8("a\r\n&=") }])), "a%0D%0A%26%3D");
});

Deno.test("a pair replaces the whole of Basic, a password alone keeps the client's user", () => {
  assert.equal(latin1(basicPair(utf8("me:pw"), "someone")), `Basic ${btoa("me:pw")}`);
  assert.equal(latin1(basicPair(utf8("me:p:w"), null)), `Basic ${btoa("me:p:w")}`);
  assert.equal(latin1(basicPair(utf8("pw"), "someone")), `Basic ${btoa("someone:pw")}`);
  assert.throws(() => basicPair(utf8("pw"), null), { code: "value_not_allowed_here" });
  assert.equal(
    latin1(basicAround("wk_x:", { start: 0, end: 4, secret: utf8("sk_live") })),
    `Basic ${btoa("sk_live:")}`,
  );
});

Deno.test("property: what is written into Basic decodes to what was meant, for any bytes", () => {
  fc.assert(fc.property(secret, (bytes) => {
    const value = latin1(basicAround("user:wk_x", { start: 5, end: 9, secret: bytes }));
    assert.equal(value, `Basic ${btoa(`user:${latin1(bytes)}`)}`);
    assert.equal(decodeBase64Text(value.slice(6)), `user:${latin1(bytes)}`);
    assert.equal(decodeBase64Text(value.slice(6).replaceAll("=", "")), `user:${latin1(bytes)}`);
  }));
});

Deno.test("what is not Base64 decodes to null", () => {
  for (const text of ["a", "ab!c", "abcd e", "ab\u0141d", "====", "abcde"]) {
    assert.equal(decodeBase64Text(text), null, text);
  }
  assert.equal(decodeBase64Text(""), "");
});

Deno.test("what was put in is not looked at again", () => {
  const out = headerValue("wk_aaaa wk_bbbb", [
    { start: 0, end: 7, secret: utf8("wk_bbbb") },
    { start: 8, end: 15, secret: utf8("two") },
  ]);
  assert.equal(latin1(out), "wk_bbbb two");
});
