import assert from "node:assert/strict";
import { checkHosts } from "../../../src/proxy/steps/check_hosts.ts";
import { shellQuote } from "../../../src/core/shell_quote.ts";
import { findTokens } from "../../../src/proxy/steps/find_tokens.ts";
import { route } from "../../../src/proxy/steps/route.ts";
import { contextOf, fakeServices } from "../fakes.ts";

function contextFor(hosts: string, url: string) {
  const services = fakeServices();
  const { token } = services.keyring.add({ name: "k", hosts });
  const context = contextOf("GET", url, [["Host", new URL(url).host], ["Authorization", token]]);
  route(context, services);
  findTokens(context, services);
  return context;
}

Deno.test("naming a host exactly is told apart from reaching it by a wildcard", () => {
  const cases: [string, string, boolean][] = [
    ["api.test", "https://api.test/", true],
    ["*.test.example", "https://a.test.example/", false],
    ["*", "https://api.test/", false],
    ["*,api.test", "https://api.test/", true],
    ["*,api.test/v1/*", "https://api.test/v2", false],
    ["*:*,api.test:8443", "https://api.test/", false],
    ["127.0.0.1:99", "http://127.0.0.1:99/", true],
  ];
  for (const [hosts, url, exact] of cases) {
    const context = contextFor(hosts, url);
    checkHosts(context);
    assert.deepEqual(context.uses.map((use) => use.exactHost), [exact], `${hosts} ${url}`);
  }
});

Deno.test("every credential of a request must be allowed, not just one", () => {
  const services = fakeServices();
  const good = services.keyring.add({ name: "good", hosts: "api.test" });
  const bad = services.keyring.add({ name: "bad", hosts: "b.test" });
  const context = contextOf("GET", "https://api.test/", [
    ["Host", "api.test"],
    ["Authorization", good.token],
    ["X-Api-Key", bad.token],
  ]);
  route(context, services);
  findTokens(context, services);
  assert.throws(() => checkHosts(context), { code: "host_not_allowed", message: /'bad'/ });
});

Deno.test("a request without a token may go anywhere", () => {
  const context = contextOf("GET", "https://anything.test/", [["Host", "anything.test"]]);
  route(context, fakeServices());
  findTokens(context, fakeServices());
  checkHosts(context);
  assert.deepEqual(context.uses, []);
});

Deno.test("a hint can be pasted into a shell whatever the name is", () => {
  const cases: [string, string][] = [
    ["openai-prod", "openai-prod"],
    ["a.b:c/d,e@f", "a.b:c/d,e@f"],
    ["my key", "'my key'"],
    ["$(rm -rf /)", "'$(rm -rf /)'"],
    ["it's", "'it'\\''s'"],
    ["*", "'*'"],
    ["", "''"],
    ["ünï", "'ünï'"],
  ];
  for (const [word, shell] of cases) assert.equal(shellQuote(word), shell);
});
