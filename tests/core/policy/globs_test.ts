import assert from "node:assert/strict";
import fc from "fast-check";
import { type HostRule, matchesHostRule, parseHostRule } from "../../../src/core/policy/host_rule.ts";
import { matchesName, parseNameGlob } from "../../../src/core/policy/name_glob.ts";
import { parseTarget } from "../../../src/core/target.ts";
import { FUZZ_CASES } from "../fuzz.ts";

Deno.test("a name glob takes whole names", () => {
  const matches = (glob: string, name: string) => matchesName(parseNameGlob(glob), name);
  assert.ok(matches("aws-prod", "aws-prod"));
  assert.ok(!matches("aws-prod", "aws-prod-2"));
  assert.ok(matches("aws-*", "aws-"));
  assert.ok(matches("*-prod", "aws-prod"));
  assert.ok(matches("a*b*c", "aXbYc"));
  assert.ok(!matches("a*b*c", "acb"));
  assert.ok(!matches("ab*ba", "aba"));
  assert.ok(matches("**", "x"));
  assert.ok(matches("a\\*b", "a*b"));
  assert.ok(!matches("a\\*b", "axb"));
  assert.ok(matches("x\\[1\\]", "x[1]"));
  assert.ok(matches("e\u0301", "\u00e9"));
});

Deno.test("property: a name glob is the regular expression it looks like", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "b", "*"), minLength: 1, maxLength: 8 });
  const name = fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 10 });
  fc.assert(
    fc.property(text, name, (glob, name) => {
      const expected = new RegExp(`^${glob.replaceAll(/\*+/g, ".*")}$`).test(name);
      assert.equal(matchesName(parseNameGlob(glob), name), expected);
    }),
    { numRuns: FUZZ_CASES },
  );
});

function matches(rule: string, url: string): boolean {
  return matchesHostRule(parseHostRule(rule), parseTarget(url));
}

Deno.test("hosts are compared as they are dialled: lower case, punycode, no trailing dot", () => {
  assert.ok(matches("API.Aws.com.", "https://api.aws.com/"));
  assert.ok(matches("bücher.example", "https://xn--bcher-kva.example/"));
  assert.ok(matches("127.1", "http://127.0.0.1:8080/"));
  assert.ok(matches("[::1]", "http://[0:0:0:0:0:0:0:1]:80/"));
});

Deno.test("a host without scheme and port is meant with all of them", () => {
  for (const url of ["https://a.test/", "http://a.test/", "https://a.test:8443/"]) {
    assert.ok(matches("a.test", url));
  }
  assert.ok(matches("https://a.test", "https://a.test/"));
  assert.ok(!matches("https://a.test", "http://a.test/"));
  assert.ok(!matches("https://a.test", "https://a.test:8443/"));
  assert.ok(matches("a.test:8443", "https://a.test:8443/"));
  assert.ok(!matches("a.test:8443", "https://a.test/"));
  assert.ok(matches("https://a.test:*", "https://a.test/"));
  assert.ok(matches("a.test/*", "https://a.test/x"));
});

Deno.test("a wildcard covers any depth of subdomain, not the domain, and never another domain", () => {
  assert.ok(matches("*.example.com", "https://a.example.com/"));
  assert.ok(matches("*.example.com", "https://a.b.example.com/"));
  assert.ok(!matches("*.example.com", "https://example.com/"));
  assert.ok(!matches("*.example.com", "https://evilexample.com/"));
  assert.ok(!matches("*.example.com", "https://a.example.com.evil.test/"));
  assert.ok(matches("*", "https://anything.test/"));
});

Deno.test("property: a wildcard rule matches exactly what ends in its domain", () => {
  const label = fc.string({ unit: fc.constantFrom("a", "b"), minLength: 1, maxLength: 3 });
  const host = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join("."));
  fc.assert(
    fc.property(host, host, (domain, host) => {
      const rule: HostRule = parseHostRule(`*.${domain}`);
      assert.equal(matchesHostRule(rule, { scheme: "https", host, port: 443 }), host.endsWith(`.${domain}`));
    }),
    { numRuns: FUZZ_CASES },
  );
});
