import assert from "node:assert/strict";
import { parseHostList } from "../../../src/core/host_pattern.ts";
import { PROVIDERS } from "../../../src/core/provider_catalogue.ts";
import { baseUrlNames, baseUrlVariables } from "../../../src/core/run/base_urls.ts";
import { parseTarget } from "../../../src/core/target.ts";

const ACCESS = { port: 7700, askingPort: 7701, caller: { name: "c", secret: "5ec4e7" } };
const HERE = "http://127.0.0.1:7700/as/c:5ec4e7/to";
const variables = (environment: Record<string, string>, ...hosts: string[]) =>
  baseUrlVariables(environment, parseHostList(hosts, { allowPublicSuffix: true }), ACCESS);

Deno.test("an SDK's base URL is set only if a credential may go to its host", () => {
  assert.deepEqual(variables({}), {});
  assert.deepEqual(variables({}, "api.github.com"), {});
  assert.deepEqual(variables({}, "api.openai.com"), { OPENAI_BASE_URL: `${HERE}/https/api.openai.com/v1` });
  assert.deepEqual(variables({}, "api.anthropic.com/v1/*"), {
    ANTHROPIC_BASE_URL: `${HERE}/https/api.anthropic.com`,
  });
});

Deno.test("a base URL of the person's own is led through the proxy to where it points", () => {
  assert.deepEqual(variables({ OPENAI_BASE_URL: "https://llm.corp:8443/v1/" }, "llm.corp:8443"), {
    OPENAI_BASE_URL: `${HERE}/https/llm.corp:8443/v1/`,
  });
  assert.deepEqual(variables({ OPENAI_BASE_URL: "https://llm.corp/v1" }, "api.openai.com"), {});
  assert.deepEqual(variables({ OPENAI_BASE_URL: "not a url" }, "api.openai.com"), {});
  assert.deepEqual(variables({ OPENAI_BASE_URL: "" }, "api.openai.com"), {
    OPENAI_BASE_URL: `${HERE}/https/api.openai.com/v1`,
  });
});

Deno.test("inside another run the URL belongs to the new caller, or is put back", () => {
  const outer = { OPENAI_BASE_URL: "http://127.0.0.1:7700/as/outer:1/to/https/api.openai.com/v1" };
  assert.deepEqual(variables(outer, "api.openai.com"), {
    OPENAI_BASE_URL: `${HERE}/https/api.openai.com/v1`,
  });
  assert.deepEqual(variables(outer), { OPENAI_BASE_URL: "https://api.openai.com/v1" });
});

Deno.test("the base URLs that SDKs take by themselves lie on hosts of the provider that has the variable", () => {
  const known = [...baseUrlNames()].filter(([, url]) => url !== undefined);
  assert.ok(known.length >= 4);
  for (const [name, url] of known) {
    const provider = PROVIDERS.find(({ baseUrl }) => baseUrl === name);
    assert.ok(provider?.hosts.includes(parseTarget(url ?? "").host), name);
  }
});

Deno.test("variables that name a host or a page for people are left alone", () => {
  const environment = { GITLAB_HOST: "https://gitlab.com", SENTRY_URL: "https://sentry.io" };
  assert.deepEqual(variables(environment, "gitlab.com", "sentry.io"), {});
  assert.deepEqual(variables({ WANDB_BASE_URL: "https://wandb.corp" }, "wandb.corp"), {
    WANDB_BASE_URL: `${HERE}/https/wandb.corp`,
  });
});
