import assert from "node:assert/strict";
import { utf8 } from "../../src/core/bytes.ts";
import { formatHostPattern, parseHostPattern } from "../../src/core/host_pattern.ts";
import { placeFor, providerOfHost, suggestByName, suggestByValue } from "../../src/core/provider.ts";
import { PROVIDERS } from "../../src/core/provider_catalogue.ts";

Deno.test("every entry is whole: exact hosts that are patterns, lower case names, a source", () => {
  assert.equal(PROVIDERS.length, 20);
  assert.equal(new Set(PROVIDERS.map(({ id }) => id)).size, PROVIDERS.length);
  const hosts = PROVIDERS.flatMap((provider) => provider.hosts);
  assert.equal(new Set(hosts).size, hosts.length);
  for (const provider of PROVIDERS) {
    assert.ok(provider.hosts.length > 0 && provider.places.length > 0 && provider.source !== "", provider.id);
    for (const host of provider.hosts) {
      const pattern = parseHostPattern(host);
      assert.equal(pattern.kind, "exact");
      assert.equal(formatHostPattern(pattern), host);
      assert.equal(providerOfHost(host), provider);
    }
    for (const place of provider.places) {
      if (place.in === "header") assert.equal(place.name, place.name.toLowerCase());
    }
    for (const name of provider.names) assert.match(name, /^[a-z0-9]+( [a-z0-9]+)*$/);
  }
});

Deno.test("names of credentials and variables point to their provider", () => {
  const table: [string, string | undefined][] = [
    ["OPENAI_API_KEY", "openai"],
    ["openai-prod", "openai"],
    ["ANTHROPIC_API_KEY", "anthropic"],
    ["GEMINI_API_KEY", "google-ai"],
    ["GH_TOKEN", "github"],
    ["my github pat", "github"],
    ["HF_TOKEN", "hugging-face"],
    ["DD_API_KEY", "datadog"],
    ["GROQ_API_KEY", "groq"],
    ["high", undefined],
    ["notionally", undefined],
    ["", undefined],
  ];
  for (const [name, id] of table) assert.equal(suggestByName(name)?.id, id, name);
});

Deno.test("values point to their provider by what they begin with", () => {
  const table: [string, string | undefined][] = [
    ["sk-ant-api03-x", "anthropic"],
    ["sk-proj-x", "openai"],
    ["ghp_x", "github"],
    ["xoxb-1", "slack"],
    ["sk_live_1", "stripe"],
    ["hf_x", "hugging-face"],
    ["sk-x", undefined],
    ["gh", undefined],
    ["", undefined],
  ];
  for (const [value, id] of table) assert.equal(suggestByValue(utf8(value))?.id, id, value);
});

Deno.test("hosts outside the catalogue have no known place, not even neighbours", () => {
  assert.equal(placeFor("openai.com"), undefined);
  assert.equal(placeFor("evil-api.openai.com"), undefined);
  assert.deepEqual(placeFor("api.openai.com"), [{ in: "header", name: "authorization", scheme: "bearer" }]);
});
