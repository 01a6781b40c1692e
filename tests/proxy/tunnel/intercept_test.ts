import assert from "node:assert/strict";
import { type CallerPort, PLAIN_CALLER } from "../../../src/proxy/callers.ts";
import { parse } from "../harness.ts";
import {
  connectThrough,
  exchangeOver,
  getKept,
  runCaller,
  secureUpstream,
  tlsInside,
  type TunnelWorld,
  withTunnels,
} from "./world.ts";

/** Opens a tunnel to the secure upstream and speaks TLS in it. */
async function inside(
  world: TunnelWorld,
  host = "api.test",
  port = world.secure.port,
): Promise<Deno.TlsConn> {
  const { status, connection } = await connectThrough(world.port, `${host}:${port}`);
  assert.equal(status, 200);
  return await tlsInside(connection, host, world.local.pem);
}

Deno.test("a token inside a tunnel is replaced, over the client's and the upstream's TLS", () =>
  withTunnels(async (world) => {
    const { secure, keyring } = world;
    const { token } = keyring.add({ hosts: `api.test:${secure.port}`, value: "sk-live-0123456789" });
    using tls = await inside(world);
    const host = `api.test:${secure.port}`;
    const answer = await exchangeOver(tls, getKept("/v1/models?a=b", host, `Authorization: Bearer ${token}`));
    assert.equal(parse(answer).status, 200);
    assert.equal(parse(answer).body, "ok");
    const [request = ""] = secure.received;
    assert.match(request, /^GET \/v1\/models\?a=b HTTP\/1\.1\r\nHost: api\.test:\d+\r\n/);
    assert.match(request, /Authorization: Bearer sk-live-0123456789\r\n/);
    assert.ok(!request.includes(token));
    const events = world.audit.rows.map(({ event, host, path }) => [event, host, path]);
    assert.deepEqual(events, [
      ["TunnelOpened", host, undefined],
      ["CredentialUsed", host, "/v1/models"],
      ["CredentialUseFinished", undefined, undefined],
    ]);
  }));

Deno.test("many requests go through one connection, and one certificate is made for many connections", () =>
  withTunnels(async (world) => {
    const { secure, keyring, minted } = world;
    const { token } = keyring.add({ hosts: `api.test:${secure.port}` });
    const host = `api.test:${secure.port}`;
    for (let connection = 0; connection < 3; connection++) {
      using tls = await inside(world);
      for (let i = 0; i < 5; i++) {
        const answer = await exchangeOver(tls, getKept(`/${i}`, host, `Authorization: Bearer ${token}`));
        assert.equal(parse(answer).body, "ok");
      }
    }
    assert.equal(secure.received.length, 15);
    assert.deepEqual(minted, ["api.test"]);
  }));

Deno.test("that a caller's requests to a host are read is written down once, whether they use a token or not", () => {
  const callers: CallerPort = {
    authenticate: (identity) => {
      if (identity.kind !== "proxy-authorization") return PLAIN_CALLER;
      return { name: identity.value, kind: "run", project: null, credentials: null, intercept: true };
    },
  };
  return withTunnels(async (world) => {
    const { secure, keyring, audit, local, port, upstream } = world;
    keyring.add({ name: "k", hosts: `api.test:${secure.port},http://127.0.0.1:${upstream.port}` });
    const host = `api.test:${secure.port}`;
    for (const name of ["one", "one", "two", null]) {
      const fields = name === null ? [] : [`Proxy-Authorization: ${name}`];
      const { connection } = await connectThrough(port, host, ...fields);
      using tls = await tlsInside(connection, "api.test", local.pem);
      await exchangeOver(tls, getKept("/", host));
    }
    const plain = `127.0.0.1:${upstream.port}`;
    const { connection } = await connectThrough(port, plain);
    await exchangeOver(connection, getKept("/", plain));
    connection.close();
    assert.deepEqual(
      audit.rows.map((
        { event, host, caller, credential, reason },
      ) => [event, host, caller, credential, reason]),
      [
        ["TunnelOpened", host, "one", "k", "requests inside are read: TLS"],
        ["TunnelOpened", host, "two", "k", "requests inside are read: TLS"],
        ["TunnelOpened", host, undefined, "k", "requests inside are read: TLS"],
        ["TunnelOpened", plain, undefined, "k", "requests inside are read: plain HTTP"],
      ],
    );
  }, { callers });
});

Deno.test("an answer that brings the secret back is scrubbed inside a tunnel, too", () =>
  withTunnels(async (world) => {
    const { secure, keyring } = world;
    const { token } = keyring.add({ hosts: `api.test:${secure.port}`, value: "sk-live-0123456789" });
    using tls = await inside(world);
    const request = getKept("/", `api.test:${secure.port}`, `Authorization: Bearer ${token}`);
    const { body } = parse(await exchangeOver(tls, request));
    assert.ok(!body.includes("sk-live"), body);
  }, {
    respond: (request) => `HTTP/1.1 200 OK\r\nContent-Length: ${request.length}\r\n\r\n${request}`,
  }));

Deno.test("plain HTTP inside a tunnel, as Node's fetch sends it, goes through the pipeline as http", () =>
  withTunnels(async (world) => {
    const { keyring, upstream } = world;
    const host = `127.0.0.1:${upstream.port}`;
    const { token } = keyring.add({ hosts: host, value: "sk-live-0123456789" });
    const { status, connection } = await connectThrough(world.port, host);
    assert.equal(status, 200);
    const answer = await exchangeOver(connection, getKept("/x", host, `Authorization: Bearer ${token}`));
    connection.close();
    assert.equal(parse(answer).body, "ok");
    assert.match(upstream.received[0] ?? "", /Authorization: Bearer sk-live-0123456789/);
  }));

Deno.test("hosts that no credential may go to stay blind: their own certificate is seen", () =>
  withTunnels(async (world) => {
    const { secure, outer, minted } = world;
    const { status, connection } = await connectThrough(world.port, `api.test:${secure.port}`);
    assert.equal(status, 200);
    using tls = await tlsInside(connection, "api.test", outer.pem);
    assert.equal(parse(await exchangeOver(tls, getKept("/", "api.test"))).body, "ok");
    assert.deepEqual(minted, []);
  }));

Deno.test("a tunnel stays blind for plain callers, for exempt hosts, while locked, and without an authority", async () => {
  const blind = async (world: TunnelWorld, ...fields: string[]): Promise<void> => {
    const { secure, keyring, outer, minted } = world;
    keyring.add({ hosts: `api.test:${secure.port}` });
    const { connection } = await connectThrough(world.port, `api.test:${secure.port}`, ...fields);
    using tls = await tlsInside(connection, "api.test", outer.pem);
    assert.equal(parse(await exchangeOver(tls, getKept("/", "api.test"))).body, "ok");
    assert.deepEqual(minted, []);
  };
  await withTunnels((world) => blind(world), { intercept: false });
  await withTunnels((world) => blind(world), { neverIntercept: (host) => host === "api.test" });
  await withTunnels((world) => blind(world), { withoutAuthority: true });
  await withTunnels(async (world) => {
    world.keyring.locked = true;
    await blind(world);
  });
});

Deno.test("a run caller's tunnel is opened while plain ones stay blind, and its requests carry its name", () =>
  withTunnels(async (world) => {
    const { secure, keyring, outer, local, audit } = world;
    const { token } = keyring.add({ hosts: `api.test:${secure.port}` });
    const target = `api.test:${secure.port}`;
    const plain = await connectThrough(world.port, target);
    (await tlsInside(plain.connection, "api.test", outer.pem)).close();
    const own = await connectThrough(world.port, target, "Proxy-Authorization: Basic cnVuLTE6c2VjcmV0");
    using tls = await tlsInside(own.connection, "api.test", local.pem);
    await exchangeOver(tls, getKept("/", target, `Authorization: Bearer ${token}`));
    const used = audit.rows.find(({ event }) => event === "CredentialUsed");
    assert.equal(used?.caller, "run-1");
    assert.ok(!secure.received.join().includes("Proxy-Authorization"));
  }, { intercept: false, callers: runCaller() }));

Deno.test("a caller that is revoked is refused from the next request on, also inside a tunnel that is open", async () => {
  const callers = runCaller();
  await withTunnels(async (world) => {
    const { secure, keyring } = world;
    keyring.add({ hosts: `api.test:${secure.port}` });
    const target = `api.test:${secure.port}`;
    const shown = "Proxy-Authorization: Basic cnVuLTE6c2VjcmV0";
    const { connection } = await connectThrough(world.port, target, shown);
    using tls = await tlsInside(connection, "api.test", world.local.pem);
    assert.equal(parse(await exchangeOver(tls, getKept("/", target))).status, 200);
    callers.revoked = true;
    const { status, headers } = parse(await exchangeOver(tls, getKept("/", target)));
    assert.deepEqual([status, headers.get("x-wispkey-error")], [407, "caller_refused"]);
    assert.equal((await closing(connectThrough(world.port, target, shown))).status, 407);
    assert.equal(secure.received.length, 1);
  }, { intercept: false, callers });
});

async function closing<T extends { connection: Deno.Conn }>(opened: Promise<T>): Promise<T> {
  const result = await opened;
  result.connection.close();
  return result;
}

Deno.test("only http/1.1 is offered, and a client that offers more gets it", () =>
  withTunnels(async (world) => {
    world.keyring.add({ hosts: `api.test:${world.secure.port}` });
    const { connection } = await connectThrough(world.port, `api.test:${world.secure.port}`);
    const tls = await Deno.startTls(connection, {
      hostname: "api.test",
      caCerts: [world.local.pem],
      alpnProtocols: ["h2", "http/1.1"],
    });
    assert.equal((await tls.handshake()).alpnProtocol, "http/1.1");
    tls.close();
  }));

Deno.test("address literals get certificates for the address", () =>
  withTunnels(async (world) => {
    const { keyring, local, minted } = world;
    keyring.add({ hosts: "127.0.0.1:1,[::1]:1" });
    for (const [target, name] of [["127.0.0.1:1", "127.0.0.1"], ["[::1]:1", "::1"]] as const) {
      const { connection } = await connectThrough(world.port, target);
      using tls = await tlsInside(connection, name, local.pem);
      const answer = await exchangeOver(tls, getKept("/", target));
      assert.equal(parse(answer).status, 502, "nothing listens there");
    }
    assert.deepEqual(minted, ["127.0.0.1", "::1"]);
  }));

Deno.test("an upstream that is not to be trusted is 502 with the reason, and gets nothing", () =>
  withTunnels(async (world) => {
    const { keyring, outer, local } = world;
    const cases: [string, Promise<{ port: number; received: string[]; close(): Promise<void> }>, RegExp][] = [
      ["expired", secureUpstream(outer, undefined, { now: Date.now() - 300 * 86_400_000 }), /expired/i],
      ["self-signed", secureUpstream(local), /unknown ?issuer/i],
      ["another name", secureUpstream(outer, undefined, { host: "other.test" }), /not valid for name/i],
    ];
    for (const [what, starting, reason] of cases) {
      const upstream = await starting;
      try {
        const { token } = keyring.add({ hosts: `api.test:${upstream.port}` });
        using tls = await inside(world, "api.test", upstream.port);
        const host = `api.test:${upstream.port}`;
        const answer = parse(await exchangeOver(tls, getKept("/", host, `Authorization: Bearer ${token}`)));
        assert.equal(answer.status, 502, what);
        assert.equal(answer.headers.get("x-wispkey-error"), "upstream_tls", what);
        assert.match(JSON.parse(answer.body).error.message, reason, what);
        assert.deepEqual(upstream.received, [], what);
      } finally {
        await upstream.close();
      }
    }
  }));

Deno.test("closing the proxy ends idle tunnels at once, opened or blind", async () => {
  const started = performance.now();
  await withTunnels(async (world) => {
    const { secure, keyring, outer, local, proxy } = world;
    keyring.add({ hosts: `api.test:${secure.port}` });
    const opened = await connectThrough(world.port, `api.test:${secure.port}`);
    using first = await tlsInside(opened.connection, "api.test", local.pem);
    assert.equal(parse(await exchangeOver(first, getKept("/", `api.test:${secure.port}`))).status, 200);
    const blind = await connectThrough(world.port, `127.0.0.1:${secure.port}`);
    using second = await tlsInside(blind.connection, "api.test", outer.pem);
    assert.equal(proxy.connections, 2);
    await proxy.close({ drainMs: 30_000 });
    assert.equal(proxy.connections, 0);
    assert.equal(await first.read(new Uint8Array(1)).catch(() => null), null);
    assert.equal(await second.read(new Uint8Array(1)).catch(() => null), null);
  });
  assert.ok(performance.now() - started < 25_000, "it did not wait for the end of the drain");
});

Deno.test("an Origin, as some WebSocket clients send it, is refused to plain callers and taken from run callers", () =>
  withTunnels(async (world) => {
    const { secure, keyring, local } = world;
    const target = `api.test:${secure.port}`;
    keyring.add({ hosts: target });
    const shown: [string[], number][] = [[[], 403], [["Proxy-Authorization: Basic cnVuLTE6c2VjcmV0"], 200]];
    for (const [fields, status] of shown) {
      const { connection } = await connectThrough(world.port, target, ...fields);
      using tls = await tlsInside(connection, "api.test", local.pem);
      const answer = await exchangeOver(tls, getKept("/", target, "Origin: https://api.test"));
      assert.equal(parse(answer).status, status);
    }
  }, { callers: runCaller() }));
