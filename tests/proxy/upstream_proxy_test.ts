import assert from "node:assert/strict";
import { defaultSettings } from "../../src/core/settings.ts";
import { DIRECT, networkOf, type ProxyNetwork, viaFor } from "../../src/proxy/network.ts";
import { get, parse, recordingServer, send, withProxy } from "./harness.ts";
import { httpProxy, socksProxy } from "./http/fake_proxies.ts";
import { TEST_CA, TEST_CERT, TEST_KEY } from "./test_certificate.ts";

function network(upstream: string, noProxy: string[] = [], extraCa: string[] = []): ProxyNetwork {
  return networkOf({
    ...defaultSettings(),
    "proxy.upstream": upstream,
    "proxy.no_proxy": noProxy,
    "proxy.extra_ca": extraCa,
  });
}

Deno.test("plain HTTP goes through an HTTP proxy in absolute form, with the token's secret and the proxy's password", async () => {
  await using middle = httpProxy({ login: "me:pa55word" });
  const through = network(`http://me:pa55word@127.0.0.1:${middle.port}`);
  await withProxy(async ({ keyring, port, upstream }) => {
    const url = `http://api.test:${upstream.port}`;
    const { token } = keyring.add({ hosts: url, value: "s3cret-value" });
    const text = await send(
      port,
      get(`${url}/v1/x?q=1`, `Host: api.test:${upstream.port}`, `Authorization: Bearer ${token}`),
    );
    assert.equal(parse(text).status, 200, text);
    assert.deepEqual(middle.asked, [`GET ${url}/v1/x?q=1`]);
    assert.match(upstream.received[0] ?? "", /^GET \/v1\/x\?q=1 HTTP\/1\.1\r\n/);
    assert.match(upstream.received[0] ?? "", /^Authorization: Bearer s3cret-value\r$/m);
    assert.ok(!(upstream.received[0] ?? "").includes("Proxy-Authorization"));
  }, { network: () => through });
});

Deno.test("a secret in the query of plain HTTP stands where its token stood in absolute form, too", async () => {
  await using middle = httpProxy();
  const through = network(`http://127.0.0.1:${middle.port}`);
  await withProxy(async ({ keyring, port, upstream }) => {
    const url = `http://api.test:${upstream.port}`;
    const { token } = keyring.add({
      hosts: url,
      type: "query_param",
      place: { in: "query", name: "key" },
      value: "s3cret",
    });
    assert.equal(
      parse(await send(port, get(`${url}/a?key=${token}&b`, `Host: api.test:${upstream.port}`))).status,
      200,
    );
    assert.deepEqual(middle.asked, [`GET ${url}/a?key=s3cret&b`]);
  }, { network: () => through });
});

Deno.test("https goes through a tunnel of the proxy, trusting the extra authority", async () => {
  await using middle = httpProxy();
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, cert: TEST_CERT, key: TEST_KEY, onListen: () => {} },
    (request) => new Response(request.headers.get("authorization")),
  );
  const { port: secure } = server.addr;
  let current = network(`http://127.0.0.1:${middle.port}`);
  await withProxy(async ({ keyring, port }) => {
    keyring.scrubs = false;
    const { token } = keyring.add({ hosts: `api.test:${secure}`, value: "s3cret-value" });
    const ask = async () =>
      parse(
        await send(
          port,
          get(
            "/",
            `Host: 127.0.0.1:${port}`,
            `X-Target-Url: https://api.test:${secure}/`,
            `Authorization: Bearer ${token}`,
          ),
        ),
      );
    const untrusted = await ask();
    assert.deepEqual([untrusted.status, untrusted.headers.get("x-wispkey-error")], [502, "upstream_tls"]);
    current = network(`http://127.0.0.1:${middle.port}`, [], [TEST_CA]);
    const trusted = await ask();
    assert.deepEqual([trusted.status, trusted.body.includes("s3cret-value")], [200, true]);
    // Trust that was taken back holds at once: what was connected under it is not used again.
    current = network(`http://127.0.0.1:${middle.port}`);
    assert.equal((await ask()).status, 502);
    assert.deepEqual(new Set(middle.asked), new Set([`CONNECT api.test:${secure}`]));
  }, { network: () => current });
});

Deno.test("what no_proxy names and this machine's own addresses are reached directly", async () => {
  await using middle = socksProxy();
  const through = network(`socks5h://127.0.0.1:${middle.port}`, ["direct.test"]);
  await withProxy(async ({ port, upstream }) => {
    for (const host of ["direct.test", "below.direct.test", "localhost", "127.0.0.1"]) {
      const url = `http://${host}:${upstream.port}/`;
      assert.equal(parse(await send(port, get(url, `Host: ${host}:${upstream.port}`))).status, 200, host);
    }
    assert.deepEqual(middle.asked, []);
    const url = `http://indirect.test:${upstream.port}/`;
    assert.equal(parse(await send(port, get(url, `Host: indirect.test:${upstream.port}`))).status, 200);
    assert.deepEqual(middle.asked, [`indirect.test:${upstream.port}`]);
  }, { network: () => through, resolve: () => Promise.resolve(["127.0.0.1"]) });
});

Deno.test("407 of the proxy reaches the client as 502 with the reason, whichever way it was asked", async () => {
  await using middle = httpProxy({ login: "me:right" });
  const through = network(`http://me:wr0ng@127.0.0.1:${middle.port}`);
  await withProxy(async ({ port }) => {
    for (const scheme of ["http", "https"]) {
      const text = await send(
        port,
        get("/", `Host: 127.0.0.1:${port}`, `X-Target-Url: ${scheme}://api.test/`),
      );
      const { status, headers, body } = parse(text);
      assert.deepEqual([status, headers.get("x-wispkey-error")], [502, "upstream_proxy"]);
      assert.match(body, /user name and password.*407/);
      assert.ok(!text.includes("wr0ng") && !headers.has("proxy-authenticate"));
    }
  }, { network: () => through });
});

Deno.test("addresses out of reach are refused before the proxy is asked, in any spelling", async () => {
  await using middle = httpProxy();
  const through = network(`http://127.0.0.1:${middle.port}`);
  await withProxy(async ({ keyring, port }) => {
    const { token } = keyring.add({ hosts: "*" });
    const ask = async (target: string, ...fields: string[]) =>
      parse(await send(port, get("/", `Host: 127.0.0.1:${port}`, `X-Target-Url: ${target}`, ...fields)));
    for (const host of ["169.254.169.254", "0xa9fea9fe", "[::ffff:169.254.169.254]", "[fd00:ec2::254]"]) {
      const { status, headers } = await ask(`http://${host}/latest`);
      assert.deepEqual([status, headers.get("x-wispkey-error")], [403, "address_refused"], host);
    }
    for (const host of ["10.0.0.1", "192.168.1", "[fd00::1]", "127.0.0.1", "localhost"]) {
      const { status, headers } = await ask(`https://${host}/`, `Authorization: Bearer ${token}`);
      assert.deepEqual([status, headers.get("x-wispkey-error")], [403, "address_refused"], host);
    }
    assert.deepEqual(middle.asked, []);
  }, { network: () => through });
});

Deno.test("our own listener as upstream proxy is a loop, not an endless one", async () => {
  let through = DIRECT;
  await withProxy(async ({ port }) => {
    through = network(`http://localhost:${port}`);
    const { status } = parse(await send(port, get("http://api.test/", "Host: api.test")));
    assert.equal(status, 508);
  }, { network: () => through });
});

Deno.test("a connection kept under one proxy serves no request under another", async () => {
  await using first = httpProxy();
  await using second = httpProxy();
  let current = network(`http://127.0.0.1:${first.port}`);
  const host = recordingServer();
  await withProxy(async ({ port }) => {
    const ask = async () =>
      parse(await send(port, get(`http://api.test:${host.port}/`, `Host: api.test:${host.port}`)));
    assert.equal((await ask()).status, 200);
    current = network(`http://127.0.0.1:${second.port}`);
    assert.equal((await ask()).status, 200);
    assert.deepEqual([first.asked.length, second.asked.length], [1, 1]);
  }, { network: () => current });
  await host.close();
});

Deno.test("a WebSocket to a plain host is tunnelled through an HTTP proxy, which could not carry it otherwise", async () => {
  await using middle = httpProxy();
  const through = network(`http://127.0.0.1:${middle.port}`);
  await withProxy(async ({ port, upstream }) => {
    const fields = [
      `Host: 127.0.0.1:${port}`,
      `X-Target-Url: http://api.test:${upstream.port}/ws`,
      "Upgrade: websocket",
      "Sec-WebSocket-Version: 13",
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
      "Connection: Upgrade, close",
    ];
    await send(port, ["GET / HTTP/1.1", ...fields, "", ""].join("\r\n"));
    assert.deepEqual(middle.asked, [`CONNECT api.test:${upstream.port}`]);
    assert.match(upstream.received[0] ?? "", /^GET \/ws HTTP\/1\.1\r\n/);
  }, { network: () => through });
});

Deno.test("which proxy a host is reached through", () => {
  const through = network("http://p.test:3128", ["10.0.0.0/8", "corp.test", "*.wild.test", "one.test:8443"]);
  const direct = (host: string, port = 443) => viaFor(through, host, port) === null;
  for (
    const host of [
      "10.1.2.3",
      "corp.test",
      "a.corp.test",
      "a.wild.test",
      "localhost",
      "a.localhost",
      "127.9.9.9",
      "::1",
    ]
  ) {
    assert.ok(direct(host), host);
  }
  for (const host of ["11.1.2.3", "notcorp.test", "wild.test", "one.test", "api.test"]) {
    assert.ok(!direct(host), host);
  }
  assert.ok(direct("one.test", 8443));
  assert.ok(viaFor(network("http://p.test:3128", ["*"]), "api.test", 443) === null);
  assert.ok(viaFor(DIRECT, "api.test", 443) === null);
});
