/**
 * Policies that restrict nothing because of a mistake nobody is told of: a key misspelled, a zone that cannot be read, a host
 * rule that allows the rest of the world.
 */

import assert from "node:assert/strict";
import { Bench, mistakesOf, policy } from "../core/policy/support.ts";

const MISTAKES = [
  'denied_host = ["evil.example"]',
  'time_window = "09:00-17:00 America/New_Yrk"',
  'rate_limit = "ten a minute"',
  'allowed_hosts = ["!evil.example"]',
  'denied_hosts = ["!api.example.com"]',
  'denied_paths = ["admin/**"]',
  "deny = 1",
  'expires = "tomorrow"',
];

/** What earlier programs do: they take what they understand. */
function naivelyRead(line: string): string[] {
  const known = /^(?:denied_hosts = \["[a-z]|max_body = )/.test(line);
  return known ? [line] : [];
}

Deno.test("a mistake in the policies is an error, never a policy less", () => {
  for (const line of MISTAKES) {
    assert.deepEqual(naivelyRead(line), [], "a naive reader goes on without it");
    assert.ok(mistakesOf(policy(line)).length > 0, line);
    assert.throws(() => new Bench(policy(line)), line);
  }
});

Deno.test("a rule on hosts holds in every letter case and with a trailing dot, and reaches no look-alike", () => {
  const denied = new Bench(policy('denied_hosts = ["evil.example"]'));
  const naive = (host: string) => host === "evil.example";
  for (const host of ["EVIL.example", "evil.example."]) {
    assert.ok(!naive(host), "a comparison of texts misses it");
    assert.match(denied.ask({ url: `https://${host}/` }), /^deny/, host);
  }
  const allowed = new Bench(policy('allowed_hosts = ["*.aws.com"]'));
  assert.ok("evilaws.com".endsWith("aws.com"), "a comparison of ends takes it");
  assert.match(allowed.ask({ url: "https://evilaws.com/" }), /^deny/);
  assert.equal(allowed.ask({ url: "https://s3.aws.com/" }), "allow");
});
