import assert from "node:assert/strict";
import fc from "fast-check";
import { FUZZ_CASES } from "./fuzz.ts";
import { formatNetworkRule, namesAddress, namesHost, parseNetworkRule } from "../../src/core/network_rule.ts";

function rule(text: string) {
  const parsed = parseNetworkRule(text);
  assert.ok(parsed !== null, text);
  return parsed;
}
const EXACT = { bareNamesCoverBelow: false };
const LIKE_NO_PROXY = { bareNamesCoverBelow: true };

Deno.test("rules are written in one spelling, which parses back to itself", () => {
  for (
    const [given, canonical] of [
      ["*", "*"],
      ["API.Example.COM.", "api.example.com"],
      ["*.example.com:8443", "*.example.com:8443"],
      [".example.com", ".example.com"],
      ["bücher.example", "xn--bcher-kva.example"],
      ["10.1.2.3", "10.1.2.3"],
      ["10.1.2.3:80", "10.1.2.3:80"],
      ["10.0.0.0/8", "10.0.0.0/8"],
      ["FE80::/10", "fe80::/10"],
      ["::1", "::1"],
      ["[::1]", "::1"],
      ["[0:0::1]:8080", "[::1]:8080"],
      ["0.0.0.0/0", "0.0.0.0/0"],
      ["localhost", "localhost"],
    ] as const
  ) {
    assert.equal(formatNetworkRule(rule(given)), canonical);
    assert.deepEqual(rule(canonical), rule(given));
  }
});

Deno.test("what is no rule is refused instead of meaning something else", () => {
  for (
    const text of [
      "",
      ".",
      "*.",
      "a..b",
      "*a.test",
      "a.*.test",
      "https://a.test",
      "a.test/path",
      "10.0.0.1/8",
      "10.0.0.0/33",
      "10.0.0/8",
      "fe80::1/10",
      "fe80::%eth0",
      "a.test:",
      "a.test:0",
      "a.test:65536",
      "[a.test]",
      "[::1",
      "10.0.0.0/8:80",
      "127.1",
      "0x7f.0.0.1",
      "a b",
      "user@a.test",
    ]
  ) assert.equal(parseNetworkRule(text), null, text);
});

Deno.test("a bare name is itself, and in the reading of NO_PROXY what is below it, too", () => {
  const bare = rule("example.com");
  assert.equal(namesHost(bare, "example.com", 443, EXACT), true);
  assert.equal(namesHost(bare, "a.example.com", 443, EXACT), false);
  assert.equal(namesHost(bare, "a.b.example.com", 443, LIKE_NO_PROXY), true);
  assert.equal(namesHost(bare, "badexample.com", 443, LIKE_NO_PROXY), false);
  assert.equal(namesHost(bare, "example.com.evil.test", 443, LIKE_NO_PROXY), false);
  for (const reading of [EXACT, LIKE_NO_PROXY]) {
    assert.equal(namesHost(rule("*.example.com"), "example.com", 443, reading), false);
    assert.equal(namesHost(rule("*.example.com"), "a.example.com", 443, reading), true);
    assert.equal(namesHost(rule(".example.com"), "example.com", 443, reading), true);
    assert.equal(namesHost(rule(".example.com"), "a.example.com", 443, reading), true);
    assert.equal(namesHost(rule("example.com:8443"), "example.com", 443, reading), false);
    assert.equal(namesHost(rule("*"), "anything.test", 1, reading), true);
  }
});

Deno.test("addresses are compared as addresses, whatever their spelling", () => {
  assert.equal(namesAddress(rule("10.0.0.0/8"), "10.255.0.1", 80), true);
  assert.equal(namesAddress(rule("10.0.0.0/8"), "11.0.0.1", 80), false);
  assert.equal(namesAddress(rule("10.0.0.0/8"), "::ffff:10.1.2.3", 80), true);
  assert.equal(namesAddress(rule("fe80::/10"), "fe80:0:0::1", 80), true);
  assert.equal(namesAddress(rule("fe80::/10"), "10.0.0.1", 80), false);
  assert.equal(namesAddress(rule("::1"), "0:0:0:0:0:0:0:1", 80), true);
  assert.equal(namesAddress(rule("10.1.2.3:80"), "10.1.2.3", 81), false);
  assert.equal(namesAddress(rule("a.test"), "10.1.2.3", 80), false);
  assert.equal(namesHost(rule("10.0.0.0/8"), "10.1.2.3", 80, EXACT), true);
  assert.equal(namesHost(rule("10.0.0.0/8"), "ten.test", 80, EXACT), false);
});

Deno.test("a range names exactly the addresses whose first bits are its own", () => {
  const byte = fc.integer({ min: 0, max: 255 });
  const address = fc.tuple(byte, byte, byte, byte);
  fc.assert(fc.property(address, address, fc.integer({ min: 0, max: 32 }), (base, other, bits) => {
    const number = (bytes: readonly number[]) => bytes.reduce((value, each) => value * 256 + each, 0);
    const size = 2 ** (32 - bits);
    const first = Math.floor(number(base) / size) * size;
    const text = [24, 16, 8, 0].map((shift) => Math.floor(first / 2 ** shift) % 256).join(".");
    const inside = Math.floor(number(other) / size) * size === first;
    assert.equal(namesAddress(rule(`${text}/${bits}`), other.join("."), 1), inside);
  }));
});

Deno.test("no text makes the parser throw, and what it takes is canonical", () => {
  const piece = fc.constantFrom(
    "10",
    ".",
    "*",
    ":",
    "/",
    "8",
    "[",
    "]",
    "::1",
    "fe80",
    "a",
    "b.test",
    "%",
    "xn--",
    "@",
  );
  const text = fc.oneof(fc.string(), fc.array(piece, { maxLength: 10 }).map((pieces) => pieces.join("")));
  fc.assert(
    fc.property(text, (given) => {
      const parsed = parseNetworkRule(given);
      if (parsed === null) return;
      const canonical = formatNetworkRule(parsed);
      assert.deepEqual(parseNetworkRule(canonical), parsed, canonical);
      assert.equal(formatNetworkRule(rule(canonical)), canonical);
    }),
    { numRuns: FUZZ_CASES },
  );
});
