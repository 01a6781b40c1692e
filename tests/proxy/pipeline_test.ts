import assert from "node:assert/strict";
import fc from "fast-check";
import type { OutgoingValue } from "../../src/proxy/http/types.ts";
import { noteDenial, runSteps } from "../../src/proxy/pipeline.ts";
import { toRefusal } from "../../src/proxy/refusal.ts";
import { wipeOutgoing } from "../../src/proxy/steps/inject.ts";
import { contextOf, type FakeCredential, fakeServices } from "./fakes.ts";

const text = (value: OutgoingValue): string =>
  typeof value === "string" ? value : Array.from(value, (byte) => String.fromCharCode(byte)).join("");

/** Runs a forward request to `https://api.test` through all steps; `T` in URL and headers stands for the token. */
async function run(
  credential: FakeCredential,
  url: string,
  headers: [string, string][] = [],
  services = fakeServices(),
) {
  const { token } = services.keyring.add({ name: "k", hosts: "api.test", ...credential });
  const put = (value: string) =>
    value.replaceAll("{T}", token).replace(/\{B:(.*)\}/, (_, pair: string) => btoa(pair));
  const context = contextOf("GET", put(url), [
    ["Host", new URL(put(url)).host],
    ...headers.map(([name, value]): [string, string] => [put(name), put(value)]),
  ]);
  let refusal;
  try {
    assert.equal(await runSteps(context, services), undefined);
  } catch (error) {
    noteDenial(context, services, error);
    refusal = toRefusal(error);
  }
  const outgoing = new Map(context.outgoing.headers.map(({ name, value }) => [name, text(value)]));
  return { context, services, token, refusal, outgoing, target: text(context.outgoing.target) };
}

Deno.test("each type puts its secret in its own place", async () => {
  const value = "s3cr/et:=\u00e9";
  const bytes = Uint8Array.from(value, (c) => c.charCodeAt(0));
  const cases: [FakeCredential, string, [string, string][], (r: Awaited<ReturnType<typeof run>>) => void][] =
    [
      [
        { type: "bearer_token" },
        "https://api.test/v1?q={x}",
        [["Authorization", "Bearer {T}"]],
        ({ outgoing, target }) => {
          assert.equal(outgoing.get("Authorization"), `Bearer ${value}`);
          assert.equal(target, "/v1?q={x}");
        },
      ],
      [
        { type: "bearer_token" },
        "https://api.test/",
        [["authorization", "{T}"]],
        ({ outgoing }) => assert.equal(outgoing.get("authorization"), value),
      ],
      [
        { type: "api_key" },
        "https://api.test/",
        [["X-API-Key", "{T}"]],
        ({ outgoing }) => assert.equal(outgoing.get("X-API-Key"), value),
      ],
      [
        { type: "api_key" },
        "https://api.test/?a=1&api_key={T}&b=%20",
        [],
        ({ target }) => assert.equal(target, "/?a=1&api_key=s3cr%2Fet%3A%3D%E9&b=%20"),
      ],
      [
        { type: "basic_auth" },
        "https://api.test/",
        [["Authorization", "Basic {B:me:{T}}"]],
        ({ outgoing }) => assert.equal(outgoing.get("Authorization"), `Basic ${btoa(value)}`),
      ],
      [
        { type: "basic_auth" },
        "https://api.test/",
        [["Authorization", "Basic {T}"]],
        ({ outgoing }) => assert.equal(outgoing.get("Authorization"), `Basic ${btoa(value)}`),
      ],
      [
        { type: "basic_auth", value: "onlypw" },
        "https://api.test/",
        [["Authorization", "Basic {B:me:{T}}"]],
        ({ outgoing }) => assert.equal(outgoing.get("Authorization"), `Basic ${btoa("me:onlypw")}`),
      ],
      [{ type: "custom_header", place: { in: "header", name: "X-Sig" } }, "https://api.test/", [[
        "x-sig",
        "v1 {T};{T}",
      ]], ({ outgoing }) => assert.equal(outgoing.get("x-sig"), `v1 ${value};${value}`)],
      [
        { type: "query_param", place: { in: "query", name: "appid" } },
        "https://api.test/x?appid={T}",
        [],
        ({ target }) => assert.equal(target, "/x?appid=s3cr%2Fet%3A%3D%E9"),
      ],
      [{ type: "bearer_token", hosts: "api.stripe.com" }, "https://api.stripe.com/", [[
        "Authorization",
        "Basic {B:{T}:}",
      ]], ({ outgoing }) => assert.equal(outgoing.get("Authorization"), `Basic ${btoa(`${value}:`)}`)],
    ];
  for (const [credential, url, headers, check] of cases) {
    const result = await run({ value: bytes, ...credential }, url, headers);
    assert.equal(result.refusal, undefined, `${credential.type}: ${result.refusal?.message}`);
    check(result);
    assert.deepEqual(result.services.keyring.uses, ["k"]);
    assert.deepEqual(result.services.audit.rows.map(({ event }) => event), ["CredentialUsed"]);
    assert.ok(
      result.services.keyring.handedOut.every((secret) => secret.every((byte) => byte === 0)),
      "not wiped",
    );
    wipeOutgoing(result.context);
    assert.ok(
      result.context.outgoing.secrets.every((secret) => secret.every((byte) => byte === 0)),
      "not wiped",
    );
  }
});

Deno.test("each refusal tells status, code and the way out, and is written down without token or query", async () => {
  const bearer: [string, string] = ["Authorization", "Bearer {T}"];
  const cases: [FakeCredential, string, [string, string][], number, string, RegExp][] = [
    [
      { hosts: "" },
      "https://api.test/p?q",
      [bearer],
      403,
      "host_not_allowed",
      /^wispkey edit k --hosts api\.test$/,
    ],
    [
      { hosts: "a.test,b.test" },
      "http://api.test:8080/p",
      [bearer],
      403,
      "host_not_allowed",
      /^wispkey edit k --hosts a\.test,b\.test,http:\/\/api\.test:8080$/,
    ],
    [
      { name: "my key", hosts: "*.a.test" },
      "https://a.test/",
      [bearer],
      403,
      "host_not_allowed",
      /^wispkey edit 'my key' --hosts '\*\.a\.test,a\.test'$/,
    ],
    [
      { hosts: "api.test/v1/*" },
      "https://api.test/v1/../admin",
      [bearer],
      403,
      "host_not_allowed",
      /--hosts/,
    ],
    [{}, "http://api.test/", [bearer], 403, "host_not_allowed", /http:\/\/api\.test/],
    [{}, "https://api.test/{T}/x", [], 403, "misplaced_token", /Authorization: Bearer/],
    [{}, "https://api.test/?key={T}", [], 403, "misplaced_token", /Authorization: Bearer/],
    [{}, "https://api.test/?{T}=1", [], 403, "misplaced_token", /Authorization: Bearer/],
    [{}, "https://api.test/", [["X-Note", "{T}"]], 403, "misplaced_token", /Authorization: Bearer/],
    [{}, "https://api.test/", [["{T}", "1"]], 403, "misplaced_token", /Authorization: Bearer/],
    [
      {},
      "https://api.test/",
      [bearer, ["User-Agent", "a {T}"]],
      403,
      "misplaced_token",
      /Authorization: Bearer/,
    ],
    [{}, "https://api.test/", [bearer, bearer], 403, "misplaced_token", /once/],
    [{}, "https://api.test/", [["Authorization", "Bearer other"], bearer], 403, "misplaced_token", /once/],
    [
      {},
      "https://api.test/",
      [["Proxy-Authorization", "Bearer {T}"]],
      403,
      "misplaced_token",
      /Authorization: Bearer/,
    ],
    [
      {},
      "https://api.test/",
      [["Authorization", "Basic {B:u:{T}}"]],
      403,
      "misplaced_token",
      /Authorization: Bearer/,
    ],
    [
      { type: "basic_auth" },
      "https://api.test/",
      [["Authorization", "Basic {B:{T}:x}"]],
      403,
      "misplaced_token",
      /password/,
    ],
    [
      {},
      "https://api.test/",
      [["Authorization", "Bearer wk_never_0123456789abcdef"]],
      403,
      "unknown_token",
      /wispkey list/,
    ],
    [{}, "https://api.test/?access_token=wk_never", [], 403, "unknown_token", /wispkey list/],
    [{ value: "a\r\nX-Evil: 1" }, "https://api.test/", [bearer], 403, "value_not_allowed_here", /line break/],
    [
      { type: "basic_auth", value: "nopair" },
      "https://api.test/",
      [["Authorization", "{T}"]],
      403,
      "value_not_allowed_here",
      /user:password/,
    ],
  ];
  for (const [credential, url, headers, status, code, hint] of cases) {
    const { refusal, services, token } = await run(credential, url, headers);
    assert.equal(refusal?.code, code, `${url} ${JSON.stringify(headers)}`);
    assert.equal(refusal?.status, status);
    assert.match(refusal?.hint ?? "", hint);
    assert.ok(
      !JSON.stringify([refusal?.message, refusal?.hint]).includes(token),
      "the refusal tells the token",
    );
    const last = services.audit.rows.at(-1);
    assert.equal(last?.denied, true);
    assert.equal(last?.reason, code);
    assert.ok(!JSON.stringify(services.audit.rows).includes(token), "the log tells the token");
    assert.ok(!JSON.stringify(services.audit.rows).includes("?"), "the log tells the query");
    assert.ok(services.keyring.handedOut.every((secret) => secret.every((byte) => byte === 0)), "not wiped");
    assert.deepEqual(services.keyring.uses, []);
  }
});

Deno.test("a retired token is refused by name, wherever it stands", async () => {
  for (
    const [reason, hint] of [["rotated", "wispkey get old --show-token"], [
      "removed",
      "wispkey list",
    ]] as const
  ) {
    for (
      const headers of [[["Authorization", "Bearer wk_old_x"]], [["X-Any", "a wk_old_x"]]] as [
        string,
        string,
      ][][]
    ) {
      const services = fakeServices();
      services.keyring.retire("wk_old_x", "old", reason);
      const { refusal } = await run({}, "https://api.test/", headers, services);
      assert.deepEqual([refusal?.status, refusal?.code, refusal?.hint], [403, "retired_token", hint]);
      assert.equal(services.audit.rows[0]?.credential, "old");
    }
  }
});

Deno.test("a tampered credential is refused after its intent, which the denial completes", async () => {
  const services = fakeServices();
  services.keyring.tampered.add("k");
  const { refusal } = await run({}, "https://api.test/", [["Authorization", "Bearer {T}"]], services);
  assert.deepEqual([refusal?.status, refusal?.code], [403, "credential_tampered"]);
  assert.deepEqual(services.audit.rows.map((row) => [row.event, row.refersTo]), [
    ["CredentialUsed", undefined],
    ["CredentialUseFinished", 1],
  ]);
});

Deno.test("a credential that changed while the request was held is not used", async () => {
  const services = fakeServices();
  const find = services.keyring.find.bind(services.keyring);
  let asked = 0;
  services.keyring.find = (token) => {
    const match = find(token);
    // A changed row is another object, as the keyring reads it anew.
    return match.kind === "live" && asked++ > 0 ? { ...match, credential: { ...match.credential } } : match;
  };
  const { refusal } = await run({}, "https://api.test/", [["Authorization", "Bearer {T}"]], services);
  assert.deepEqual([refusal?.status, refusal?.code], [403, "credential_changed"]);
  assert.equal(services.keyring.handedOut.length, 0);
});

Deno.test("without a log no secret is even opened", async () => {
  const services = fakeServices();
  services.audit.broken = true;
  const { refusal } = await run({}, "https://api.test/", [["Authorization", "Bearer {T}"]], services);
  assert.deepEqual([refusal?.status, refusal?.code], [503, "audit_unavailable"]);
  assert.equal(services.keyring.handedOut.length, 0);
});

Deno.test("while locked a token is 503 and everything else flows", async () => {
  const services = fakeServices();
  services.keyring.locked = true;
  const { refusal } = await run({}, "https://api.test/", [["Authorization", "Bearer {T}"]], services);
  assert.deepEqual([refusal?.status, refusal?.code, refusal?.hint], [503, "vault_locked", "wispkey unlock"]);
  const custom = await run({}, "https://api.test/", [["X-Odd", "{T}"]], services);
  assert.equal(custom.refusal?.code, "vault_locked");
  const free = await run(
    {},
    "https://api.test/x",
    [["Authorization", "Bearer real"], ["X-Odd", "wk_word"]],
    services,
  );
  assert.equal(free.refusal, undefined);
  assert.equal(free.outgoing.get("Authorization"), "Bearer real");
});

Deno.test("several credentials in one request are each checked, written down and put in", async () => {
  const services = fakeServices();
  const other = services.keyring.add({
    name: "app",
    type: "query_param",
    place: { in: "query", name: "app" },
    hosts: "api.test",
    value: "two",
  });
  const both = await run({ value: "one" }, `https://api.test/?app=${other.token}`, [[
    "Authorization",
    "Bearer {T}",
  ]], services);
  assert.equal(both.refusal, undefined);
  assert.equal(both.outgoing.get("Authorization"), "Bearer one");
  assert.equal(both.target, "/?app=two");
  assert.deepEqual(both.context.intents.map(({ credential, seq }) => [credential.name, seq]).sort(), [[
    "app",
    1,
  ], ["k", 2]]);

  const elsewhere = fakeServices();
  const stray = elsewhere.keyring.add({ name: "stray", hosts: "b.test" });
  const { refusal } = await run({}, "https://api.test/", [["Authorization", "Bearer {T}"], [
    "X-Api-Key",
    stray.token,
  ]], elsewhere);
  assert.equal(refusal?.code, "host_not_allowed");
  assert.match(refusal?.message ?? "", /stray/);
  assert.equal(elsewhere.keyring.handedOut.length, 0);
});

Deno.test("a secret that holds a token's text is not looked at again", async () => {
  const services = fakeServices();
  const inner = services.keyring.add({ name: "inner", hosts: "api.test", value: "INNER" });
  const { outgoing } = await run({ value: inner.token }, "https://api.test/", [[
    "Authorization",
    "Bearer {T}",
  ]], services);
  assert.equal(outgoing.get("Authorization"), `Bearer ${inner.token}`);
  assert.deepEqual(services.keyring.uses, ["k"]);
});

Deno.test("fields about one connection are dropped, re-routing ones where a secret goes, all others kept as they are", async () => {
  const fields: [string, string][] = [
    ["X-a", "1"],
    ["x-A", "2"],
    ["Connection", "keep-alive, X-Hop"],
    ["X-Hop", "1"],
    ["Keep-Alive", "timeout=5"],
    ["Proxy-Connection", "keep-alive"],
    ["Proxy-Anything", "1"],
    ["TE", "trailers"],
    ["Trailer", "X-T"],
    ["Upgrade", "h2c"],
    ["Forwarded", "for=1"],
    ["X-Forwarded-Host", "evil"],
    ["X-Host", "evil"],
    ["X-Original-URL", "/admin"],
    ["X-Rewrite-URL", "/admin"],
    ["Accept-Encoding", "gzip"],
  ];
  const free = await run({}, "https://api.test/", fields);
  assert.deepEqual(free.context.outgoing.headers.map(({ name }) => name), [
    "Host",
    "X-a",
    "x-A",
    "Forwarded",
    "X-Forwarded-Host",
    "X-Host",
    "X-Original-URL",
    "X-Rewrite-URL",
    "Accept-Encoding",
  ]);
  const carrying = await run({}, "https://api.test/", [...fields, ["Authorization", "Bearer {T}"]]);
  assert.deepEqual(carrying.context.outgoing.headers.map(({ name }) => name), [
    "Host",
    "X-a",
    "x-A",
    "Accept-Encoding",
    "Authorization",
  ]);
  const sneaky = await run({}, "https://api.test/", [["Connection", "authorization"], [
    "Authorization",
    "Bearer {T}",
  ]]);
  assert.equal(sneaky.outgoing.has("Authorization"), false);
  wipeOutgoing(sneaky.context);
  assert.ok(sneaky.context.outgoing.secrets.every((secret) => secret.every((byte) => byte === 0)));
});

Deno.test("property: whatever else a request holds goes out byte for byte", async () => {
  const value = fc.string({
    unit: fc.integer({ min: 0x21, max: 0xff }).filter((c) => c !== 0x7f).map((c) => String.fromCharCode(c)),
    maxLength: 30,
  });
  const name = fc.stringMatching(/^X-[A-Za-z]{1,8}$/).filter((n) =>
    !/^x-(host|target|forwarded|original|rewrite)/i.test(n)
  );
  const path = fc.string({
    unit: fc.integer({ min: 0x21, max: 0x7e }).filter((c) => !"?#\\".includes(String.fromCharCode(c))).map((
      c,
    ) => String.fromCharCode(c)),
    maxLength: 20,
  });
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(name, value), { maxLength: 5 }), path, async (headers, path) => {
      fc.pre(
        !headers.some(([, value]) =>
          value.includes("wk_") || value.includes("{T}") || value.includes("{B:")
        ) && !path.includes("wk_"),
      );
      const { context, refusal } = await run({}, `https://api.test/${path}`, [...headers, [
        "Authorization",
        "Bearer {T}",
      ]]);
      assert.equal(refusal, undefined);
      const out = context.outgoing.headers.map(({ name, value }) => [name, text(value)]);
      assert.deepEqual(out, [["Host", "api.test"], ...headers, ["Authorization", "Bearer s3cret-value"]]);
      assert.equal(context.outgoing.target, `/${path}`);
    }),
  );
});
