import assert from "node:assert/strict";
import fc from "fast-check";
import { bracketHost, isAddressLiteral, isLoopbackName, normalizeHost } from "../../src/core/host_name.ts";

Deno.test("every spelling of a host becomes the one that the URL parser gives it", () => {
  const table: [string, string][] = [
    ["API.OpenAI.com", "api.openai.com"],
    ["api.openai.com.", "api.openai.com"],
    ["bücher.de", "xn--bcher-kva.de"],
    ["ｅｘａｍｐｌｅ.com", "example.com"],
    ["127.1", "127.0.0.1"],
    ["0x7f000001", "127.0.0.1"],
    ["2130706433", "127.0.0.1"],
    ["0177.0.0.1", "127.0.0.1"],
    ["[::1]", "::1"],
    ["[0:0:0:0:0:0:0:1]", "::1"],
    ["[::ffff:127.0.0.1]", "::ffff:7f00:1"],
    ["localhost.", "localhost"],
    ["a_b.example", "a_b.example"],
  ];
  for (const [text, host] of table) assert.equal(normalizeHost(text), host, text);
});

Deno.test("what is no host is null", () => {
  const bad = [
    "",
    ".",
    "a..b",
    "a b",
    "a@b",
    "a%41",
    "a/b",
    "a\\b",
    "[::1",
    "::1",
    "a:80",
    "a#b",
    "a?b",
    "1.2.3.4.5",
    "256.1.1.1",
  ];
  for (
    const text of [
      ...bad,
      "a\u0000b",
      "a\tb",
      `${"a".repeat(64)}.com`,
      "a.".repeat(130) + "com",
      "[::1]x",
      "[v1.x]",
    ]
  ) {
    assert.equal(normalizeHost(text), null, JSON.stringify(text));
  }
});

Deno.test("property: what normalizes agrees with the URL parser, and normalizing again changes nothing", () => {
  const piece = fc.stringMatching(/^[a-zA-Z0-9_-]{1,8}$/);
  const host = fc.oneof(
    fc.array(piece, { minLength: 1, maxLength: 4 }).map((l) => l.join(".")),
    fc.domain(),
    fc.ipV4(),
  );
  fc.assert(fc.property(host, (text) => {
    const normal = normalizeHost(text);
    let expected: string | null;
    try {
      expected = new URL(`http://${text}/`).hostname;
    } catch {
      expected = null;
    }
    assert.equal(normal, expected);
    if (normal !== null) assert.equal(normalizeHost(normal), normal);
  }));
  fc.assert(fc.property(fc.ipV6(), (text) => {
    const normal = normalizeHost(`[${text}]`);
    assert.equal(`[${normal}]`, new URL(`http://[${text}]/`).hostname);
    assert.equal(normalizeHost(bracketHost(normal ?? "")), normal);
  }));
});

Deno.test("property: dotted numbers, whatever they are, become what the URL parser makes of them, or nothing", () => {
  const number = fc.oneof(
    fc.integer({ min: 0, max: 300 }).map(String),
    fc.constantFrom("", "0", "00", "01", "007", "0x7f", "255", "256", "0377", "1a"),
  );
  const dotted = fc.array(number, { minLength: 1, maxLength: 6 }).map((numbers) => numbers.join("."));
  fc.assert(
    fc.property(dotted, (text) => {
      const url = URL.canParse(`http://${text}/`)
        ? new URL(`http://${text}/`).hostname.replace(/\.$/, "")
        : null;
      const normalized = normalizeHost(text);
      assert.ok(normalized === null || normalized === url, `${text} became ${normalized}`);
      if (url === text && /^\d+\.\d+\.\d+\.\d+$/.test(text)) assert.equal(normalized, text);
    }),
    { numRuns: 10_000 },
  );
});

Deno.test("only literal loopback names count as loopback", () => {
  for (const host of ["127.0.0.1", "127.9.9.9", "::1", "localhost"]) assert.ok(isLoopbackName(host), host);
  for (const host of ["127.evil.com", "localhost.evil.com", "128.0.0.1", "::2", "xlocalhost"]) {
    assert.ok(!isLoopbackName(host), host);
  }
  assert.ok(isAddressLiteral("1.2.3.4") && isAddressLiteral("::1") && !isAddressLiteral("1.2.3.4.com"));
});
