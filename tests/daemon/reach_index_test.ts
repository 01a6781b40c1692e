import assert from "node:assert/strict";
import { parseHostList } from "../../src/core/host_pattern.ts";
import { ReachIndex } from "../../src/daemon/reach_index.ts";
import { PLAIN_CALLER } from "../../src/proxy/callers.ts";
import type { ProxyCredential } from "../../src/proxy/ports.ts";

function credential(name: string, hosts: string, project = "default"): ProxyCredential {
  return {
    id: name,
    name,
    project,
    type: "bearer_token",
    place: null,
    hosts: parseHostList(hosts),
    token: `wk_${name}_aaaaaaaaaaaaaaaa`,
    tokenFingerprint: "0123456789abcdef",
  };
}

const https = (host: string, port = 443) => ({ scheme: "https", host, port }) as const;

Deno.test("a host is reached by a credential whose pattern has its scheme, name and port, whatever the path", () => {
  const index = new ReachIndex(
    () => [credential("api", "api.test/v1/**"), credential("wide", "*.wide.test:8443")],
  );
  assert.equal(index.find(https("api.test"), PLAIN_CALLER)?.name, "api");
  assert.equal(index.find(https("api.test", 8443), PLAIN_CALLER), null);
  assert.equal(index.find({ scheme: "http", host: "api.test", port: 80 }, PLAIN_CALLER), null);
  assert.equal(index.find(https("a.wide.test", 8443), PLAIN_CALLER)?.name, "wide");
  assert.equal(index.find(https("other.test"), PLAIN_CALLER), null);
});

Deno.test("a caller reaches only what its own project and credentials reach", () => {
  const all = [credential("one", "api.test", "first"), credential("two", "api.test", "second")];
  const index = new ReachIndex(({ project, credentials }) =>
    all.filter((one) =>
      (project === null || one.project === project) && credentials?.includes(one.name) !== false
    )
  );
  const find = (project: string | null, credentials: string[] | null) =>
    index.find(https("api.test"), { ...PLAIN_CALLER, project, credentials })?.name ?? null;
  assert.equal(find(null, null), "one");
  assert.equal(find("second", null), "two");
  assert.equal(find(null, ["two"]), "two");
  assert.equal(find("first", ["two"]), null);
  assert.equal(find(null, []), null);
});

Deno.test("answers are remembered until they are cleared, and their number is bounded", () => {
  let asked = 0;
  const index = new ReachIndex(() => {
    asked++;
    return [credential("api", "api.test")];
  });
  index.find(https("api.test"), PLAIN_CALLER);
  index.find(https("api.test"), PLAIN_CALLER);
  assert.equal(asked, 1);
  index.clear();
  index.find(https("api.test"), PLAIN_CALLER);
  assert.equal(asked, 2);
  for (let i = 0; i < 3_000; i++) index.find(https(`host-${i}.test`), PLAIN_CALLER);
  assert.ok(index.size <= 1_024, `${index.size} answers`);
});
