import assert from "node:assert/strict";
import { get, parse, readSome, send, withProxy, writeAll } from "./harness.ts";
import { TEST_CA, TEST_CERT, TEST_KEY } from "./test_certificate.ts";

Deno.test("every mode carries the secret to the upstream, which never sees the token", () =>
  withProxy(async ({ keyring, port, upstream, audit }) => {
    const host = `127.0.0.1:${upstream.port}`;
    const { token } = keyring.add({ name: "k", hosts: host, value: "S3CRET" });
    const auth = `aUthorization: Bearer ${token}`;
    const requests = [
      get(`http://${host}/p?q={x}`, `Host: ${host}`, auth),
      get("/", `Host: 127.0.0.1:${port}`, `X-Target-Url: http://${host}/p?q={x}`, auth),
      get(`/to/http/${host}/p?q={x}`, `Host: localhost:${port}`, auth),
    ];
    for (const request of requests) {
      const answer = parse(await send(port, request));
      assert.equal(answer.status, 200);
      assert.equal(answer.body, "ok");
      const seen = upstream.received.at(-1) ?? "";
      assert.equal(seen, `GET /p?q={x} HTTP/1.1\r\nHost: ${host}\r\naUthorization: Bearer S3CRET\r\n\r\n`);
      assert.ok(!answer.body.includes("S3CRET"));
    }
    assert.deepEqual(keyring.uses, ["k", "k", "k"]);
    const finished = audit.rows.filter((row) => row.event === "CredentialUseFinished");
    assert.equal(finished.length, 3);
    assert.deepEqual(
      { ...finished[0], durationMs: 0 },
      {
        event: "CredentialUseFinished",
        credential: "k",
        refersTo: 1,
        status: 200,
        bytesIn: 2,
        bytesOut: 0,
        durationMs: 0,
      },
    );
  }));

Deno.test("a request without a token passes unchanged, order, case and repetition included", () =>
  withProxy(async ({ port, upstream, audit }) => {
    const host = `127.0.0.1:${upstream.port}`;
    const fields = [
      "X-b: 1",
      "x-A: \xe9\xff",
      "X-B: 2",
      "Accept-Encoding: gzip",
      "Authorization: Bearer real-one",
      "Cookie: wk_word=1",
    ];
    await send(
      port,
      get(
        `http://${host}/a//b/../c;d%2f?x=[]{}|^`,
        `Host: ${host}`,
        "Proxy-Connection: keep-alive",
        ...fields,
      ),
    );
    assert.equal(
      upstream.received[0],
      [`GET /a//b/../c;d%2f?x=[]{}|^ HTTP/1.1`, `Host: ${host}`, ...fields, "", ""].join("\r\n"),
    );
    assert.deepEqual(audit.rows, []);
  }));

Deno.test("a stolen token opens nothing: refusals come as JSON with code, header and hint, and nothing is sent", () =>
  withProxy(async ({ keyring, port, upstream, audit }) => {
    const host = `127.0.0.1:${upstream.port}`;
    const { token } = keyring.add({ name: "k", hosts: "api.openai.com", value: "S3CRET" });
    const cases: [string, string[], number, string][] = [
      [`/to/http/${host}/`, [`Authorization: Bearer ${token}`], 403, "host_not_allowed"],
      [`/to/http/api.openai.com/`, [`Authorization: Bearer ${token}`], 403, "host_not_allowed"],
      [`/to/https/api.openai.com.evil.test/`, [`Authorization: Bearer ${token}`], 403, "host_not_allowed"],
      [`/to/https/api.openai.com:x@evil.test/`, [`Authorization: Bearer ${token}`], 400, "bad_target"],
      [`/to/https/api.openai.com@evil.test/`, [`Authorization: Bearer ${token}`], 400, "bad_target"],
      [`/to/https/api.openai.com/${token}`, [], 403, "misplaced_token"],
      [`/to/https/api.openai.com/?q=${token}`, [], 403, "misplaced_token"],
      [`/to/https/api.openai.com/`, [`X-Metadata: ${token}`], 403, "misplaced_token"],
      [
        `/to/https/api.openai.com/`,
        [`Authorization: Bearer ${token}`, `authorization: Bearer ${token}`],
        403,
        "misplaced_token",
      ],
      [`/to/https/api.openai.com/`, ["Authorization: Bearer wk_gone_0123456789abcdef"], 403, "unknown_token"],
      [`/to/http/127.1:${port}/`, [], 508, "loop"],
      ["/nothing", [], 404, "no_target"],
      [`/to/http/${host}/`, ["Origin: https://evil.test"], 403, "browser_refused"],
    ];
    for (const [target, fields, status, code] of cases) {
      const raw = await send(port, get(target, `Host: 127.0.0.1:${port}`, ...fields));
      const answer = parse(raw);
      assert.equal(answer.status, status, raw);
      assert.equal(answer.headers.get("x-wispkey-error"), code);
      const { error } = JSON.parse(answer.body);
      assert.equal(error.code, code);
      assert.ok(error.message.length > 0 && !raw.includes(token) && !raw.includes("S3CRET"));
      assert.ok(!answer.headers.has("access-control-allow-origin"));
    }
    const first = parse(
      await send(port, get(`/to/http/${host}/`, `Host: 127.0.0.1:${port}`, `Authorization: ${token}`)),
    );
    assert.equal(JSON.parse(first.body).error.hint, `wispkey edit k --hosts api.openai.com,${host}`);
    assert.deepEqual(upstream.received, []);
    assert.ok(audit.rows.every((row) => row.event === "CredentialDenied" && row.denied === true));
    assert.ok(!JSON.stringify(audit.rows).includes(token));
  }));

Deno.test("the command that mends a refusal is about the credential's own project", () =>
  withProxy(async ({ keyring, port }) => {
    const { token } = keyring.add({ name: "k", project: "client alpha", hosts: "127.0.0.1:9" });
    const hintFor = async (target: string, field: string) => {
      const { body } = parse(await send(port, get(target, `Host: 127.0.0.1:${port}`, field)));
      return JSON.parse(body).error.hint;
    };
    assert.equal(
      await hintFor("/to/https/api.test/", `Authorization: ${token}`),
      "wispkey edit k --hosts 127.0.0.1:9,api.test --project 'client alpha'",
    );
    assert.match(
      await hintFor("/to/http/127.0.0.1:9/", `X-Note: ${token}`),
      /wispkey edit k --type api_key --in header:x-note --project 'client alpha'$/,
    );
  }));

Deno.test("a foreign Host is 421 before anything else happens", () =>
  withProxy(async ({ port, upstream }) => {
    const host = `127.0.0.1:${upstream.port}`;
    for (
      const request of [
        get("/health", "Host: evil.test"),
        get(`/to/http/${host}/`, `Host: evil.test:${port}`),
        get("/", "Host: evil.test", `X-Target-Url: http://${host}/`),
        get(`http://${host}/`, "Host: evil.test"),
      ]
    ) assert.equal(parse(await send(port, request)).status, 421);
    assert.deepEqual(upstream.received, []);
  }));

Deno.test("TRACE is refused, health is told, and the connection goes on after a refusal", () =>
  withProxy(async ({ port }) => {
    const ours = `Host: 127.0.0.1:${port}`;
    assert.equal(parse(await send(port, get("/", ours).replace("GET", "TRACE"))).status, 405);
    const both = await send(port, `GET /nothing HTTP/1.1\r\n${ours}\r\n\r\n${get("/health", ours)}`);
    assert.match(both, /^HTTP\/1\.1 404 [^]*HTTP\/1\.1 200 [^]*\{"ok":true,"locked":false\}\n$/);
  }));

Deno.test("a name that resolves to this machine is a loop on our port and out of reach of a wildcard elsewhere", () =>
  withProxy(async ({ keyring, port, upstream }) => {
    const ours = `Host: 127.0.0.1:${port}`;
    const loop = parse(await send(port, get(`/to/http/me.example.com:${port}/health`, ours)));
    assert.deepEqual([loop.status, loop.headers.get("x-wispkey-error")], [508, "loop"]);

    const wild = keyring.add({ hosts: "http://*.example.com:*", value: "WILD" });
    const refused = parse(
      await send(
        port,
        get(`/to/http/me.example.com:${upstream.port}/`, ours, `Authorization: ${wild.token}`),
      ),
    );
    assert.deepEqual([refused.status, refused.headers.get("x-wispkey-error")], [403, "address_refused"]);

    const exact = keyring.add({ hosts: `http://me.example.com:${upstream.port}`, value: "EXACT" });
    const allowed = get(`/to/http/me.example.com:${upstream.port}/`, ours, `Authorization: ${exact.token}`);
    assert.equal(parse(await send(port, allowed)).status, 200);
    assert.match(upstream.received[0] ?? "", /EXACT/);

    // The kept connection of the exact one must not serve the wildcard.
    const again = parse(
      await send(
        port,
        get(`/to/http/me.example.com:${upstream.port}/`, ours, `Authorization: ${wild.token}`),
      ),
    );
    assert.equal(again.status, 403);

    const metadata = parse(await send(port, get("/to/http/meta.example.com/", ours)));
    assert.deepEqual([metadata.status, metadata.headers.get("x-wispkey-error")], [403, "address_refused"]);
    assert.equal(upstream.received.length, 1);
  }, { resolve: (host) => Promise.resolve([host.startsWith("meta") ? "169.254.169.254" : "127.0.0.1"]) }));

Deno.test("an https upstream is dialled with its name checked, and a wrong name is refused before a byte is sent", async () => {
  const seen: string[] = [];
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, cert: TEST_CERT, key: TEST_KEY, onListen() {} },
    (request) => {
      seen.push(`${request.headers.get("host")} ${request.headers.get("authorization")}`);
      return new Response("secure");
    },
  );
  try {
    await withProxy(async ({ keyring, port, audit }) => {
      const { token } = keyring.add({
        hosts: `api.test:${server.addr.port},other.test:${server.addr.port}`,
        value: "S3CRET",
      });
      const through = (host: string) =>
        send(
          port,
          get(
            `/to/https/${host}:${server.addr.port}/`,
            `Host: 127.0.0.1:${port}`,
            `Authorization: Bearer ${token}`,
          ),
        );
      assert.equal(parse(await through("API.test.")).body, "secure");
      assert.deepEqual(seen, [`api.test:${server.addr.port} Bearer S3CRET`]);
      const wrong = parse(await through("other.test"));
      assert.deepEqual([wrong.status, wrong.headers.get("x-wispkey-error")], [502, "upstream_tls"]);
      assert.equal(seen.length, 1);
      assert.equal(audit.rows.at(-1)?.reason, "upstream_tls");
    }, { caCerts: [TEST_CA], resolve: () => Promise.resolve(["127.0.0.1"]) });
  } finally {
    await server.shutdown();
  }
});

Deno.test("each credential type works over the wire, curl, git and npm styles of Basic included", () =>
  withProxy(async ({ keyring, port, upstream }) => {
    const host = `127.0.0.1:${upstream.port}`;
    const seen = async (target: string, ...fields: string[]) => {
      const answer = parse(
        await send(port, get(`/to/http/${host}${target}`, `Host: 127.0.0.1:${port}`, ...fields)),
      );
      assert.equal(answer.status, 200, answer.body);
      return upstream.received.at(-1) ?? "";
    };
    const key = keyring.add({ type: "api_key", hosts: host, value: "a b&c" }).token;
    assert.match(await seen("/", `X-Api-Key: ${key}`), /X-Api-Key: a b&c\r\n/);
    assert.match(await seen(`/?api_key=${key}&x=1`), /^GET \/\?api_key=a%20b%26c&x=1 /);
    const basic = keyring.add({ type: "basic_auth", hosts: host, value: "user:pa:ss" }).token;
    const wanted = `Authorization: Basic ${btoa("user:pa:ss")}\r\n`;
    assert.ok((await seen("/", `Authorization: Basic ${btoa(`anyone:${basic}`)}`)).includes(wanted));
    assert.ok((await seen("/", `Authorization: Basic ${basic}`)).includes(wanted));
    assert.ok((await seen("/", `Authorization: ${basic}`)).includes(wanted));
    const custom = keyring.add({
      type: "custom_header",
      place: { in: "header", name: "X-Sig" },
      hosts: host,
      value: "sig",
    }).token;
    assert.match(await seen("/", `x-SIG: v1=${custom}`), /x-SIG: v1=sig\r\n/);
    const query =
      keyring.add({ type: "query_param", place: { in: "query", name: "sig" }, hosts: host, value: "\xff" })
        .token;
    assert.match(await seen(`/?sig=${query}`), /^GET \/\?sig=%C3%BF /);
  }));

Deno.test("while locked, tokens are 503 and everything else flows; unlocking takes force at once", () =>
  withProxy(async ({ keyring, port, upstream }) => {
    const host = `127.0.0.1:${upstream.port}`;
    const { token } = keyring.add({ hosts: host });
    const request = (...fields: string[]) =>
      send(port, get(`/to/http/${host}/`, `Host: 127.0.0.1:${port}`, ...fields));
    keyring.locked = true;
    const locked = parse(await request(`Authorization: Bearer ${token}`));
    assert.deepEqual([locked.status, JSON.parse(locked.body).error.hint], [503, "wispkey unlock"]);
    assert.equal(parse(await request("Authorization: Bearer other")).status, 200);
    keyring.locked = false;
    assert.equal(parse(await request(`Authorization: Bearer ${token}`)).status, 200);
    assert.equal(upstream.received.length, 2);
  }));

Deno.test("no log, no use", () =>
  withProxy(async ({ keyring, audit, port, upstream }) => {
    const host = `127.0.0.1:${upstream.port}`;
    const { token } = keyring.add({ hosts: host });
    audit.broken = true;
    const answer = parse(
      await send(port, get(`/to/http/${host}/`, `Host: 127.0.0.1:${port}`, `Authorization: ${token}`)),
    );
    assert.deepEqual([answer.status, answer.headers.get("x-wispkey-error")], [503, "audit_unavailable"]);
    assert.deepEqual([upstream.received, keyring.handedOut], [[], []]);
  }));

Deno.test("it opens once, knows its port, counts connections, drains and closes", () =>
  withProxy(async ({ proxy, port }) => {
    assert.equal(proxy.port, port);
    await assert.rejects(proxy.open({ port: 0 }), { code: "already_open" });
    const client = await Deno.connect({ hostname: "127.0.0.1", port });
    await writeAll(client, `GET /health HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`);
    assert.match(await readSome(client) ?? "", /^HTTP\/1\.1 200 /);
    assert.equal(proxy.connections, 1);
    await proxy.close({ drainMs: 1_000 });
    assert.equal(await readSome(client), null);
    client.close();
    assert.deepEqual([proxy.port, proxy.connections], [null, 0]);
    await proxy.close({ drainMs: 0 });
    assert.ok((await proxy.open({ port: 0 })).port > 0);
  }));

Deno.test("a defect is 500 without its text for the caller, and told to the program", async () => {
  const defects: unknown[] = [];
  await withProxy(async ({ keyring, port, upstream }) => {
    const host = `127.0.0.1:${upstream.port}`;
    const { token } = keyring.add({ hosts: host });
    keyring.openValue = () => {
      throw new TypeError("inner detail");
    };
    const answer = parse(
      await send(port, get(`/to/http/${host}/`, `Host: 127.0.0.1:${port}`, `Authorization: ${token}`)),
    );
    assert.deepEqual([answer.status, answer.headers.get("x-wispkey-error")], [500, "internal"]);
    assert.ok(!answer.body.includes("inner detail"));
    assert.equal(String(defects[0]), "TypeError: inner detail");
  }, { onDefect: (error) => defects.push(error) });
});
