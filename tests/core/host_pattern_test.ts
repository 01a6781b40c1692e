import assert from "node:assert/strict";
import fc from "fast-check";
import { UsageError } from "../../src/core/errors.ts";
import {
  formatHostPattern,
  type HostPattern,
  hostPatternFor,
  isNarrower,
  matchesHost,
  parseHostList,
  parseHostPattern,
} from "../../src/core/host_pattern.ts";
import { parseTarget } from "../../src/core/target.ts";

const allows = (pattern: string, url: string): boolean =>
  matchesHost(parseHostPattern(pattern, { allowPublicSuffix: true }), parseTarget(url));

Deno.test("a pattern allows exactly what it says", () => {
  const table: [pattern: string, url: string, allowed: boolean][] = [
    ["api.openai.com", "https://api.openai.com/v1/x", true],
    ["api.openai.com", "https://API.OPENAI.COM.:443/", true],
    ["api.openai.com", "http://api.openai.com/", false],
    ["api.openai.com", "https://api.openai.com:8443/", false],
    ["api.openai.com", "https://evil-api.openai.com/", false],
    ["api.openai.com", "https://api.openai.com.evil.test/", false],
    ["api.openai.com:8443", "https://api.openai.com:8443/", true],
    ["api.openai.com:*", "https://api.openai.com:8443/", true],
    ["http://api.test", "http://api.test/", true],
    ["http://api.test", "https://api.test/", false],
    ["127.0.0.1:8080", "http://127.0.0.1:8080/", true],
    ["127.0.0.1:8080", "https://127.1:8080/", true],
    ["127.0.0.1:8080", "http://127.0.0.1:8081/", false],
    ["127.0.0.1:8080", "http://127.0.0.2:8080/", false],
    ["127.0.0.1:8080", "http://localhost:8080/", false],
    ["https://127.0.0.1:8080", "http://127.0.0.1:8080/", false],
    ["localhost", "http://localhost/", true],
    ["localhost", "https://localhost/", true],
    ["[::1]:99", "http://[0:0::1]:99/", true],
    ["*", "https://anything.test/x", true],
    ["*", "http://anything.test/x", false],
    ["*", "https://anything.test:444/x", false],
    ["*:*", "https://anything.test:444/x", true],
    ["http://*", "http://anything.test/", true],
    ["*.example.com", "https://a.example.com/", true],
    ["*.example.com", "https://a.b.example.com/", true],
    ["*.example.com", "https://example.com/", false],
    ["*.example.com", "https://evilexample.com/", false],
    ["*.example.com", "https://.example.com.evil.test/".replace("//.", "//x."), false],
    ["bücher.de", "https://xn--bcher-kva.de/", true],
    ["a.test/v1/*", "https://a.test/v1/x/y", true],
    ["a.test/v1/*", "https://a.test/v1/", true],
    ["a.test/v1/*", "https://a.test/v1", false],
    ["a.test/v1/*", "https://a.test/v1/../admin", false],
    ["a.test/v1/*", "https://a.test/v1/%2e%2e/admin", false],
    ["a.test/v1/*", "https://a.test/x/../v1/y", true],
    ["a.test/v1/*", "https://a.test/v1/..%2fadmin", false],
    ["a.test/v1/*", "https://a.test/v1/..%5cadmin", false],
    ["a.test/v1/*", "https://a.test/v1/a;b", false],
    ["a.test/v1/*", "https://a.test//v1//x", true],
    ["a.test/v1/*", "https://a.test/v1//../x", false],
    ["a.test/v1/*", "https://a.test/%761/x", true],
    ["a.test/v1/*", "https://a.test/V1/x", false],
    ["a.test/repos/*/issues", "https://a.test/repos/me/issues?q=1", true],
    ["a.test/repos/*/issues", "https://a.test/repos/me/x/issues", false],
    ["a.test/repos/**/issues", "https://a.test/repos/me/x/issues", true],
    ["a.test/exact", "https://a.test/exact", true],
    ["a.test/exact", "https://a.test/exact/", false],
    ["a.test/", "https://a.test/whatever", true],
  ];
  for (const [pattern, url, allowed] of table) {
    assert.equal(allows(pattern, url), allowed, `${pattern} ${url}`);
  }
});

Deno.test("patterns are stored in one canonical text", () => {
  const table: [string, string][] = [
    ["api.openai.com/*", "api.openai.com"],
    ["HTTPS://API.OpenAI.com.:443/v1/*", "api.openai.com/v1/**"],
    ["http://Api.Test:80", "http://api.test"],
    ["https://127.0.0.1:443", "https://127.0.0.1"],
    ["127.1:80", "127.0.0.1:80"],
    ["[0:0::1]:9", "[::1]:9"],
    ["*.Example.com:*", "*.example.com:*"],
    ["x.com//a/", "x.com/a/"],
    ["x.com/é", "x.com/%C3%A9"],
  ];
  for (const [text, canonical] of table) {
    assert.equal(formatHostPattern(parseHostPattern(text)), canonical, text);
  }
});

Deno.test("what cannot be a pattern is refused with its code and a hint", () => {
  const bad = [
    "",
    " ",
    "a b",
    "user@host",
    "host?q",
    "host#f",
    "!host",
    "{a,b}.com",
    "[ab].com",
    "a*.com",
    "*a.com",
    "a.*.com",
    "**",
    "host:0",
    "host:65536",
    "host:",
    "host:8a",
    "ftp://host",
    "://host",
    "https://",
    "a..b",
    "[::1",
    "[::1]9",
    "*.127.0.0.1",
    "localhost:*",
    "127.0.0.1:*",
    "a/../b",
    "a/./b",
    "a/%2e%2e/b",
    "a/%2fb",
    "a/b;c",
    "a\\b",
    "a/[x]",
    "a/***",
    "a/%zz",
    "*.",
    "a\nb",
    "*.*.com",
  ];
  for (const text of bad) {
    assert.throws(() => parseHostPattern(text), (error) => {
      assert.ok(error instanceof UsageError, text);
      assert.equal(error.code, "invalid_host_pattern");
      assert.ok(error.hint !== undefined && error.hint !== "");
      return true;
    }, text);
  }
});

Deno.test("a wildcard over names that anybody can get must be said aloud", () => {
  const shared = [
    "*.com",
    "*.localhost",
    "*.co.uk",
    "*.workers.dev",
    "*.amazonaws.com",
    "*.s3.us-east-1.amazonaws.com",
    "*.github.io",
    "*.vercel.app",
    "*.openai.azure.com",
    "*.googleapis.com",
  ];
  for (const text of shared) {
    assert.throws(() => parseHostPattern(text), { code: "invalid_host_pattern" }, text);
    assert.equal(formatHostPattern(parseHostPattern(text, { allowPublicSuffix: true })), text);
  }
  for (
    const text of [
      "*.example.com",
      "*.mine.workers.dev",
      "foo.github.io",
      "generativelanguage.googleapis.com",
    ]
  ) {
    assert.equal(formatHostPattern(parseHostPattern(text)), text);
  }
});

Deno.test("a list takes commas, drops blanks and repetitions", () => {
  const texts = parseHostList(" a.test , A.TEST:443,, b.test/* ").map(formatHostPattern);
  assert.deepEqual(texts, ["a.test", "b.test"]);
  assert.deepEqual(parseHostList(["a.test", "a.test"]).length, 1);
  assert.deepEqual(parseHostList(""), []);
});

const scheme = fc.constantFrom("", "http://", "https://");
const port = fc.constantFrom("", ":80", ":443", ":8080", ":*");
const path = fc.constantFrom("", "/", "/*", "/v1/*", "/v1/x", "/v1/*/y", "/v1/**/z", "/v2/*");
const name = fc.constantFrom(
  "*",
  "*.a.test",
  "*.b.a.test",
  "a.test",
  "x.a.test",
  "x.b.a.test",
  "127.0.0.1",
  "10.0.0.1",
  "host",
);
const pattern: fc.Arbitrary<HostPattern> = fc.tuple(scheme, name, port, path)
  .filter(([, host, p]) => !(host === "127.0.0.1" && p === ":*"))
  .map((parts) => parseHostPattern(parts.join("")));
const url = fc.tuple(
  fc.constantFrom("http://", "https://"),
  fc.constantFrom("a.test", "x.a.test", "x.b.a.test", "nota.test", "127.0.0.1", "10.0.0.1", "host"),
  fc.constantFrom("", ":80", ":443", ":8080"),
  fc.constantFrom(
    "/",
    "/v1",
    "/v1/",
    "/v1/x",
    "/v1/q/y",
    "/v1/a/b/z",
    "/v2/x",
    "/v1/../v2/x",
    "/v1/%2e%2e/v2/",
  ),
).map((parts) => parseTarget(parts.join("")));

Deno.test("property: a canonical text parses back to the same pattern", () => {
  fc.assert(fc.property(pattern, (p) => assert.deepEqual(parseHostPattern(formatHostPattern(p)), p)));
});

Deno.test("property: whatever is narrower allows nothing that was not allowed before", () => {
  const list = fc.array(pattern, { maxLength: 3 });
  fc.assert(
    fc.property(list, list, url, (next, current, target) => {
      fc.pre(isNarrower(next, current));
      if (next.some((p) => matchesHost(p, target))) {
        assert.ok(
          current.some((p) => matchesHost(p, target)),
          `${next.map(formatHostPattern)} < ${current.map(formatHostPattern)}`,
        );
      }
    }),
    { numRuns: 3000 },
  );
});

Deno.test("narrowing is recognized, widening is not, and addresses are never within a wildcard", () => {
  const narrower = (next: string, current: string) => isNarrower(parseHostList(next), parseHostList(current));
  for (
    const [next, current] of [
      ["", "a.test"],
      ["a.test", "a.test,b.test"],
      ["a.test/v1/*", "a.test"],
      ["a.test/v1/x", "a.test/v1/*"],
      ["x.a.test", "*.a.test"],
      ["*.b.a.test", "*.a.test"],
      ["a.test", "*"],
      ["a.test:9", "a.test:*"],
      ["http://127.0.0.1:9", "127.0.0.1:9"],
      ["http://localhost", "localhost"],
      ["http://localhost:80", "localhost"],
    ]
  ) assert.ok(narrower(next!, current!), `${next} < ${current}`);
  for (
    const [next, current] of [
      ["a.test", ""],
      ["b.test", "a.test"],
      ["a.test", "a.test/v1/*"],
      ["a.test", "*.a.test"],
      ["*.a.test", "a.test"],
      ["a.test:*", "a.test"],
      ["http://a.test", "a.test"],
      ["127.0.0.1:9", "http://127.0.0.1:9"],
      ["10.0.0.1", "*"],
      ["127.0.0.1", "*"],
      ["intranet", "*"],
      ["localhost:81", "localhost"],
      ["a.test/v1/**", "a.test/v1/*/x"],
      ["nota.test", "*.a.test"],
    ]
  ) assert.ok(!narrower(next!, current!), `${next} < ${current}`);
});

Deno.test("property: the pattern suggested for a target allows that target", () => {
  fc.assert(fc.property(url, (target) => {
    const suggested = parseHostPattern(formatHostPattern(hostPatternFor(target)));
    assert.ok(matchesHost(suggested, target));
  }));
});
