import assert from "node:assert/strict";
import fc from "fast-check";
import { describeFallback, fallbackToken, fallbackVariables, slugOfToken } from "../../src/core/fallback.ts";
import { formatHostPattern } from "../../src/core/host_pattern.ts";
import { mintToken, tokenSlug } from "../../src/core/token.ts";

function shown(environment: Record<string, string>) {
  return fallbackVariables(environment).map(({ slug, hosts, type }) => [
    slug,
    type,
    hosts.map(formatHostPattern).join(),
  ]);
}

Deno.test("hosts come from the variable beside it, else from the catalogue, else there are none", () => {
  assert.deepEqual(
    shown({
      WISPKEY_FALLBACK_OPENAI: "v",
      WISPKEY_FALLBACK_GITHUB_BOT: "v",
      WISPKEY_FALLBACK_ACME: "v",
      WISPKEY_FALLBACK_ACME_HOSTS: "api.acme.test, *.acme.test:8443",
      WISPKEY_FALLBACK_OTHER: "v",
      WISPKEY_FALLBACK_ANTHROPIC: "v",
      WISPKEY_FALLBACK_ANTHROPIC_HOSTS: "gateway.corp.test",
    }),
    [
      ["acme", "bearer_token", "api.acme.test,*.acme.test:8443"],
      ["anthropic", "api_key", "gateway.corp.test"],
      ["github_bot", "bearer_token", "api.github.com,uploads.github.com,github.com"],
      ["openai", "bearer_token", "api.openai.com"],
      ["other", "bearer_token", ""],
    ],
  );
});

Deno.test("hosts that cannot be read open nothing, and not the catalogue's instead", () => {
  for (const hosts of ["https://a..b", "a.test,b c", "*.co.uk", "user@a.test", ","]) {
    const [fallback] = fallbackVariables({
      WISPKEY_FALLBACK_OPENAI: "v",
      WISPKEY_FALLBACK_OPENAI_HOSTS: hosts,
    });
    assert.deepEqual(fallback?.hosts, [], hosts);
    assert.match(
      fallback === undefined ? "" : describeFallback(fallback),
      /^WISPKEY_FALLBACK_OPENAI \(used nowhere/,
    );
  }
});

Deno.test("other names, empty values and endless lists count for nothing", () => {
  assert.deepEqual(
    shown({
      WISPKEY_FALLBACK_: "v",
      WISPKEY_FALLBACK_lower: "v",
      "WISPKEY_FALLBACK_A-B": "v",
      WISPKEY_FALLBACK_EMPTY: "",
      WISPKEY_FALLBACK_A_HOSTS: "a.test",
      OPENAI_API_KEY: "v",
    }),
    [],
  );
  const many = Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`WISPKEY_FALLBACK_N${i}`, "v"]));
  assert.equal(fallbackVariables(many).length, 64);
});

Deno.test("what is told of a variable never holds its value", () => {
  const [fallback] = fallbackVariables({ WISPKEY_FALLBACK_OPENAI: "s3cret-value" });
  assert.ok(fallback !== undefined && !JSON.stringify(fallback).includes("s3cret"));
  assert.equal(describeFallback(fallback), "WISPKEY_FALLBACK_OPENAI (to api.openai.com)");
});

Deno.test("a token's slug is that of the name it was minted for, and a fallback's own token leads back to it", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (name) => {
    assert.equal(slugOfToken(mintToken(name)), tokenSlug(name));
    assert.equal(slugOfToken(fallbackToken(tokenSlug(name))), tokenSlug(name));
  }));
  for (
    const text of ["", "wk_", "wk_a", "wk_a_", "wk_a_short", "sk_a_0123456789abcdef", "wk_A_0123456789abcdef"]
  ) {
    assert.equal(slugOfToken(text), null, text);
  }
  assert.equal(slugOfToken("wk_openai_prod_a7x9m2k4"), "openai_prod");
});
