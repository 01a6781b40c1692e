import assert from "node:assert/strict";
import fc from "fast-check";
import { checkName, MAX_NAME_LENGTH } from "../../src/core/name.ts";
import { readSource } from "../../src/importer/formats/mod.ts";
import { credentialNameOf, freeName } from "../../src/importer/names.ts";
import { ownHostsOf } from "../../src/importer/own_hosts.ts";
import { planImport, swapped } from "../../src/importer/plan.ts";
import { PROVIDERS } from "../../src/core/provider_catalogue.ts";
import { parseDotenv } from "../../src/importer/dotenv/parse.ts";

Deno.test("names of variables become names of credentials", () => {
  const table: [string, string, string][] = [
    ["DB_PASSWORD", "", "db-password"],
    ["simpleKey", "", "simple-key"],
    ["HTTPSProxy", "", "https-proxy"],
    ["_PRIVATE_KEY_", "", "private-key"],
    ["services.stripe.apiKey", "", "services-stripe-api-key"],
    ["OPENAI_API_KEY", "prod", "prod-openai-api-key"],
    ["\u001b[31m", "", "31m"],
    ["///", "", "imported"],
    ["größe", "", "größe"],
  ];
  for (const [variable, prefix, name] of table) assert.equal(credentialNameOf(variable, prefix), name);
});

Deno.test("any variable gives a name that may be one, and taken ones get a number", () => {
  fc.assert(fc.property(fc.string({ unit: "grapheme", maxLength: 300 }), (variable) => {
    const name = credentialNameOf(variable);
    assert.equal(checkName(name, "credential"), name.normalize("NFC"));
    const second = freeName(name, (candidate) => candidate === name);
    assert.ok(second.endsWith("-2") && second.length <= MAX_NAME_LENGTH);
  }));
});

Deno.test("hosts of one's own accounts come from the variable beside, and only under the provider's name", () => {
  const okta = PROVIDERS.find(({ id }) => id === "okta");
  assert.ok(okta !== undefined);
  const hosts = (value: string) => ownHostsOf([{ name: "OKTA_DOMAIN", value }])(okta);
  assert.deepEqual(hosts("https://acme.okta.com/"), ["acme.okta.com"]);
  assert.deepEqual(hosts("acme.okta.com"), ["acme.okta.com"]);
  for (
    const bad of [
      "https://evil.test",
      "evil.test/.okta.com",
      "okta.com.evil.test",
      ".okta.com",
      "http://acme.okta.com",
      "https://acme.okta.com@evil.test",
      "",
    ]
  ) {
    assert.deepEqual(hosts(bad), [], bad);
  }
});

Deno.test("only what was chosen is planned; the rest is left, with the reason", async () => {
  const entries = await readSource(
    "dotenv",
    "PORT=1\nA_SECRET=hunter2-but-better\nB_SECRET=hunter3-but-better\n",
  );
  const plan = planImport(entries, { prefix: "", only: ["B_SECRET"] });
  assert.deepEqual(plan.secrets.map(({ wanted }) => wanted), ["b-secret"]);
  assert.deepEqual(plan.left.map(({ entry, why }) => [entry.name, why]), [
    ["PORT", "a number"],
    ["A_SECRET", "not chosen by --only"],
  ]);
});

Deno.test("a copy keeps every line, comment and quote, whatever stands in the values", async () => {
  const text =
    "# top\r\nexport A_SECRET='multi\r\nline # not a comment' # note\r\n\r\nPORT = 3000\r\nB_SECRET=`x9F3kQ7LmP2s`\r\n";
  const entries = await readSource("dotenv", text);
  const { secrets } = planImport(entries, { prefix: "", only: undefined });
  const copy = swapped(text, new Map(secrets.map(({ entry, wanted }) => [entry, `wk_${wanted}`])));
  assert.equal(
    copy,
    "# top\r\nexport A_SECRET='wk_a-secret' # note\r\n\r\nPORT = 3000\r\nB_SECRET=`wk_b-secret`\r\n",
  );
  assert.deepEqual(parseDotenv(copy).map(({ name }) => name), entries.map(({ name }) => name));
});
