import assert from "node:assert/strict";
import {
  proxyVariables,
  TRUST_VARIABLES,
  trustVariables,
  viaProxy,
  withoutPasswords,
  withoutProxy,
} from "../../../src/core/run/environment.ts";

const ACCESS = { port: 7700, askingPort: 7701, caller: { name: "run-oak-7", secret: "5ec4e7" } };

Deno.test("nothing of ours that may hold a secret reaches the program", () => {
  const environment = {
    PATH: "/bin",
    WISPKEY_PASSWORD: "x",
    wispkey_password: "x",
    WISPKEY_BUNDLE_PASSPHRASE: "x",
    WISPKEY_FALLBACK_OPENAI: "x",
    WISPKEY_SOMETHING_NEW: "x",
    WISPKEY_PROJECT: "p",
    WISPKEY_VAULT_PATH: "/v",
  };
  assert.deepEqual(withoutPasswords(environment), {
    PATH: "/bin",
    WISPKEY_PROJECT: "p",
    WISPKEY_VAULT_PATH: "/v",
  });
});

Deno.test("the proxy's variables stand in both cases, with the caller's name and secret", () => {
  const variables = proxyVariables(ACCESS, "localhost");
  const url = new URL(variables["HTTPS_PROXY"] ?? "");
  assert.equal(url.username, "run-oak-7");
  assert.equal(url.password, "5ec4e7");
  assert.equal(url.host, "127.0.0.1:7701", "where it is asked for them");
  for (const name of ["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"]) {
    assert.ok(variables[name]);
    assert.equal(variables[name.toLowerCase()], variables[name]);
  }
  assert.equal(variables["NODE_USE_ENV_PROXY"], "1");
  assert.equal(variables["GIT_HTTP_PROXY_AUTHMETHOD"], "basic");
});

Deno.test("programs that add to their roots get the certificate, those that replace them the bundle", () => {
  const variables = trustVariables({ PATH: "/bin" }, "/v/ca.pem", "/v/ca-bundle.pem");
  assert.deepEqual(Object.keys(variables).sort(), [...TRUST_VARIABLES].sort());
  assert.equal(variables["NODE_EXTRA_CA_CERTS"], "/v/ca.pem");
  assert.equal(variables["DENO_CERT"], "/v/ca.pem");
  for (const name of TRUST_VARIABLES.filter((name) => !["NODE_EXTRA_CA_CERTS", "DENO_CERT"].includes(name))) {
    assert.equal(variables[name], "/v/ca-bundle.pem", name);
  }
});

Deno.test("variables that only some programs know are set where they were set before", () => {
  const variables = trustVariables({ NIX_SSL_CERT_FILE: "/etc/x.pem", HTTPLIB2_CA_CERTS: "" }, "/c", "/b");
  assert.equal(variables["NIX_SSL_CERT_FILE"], "/b");
  assert.ok(!("HTTPLIB2_CA_CERTS" in variables));
});

Deno.test("a URL led through the proxy is led back by a second run", () => {
  for (
    const url of [
      "https://api.openai.com/v1",
      "http://127.0.0.1:8080",
      "https://h/a?b=c#d",
      "https://[::1]:1/x/",
    ]
  ) {
    const led = viaProxy(url, ACCESS);
    assert.ok(led.startsWith("http://127.0.0.1:7700/as/run-oak-7:5ec4e7/to/"), led);
    assert.equal(withoutProxy(led), url);
    assert.equal(withoutProxy(url), url);
  }
  assert.equal(withoutProxy("http://localhost:7700/to/https/h/v1"), "https://h/v1");
  assert.equal(withoutProxy("http://127.0.0.1:7700/health"), "http://127.0.0.1:7700/health");
});
