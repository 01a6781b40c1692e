import assert from "node:assert/strict";
import { networkSuggestions, type NetworkSurroundings } from "../../src/core/network_environment.ts";
import { parseSetting } from "../../src/core/settings.ts";

function suggest(env: Record<string, string>, more: Partial<NetworkSurroundings> = {}) {
  return networkSuggestions({
    env: (name) => env[name] || undefined,
    ownPorts: [7700],
    vaultDir: "/home/me/.wispkey",
    set: [],
    ...more,
  });
}
const commands = (...given: Parameters<typeof suggest>) => suggest(...given).map(({ command }) => command);

Deno.test("an empty environment suggests nothing", () => assert.deepEqual(suggest({}), []));

Deno.test("each variable leads to the exact command that takes it over", () => {
  assert.deepEqual(
    commands({
      HTTPS_PROXY: "http://proxy.corp.test:3128",
      NO_PROXY: "localhost, .corp.test,10.0.0.0/8, <local>",
      SSL_CERT_FILE: "/etc/corp CA.pem",
    }),
    [
      "wispkey config set proxy.upstream http://proxy.corp.test:3128",
      "wispkey config set proxy.no_proxy localhost,.corp.test,10.0.0.0/8",
      "wispkey config set proxy.extra_ca '/etc/corp CA.pem'",
    ],
  );
});

Deno.test("a password is set, but shown neither in the words nor in the command", () => {
  for (
    const [url, command] of [
      ["http://me:pa55word@p.test:3128", 'wispkey config set proxy.upstream "$ALL_PROXY"'],
      ["me:pa55word@p.test:3128", 'wispkey config set proxy.upstream "http://$ALL_PROXY"'],
      ["socks5h://me:pa55word@p.test", 'wispkey config set proxy.upstream "$ALL_PROXY"'],
    ] as const
  ) {
    const [suggestion] = suggest({ ALL_PROXY: url });
    assert.ok(suggestion !== undefined);
    assert.ok(suggestion.value.includes("pa55word"));
    assert.equal(suggestion.command, command);
    assert.ok(!`${suggestion.what}${suggestion.command}`.includes("pa55word"));
  }
});

Deno.test("every suggested value is one that the setting takes", () => {
  for (
    const proxy of ["p.test", "p.test:8080", "http://p.test", "https://u:p%40@p.test", "socks5://[::1]:1080"]
  ) {
    for (const { key, value } of suggest({ https_proxy: proxy, no_proxy: "*,a.test, b..c ,::1" })) {
      parseSetting(key, value);
    }
  }
});

Deno.test("the first that is usable counts, in the order that other programs have", () => {
  const value = (env: Record<string, string>) => suggest(env)[0]?.variable;
  assert.equal(value({ HTTP_PROXY: "http://a.test", HTTPS_PROXY: "http://b.test" }), "HTTPS_PROXY");
  assert.equal(value({ HTTPS_PROXY: "http://a.test", https_proxy: "http://b.test" }), "https_proxy");
  assert.equal(value({ HTTP_PROXY: "http://a.test", ALL_PROXY: "http://b.test" }), "ALL_PROXY");
  assert.equal(value({ HTTPS_PROXY: "socks4://a.test", HTTP_PROXY: "http://b.test" }), "HTTP_PROXY");
  assert.equal(value({ CURL_CA_BUNDLE: "/a", NODE_EXTRA_CA_CERTS: "/b" }), "NODE_EXTRA_CA_CERTS");
});

Deno.test("our own proxy and our own certificates are not taken for somebody else's", () => {
  for (
    const ours of [
      "http://127.0.0.1:7700",
      "http://localhost:7700",
      "http://token:secret@[::1]:7700",
      "127.0.0.1:7700",
    ]
  ) {
    assert.deepEqual(suggest({ HTTP_PROXY: ours, HTTPS_PROXY: ours, NO_PROXY: "a.test" }), [], ours);
  }
  assert.deepEqual(suggest({ NODE_EXTRA_CA_CERTS: "/home/me/.wispkey/ca.pem" }), []);
  assert.equal(suggest({ NODE_EXTRA_CA_CERTS: "/home/me/.wispkey-of-others/ca.pem" }).length, 1);
  assert.equal(suggest({ HTTP_PROXY: "http://127.0.0.1:8888" }).length, 1);
});

Deno.test("what the owner has set, be it to nothing, is not suggested again", () => {
  const env = { HTTPS_PROXY: "http://p.test", NO_PROXY: "a.test", SSL_CERT_FILE: "/ca.pem" };
  assert.deepEqual(suggest(env, { set: ["proxy.upstream", "proxy.no_proxy", "proxy.extra_ca"] }), []);
  assert.deepEqual(suggest(env, { set: ["proxy.upstream"] }).map(({ key }) => key), [
    "proxy.no_proxy",
    "proxy.extra_ca",
  ]);
  assert.deepEqual(suggest({ NO_PROXY: "a.test" }), [], "exceptions from no proxy mean nothing");
});
