import assert from "node:assert/strict";
import fc from "fast-check";
import { utf8 } from "../../src/core/bytes.ts";
import { DATABASES, IN_AN_ADDRESS, SIGNED_WITH, whyUnproxied } from "../../src/core/unproxied.ts";

Deno.test("keys, database addresses and addresses with a password are told by how they begin", () => {
  for (
    const [value, why] of [
      ["postgres://app:pa55w0rd@localhost/app", DATABASES],
      ["mongodb+srv://u:p@c.example.net", DATABASES],
      ["jdbc:postgresql://h/db?user=u&password=p", DATABASES],
      ["https://me:pa55@git.example.com/x", IN_AN_ADDRESS],
      ["-----BEGIN OPENSSH PRIVATE KEY-----\nabc\n", SIGNED_WITH],
      ["-----BEGIN PRIVATE KEY-----\r\nabc\r\n", SIGNED_WITH],
      ["https://example.com/a:b@c", null],
      ["https://@example.com/", null],
      ["-----BEGIN CERTIFICATE-----\nabc\n", null],
      ["sk-proj-abcdefghijklmnop", null],
      ["user:password", null],
      ["://x", null],
      ["", null],
    ] as const
  ) {
    assert.equal(whyUnproxied(utf8(value)), why, value);
  }
});

Deno.test("any bytes are judged without an error", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (value) => {
    const why = whyUnproxied(value);
    assert.ok(why === null || why.length > 0);
  }));
  fc.assert(fc.property(fc.string(), (rest) => {
    assert.equal(whyUnproxied(utf8(`mysql://${rest}`)), DATABASES);
  }));
});
