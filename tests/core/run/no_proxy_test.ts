import assert from "node:assert/strict";
import { parseHostList } from "../../../src/core/host_pattern.ts";
import { noProxyList } from "../../../src/core/run/no_proxy.ts";

const list = (before: string | undefined, hosts: string) =>
  noProxyList(before, parseHostList(hosts === "" ? [] : hosts.split(" "), { allowPublicSuffix: true }), 7700);

Deno.test("loopback is reached without the proxy, and what was so before", () => {
  assert.equal(list(undefined, "api.openai.com"), "localhost,127.0.0.1,::1");
  assert.equal(
    list("internal.corp, .lan 10.0.0.0/8,localhost", "api.openai.com"),
    "localhost,127.0.0.1,::1,internal.corp,.lan,10.0.0.0/8",
  );
});

Deno.test("a host that a credential may go to is never on the list, however it was written", () => {
  for (
    const before of [
      "*",
      "api.example.com",
      ".example.com",
      "example.com",
      "*.example.com",
      "API.example.com:443",
    ]
  ) {
    assert.equal(list(before, "api.example.com"), "localhost,127.0.0.1,::1", before);
  }
  assert.equal(list("a.example.com", "*.example.com"), "localhost,127.0.0.1,::1");
  assert.equal(list("other.example.com", "api.example.com"), "localhost,127.0.0.1,::1,other.example.com");
  assert.equal(
    list("internal.corp", "*"),
    "localhost,127.0.0.1,::1,internal.corp",
    "'*' reaches public hosts only",
  );
});

Deno.test("a loopback host that a credential names goes through the proxy, but our own port never does", () => {
  assert.equal(list(undefined, "localhost:8443"), "127.0.0.1,::1");
  assert.equal(list(undefined, "127.0.0.1:8443"), "localhost,::1,127.0.0.1:7700");
  assert.equal(list("127.0.0.1:7699", "127.0.0.1:8443"), "localhost,::1,127.0.0.1:7700");
});

Deno.test("the list of a run inside a run is no longer", () => {
  const once = list("internal.corp", "api.openai.com");
  assert.equal(list(once, "api.openai.com"), once);
});
