import assert from "node:assert/strict";
import { fittingCredentials } from "../../src/core/fitting_credentials.ts";
import { parseTarget } from "../../src/core/target.ts";

function credential(name: string, hosts: string[], hostsConfirmed = true) {
  return { name, hosts, hostsConfirmed };
}

function fitting(url: string, ...credentials: ReturnType<typeof credential>[]): string[] {
  return fittingCredentials(credentials, parseTarget(url)).map(({ name }) => name);
}

Deno.test("the closest pattern comes first: exact before wildcard before anywhere, a path before none", () => {
  assert.deepEqual(
    fitting(
      "https://api.example.com/v1/x",
      credential("anywhere", ["*"]),
      credential("wildcard", ["*.example.com"]),
      credential("exact", ["api.example.com"]),
      credential("path", ["api.example.com/v1/*"]),
      credential("none", []),
      credential("elsewhere", ["api.example.org", "example.com"]),
      credential("other path", ["api.example.com/v2/*"]),
    ),
    ["path", "exact", "wildcard", "anywhere"],
  );
});

Deno.test("of equals the one whose hosts a person confirmed comes first, then the order of the list", () => {
  assert.deepEqual(
    fitting(
      "https://a.example/",
      credential("planted", ["a.example"], false),
      credential("first", ["a.example"]),
      credential("second", ["a.example"]),
      credential("wide", ["*"]),
    ),
    ["first", "second", "planted", "wide"],
  );
});

Deno.test("scheme and port count as they do in the proxy", () => {
  const hosts = [
    credential("https", ["a.example"]),
    credential("http", ["http://a.example"]),
    credential("port", ["a.example:8443"]),
    credential("loopback", ["127.0.0.1:8080"]),
  ];
  assert.deepEqual(fitting("https://a.example/", ...hosts), ["https"]);
  assert.deepEqual(fitting("http://a.example/", ...hosts), ["http"]);
  assert.deepEqual(fitting("https://A.EXAMPLE.:8443/", ...hosts), ["port"]);
  assert.deepEqual(fitting("http://127.0.0.1:8080/", ...hosts), ["loopback"]);
  assert.deepEqual(fitting("http://127.0.0.1:8081/", ...hosts), []);
});
