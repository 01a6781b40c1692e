import assert from "node:assert/strict";
import { utf8 } from "../../src/core/bytes.ts";
import { formatHostPattern, parseHostPattern } from "../../src/core/host_pattern.ts";
import {
  placeFor,
  type Provider,
  providerOfHost,
  suggestByName,
  suggestByValue,
} from "../../src/core/provider.ts";
import { PROVIDERS } from "../../src/core/provider_catalogue.ts";

Deno.test("every entry is whole: exact hosts that are patterns, lower case names, a source", () => {
  assert.ok(PROVIDERS.length >= 200, `${PROVIDERS.length} providers`);
  assert.equal(new Set(PROVIDERS.map(({ id }) => id)).size, PROVIDERS.length);
  const hosts = PROVIDERS.flatMap((provider) => provider.hosts);
  assert.equal(new Set(hosts).size, hosts.length);
  for (const provider of PROVIDERS) {
    const { id } = provider;
    assert.match(id, /^[a-z0-9]+(?:-[a-z0-9]+)*$/);
    assert.ok(provider.source !== "" && provider.title !== "", id);
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
    for (const name of provider.variables) assert.match(name, /^[A-Za-z][A-Za-z0-9_]*$/);
    assert.ok(provider.variables.length > 0, `${id} names no variable`);
  }
});

Deno.test("every entry says where its key may go: hosts, hosts of one's own, or why there are none", () => {
  for (const { id, hosts, ownHosts, registry, reveal, places } of PROVIDERS) {
    const somewhere = hosts.length > 0 || ownHosts !== undefined;
    assert.equal([somewhere, registry === true, reveal !== undefined].filter(Boolean).length, 1, id);
    assert.equal(places.length > 0, reveal === undefined, id);
    if (ownHosts === undefined) continue;
    assert.match(ownHosts.suffix, /^(\.[a-z0-9-]+){2,}$/, id);
    assert.ok(ownHosts.variables.length > 0, id);
  }
});

Deno.test("a variable, and a hint in a name, point to one provider only", () => {
  for (const  of of[({ names }: Provider) => names, ({ variables }: Provider) => variables]) {
    const all = PROVIDERS.flatMap(of);
    assert.deepEqual(all.filter((name, index) => all.indexOf(name) !== index), []);
  }
  for (const provider of PROVIDERS) {
    for (const name of provider.variables) assert.equal(suggestByName(name), provider, name);
  }
});

Deno.test("keys that are nobody else's have a beginning to look for, and none fits two providers' beginnings", () => {
  for (const { id, keys = [], shapes = [] } of PROVIDERS) {
    for (const key of keys) {
      assert.match(
        key.source,
        /^(?:[\w-]|\\\.){3}/,
        `${id}: ${key} does not begin with three fixed characters`,
      );
      assert.doesNotMatch(key.source, /^[^[(]*\|/, `${id}: ${key} has two beginnings`);
    }
    for (const shape of [...keys, ...shapes]) assert.equal(shape.flags, "", id);
  }
});

Deno.test("sources are documentation over HTTPS, or a page by its name where the only address is a registry's", () => {
  for (const { id, source, registry } of PROVIDERS) {
    if (registry === true) assert.doesNotMatch(source, /:\/\//, id);
    else assert.match(source, /^https:\/\/[^\s]+$/, id);
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
