import assert from "node:assert/strict";
import fc from "fast-check";
import { FUZZ_CASES } from "../../core/fuzz.ts";
import { parse, type RawServer, rawServer, readSome, writeAll } from "../harness.ts";
import {
  closeQuietly,
  connectThrough,
  exchangeOver,
  getKept,
  tlsInside,
  type TunnelWorld,
  withTunnels,
} from "./world.ts";

/** The proxy still answers, and still opens tunnels. */
async function stillWorks(world: TunnelWorld): Promise<void> {
  const target = `api.test:${world.secure.port}`;
  const { status, connection } = await connectThrough(world.port, target);
  assert.equal(status, 200);
  using tls = await tlsInside(connection, "api.test", world.local.pem);
  assert.equal(parse(await exchangeOver(tls, getKept("/", target))).body, "ok");
}

/** Runs a test on a host whose tunnels are opened, and looks whether the proxy has survived it. */
function hostile(
  test: (world: TunnelWorld, target: string) => Promise<void>,
  options: Parameters<typeof withTunnels>[1] = {},
): Promise<void> {
  return withTunnels(async (world) => {
    const target = `api.test:${world.secure.port}`;
    world.keyring.add({ name: "k", hosts: target });
    await test(world, target);
    await stillWorks(world);
  }, options);
}

async function readAll(connection: Deno.Conn): Promise<string> {
  let all = "";
  try {
    for (let more = await readSome(connection); more !== null; more = await readSome(connection)) all += more;
  } catch {
    // A reset ends it as well.
  }
  return all;
}

/** A ClientHello as Deno sends it: what a tunnel would have carried, recorded. */
async function clientHello(): Promise<Uint8Array<ArrayBuffer>> {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const client = await Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port });
  const server = await listener.accept();
  listener.close();
  const tls = await Deno.startTls(client, { hostname: "api.test" });
  const shaking = tls.handshake().catch(() => {});
  const buffer = new Uint8Array(4096);
  const count = await server.read(buffer) ?? 0;
  server.close();
  await shaking;
  closeQuietly(tls);
  return buffer.slice(0, count);
}

Deno.test("a client that hangs up in the middle of a handshake, at any byte, costs only itself", async () => {
  const hello = await clientHello();
  assert.equal(hello[0], 0x16);
  await hostile(async ({ port, proxy }, target) => {
    for (const length of [0, 1, 4, 5, 6, 50, hello.length - 1, hello.length]) {
      const { connection } = await connectThrough(port, target);
      for (let at = 0; at < length;) at += await connection.write(hello.subarray(at, length));
      connection.close();
    }
    for (let i = 0; i < 500 && proxy.connections > 0; i++) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    assert.equal(proxy.connections, 0, "no connection is left");
  });
});

Deno.test("a handshake that stops is ended in time, and said in the log once", () =>
  hostile(async ({ port, audit }, target) => {
    const hello = await clientHello();
    for (let i = 0; i < 2; i++) {
      const { connection } = await connectThrough(port, target);
      await connection.write(hello.subarray(0, 20));
      assert.equal(await readAll(connection), "");
      connection.close();
    }
    const silent = await connectThrough(port, target);
    assert.equal(await readAll(silent.connection), "", "one that says nothing at all is ended, too");
    silent.connection.close();
    const failed = audit.rows.filter(({ event }) => event === "InterceptionFailed");
    assert.equal(failed.length, 1);
    assert.match(failed[0]?.reason ?? "", /did not answer in time/);
  }, { limits: { headerTimeoutMs: 200 } }));

Deno.test("a client that refuses our certificate is told of in the log, with the way to exempt the host", () =>
  hostile(async ({ port, audit, outer }, target) => {
    for (let i = 0; i < 3; i++) {
      const { connection } = await connectThrough(port, target);
      await assert.rejects(tlsInside(connection, "api.test", outer.pem));
    }
    const failed = audit.rows.filter(({ event }) => event === "InterceptionFailed");
    assert.equal(failed.length, 1, "said once, however often it tries");
    assert.equal(failed[0]?.host, target);
    assert.match(failed[0]?.reason ?? "", /UnknownCA|BadCertificate|DecryptError/);
    assert.match(failed[0]?.reason ?? "", /wispkey config set proxy\.never_intercept api\.test$/);
  }));

Deno.test("garbage after CONNECT is 400 at most, and nothing goes out", () =>
  hostile(async ({ port, secure }, target) => {
    const texts = [
      "\x00\x00\x00\x00\r\n\r\n",
      "SSH-2.0-OpenSSH_9.2\r\n",
      "\x16\x03\x01\xff\xff" + "A".repeat(3_000),
      "\x16\x16\x16\x16\x16\x16\x16\x16\x16\x16\x16\x16",
      "GET / HTTP/1.1\r\nHost: api.test\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
      "X".repeat(70_000),
    ];
    for (const text of texts) {
      const { connection } = await connectThrough(port, target);
      await writeAll(connection, text).catch(() => {});
      await connection.closeWrite().catch(() => {});
      const answer = await readAll(connection);
      connection.close();
      assert.ok(!/^HTTP\/1\.1 2/.test(answer), JSON.stringify(answer.slice(0, 100)));
    }
    assert.deepEqual(secure.received, []);
  }));

Deno.test("garbage inside TLS is 400 and does not reach the upstream", () =>
  hostile(async ({ port, secure, local }, target) => {
    for (
      const text of ["nonsense\r\n\r\n", "GET\0/ HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\nHost: api.test\n\n"]
    ) {
      const { connection } = await connectThrough(port, target);
      using tls = await tlsInside(connection, "api.test", local.pem);
      await writeAll(tls, text);
      assert.match(await readAll(tls), /^HTTP\/1\.1 400 /);
    }
    assert.deepEqual(secure.received, []);
  }));

Deno.test("TLS to a port that does not speak TLS is 502, and the reason is told", () =>
  withTunnels(async ({ port, keyring, local }) => {
    const mute = rawServer(async (connection) => {
      await readSome(connection);
      await writeAll(connection, "220 mail.test ESMTP\r\n");
    });
    const target = `api.test:${mute.port}`;
    keyring.add({ hosts: target });
    const { connection } = await connectThrough(port, target);
    using tls = await tlsInside(connection, "api.test", local.pem);
    const answer = parse(await exchangeOver(tls, getKept("/", target)));
    assert.equal(answer.status, 502);
    assert.equal(answer.headers.get("x-wispkey-error"), "upstream_tls");
    await mute.close();
  }));

Deno.test("greetings with any bytes changed never end the proxy, whichever way they come in", async () => {
  const hello = await clientHello();
  await hostile(async ({ port }, target) => {
    const greeting = fc.record({
      at: fc.array(fc.nat(hello.length - 1), { minLength: 1, maxLength: 4 }),
      value: fc.nat(255),
      cut: fc.nat(hello.length),
      together: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(greeting, async ({ at, value, cut, together }) => {
        const bytes = hello.slice();
        for (const index of at) bytes[index] = value;
        const text = String.fromCharCode(...bytes.subarray(0, cut));
        const connect = `CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n\r\n`;
        const connection = await Deno.connect({ hostname: "127.0.0.1", port });
        await writeAll(connection, together ? connect + text : connect);
        await readSome(connection);
        // What came in was refused already, or is not enough for an answer.
        if (!together) await writeAll(connection, text).catch(() => {});
        connection.close();
      }),
      { numRuns: Math.min(FUZZ_CASES, 300) },
    );
  });
});

/** Stands between a client and the proxy and changes one byte of what the client sends, or cuts it off there. */
function meddler(port: number, at: number, how: "flip" | "cut"): RawServer {
  return rawServer(async (client) => {
    using proxy = await Deno.connect({ hostname: "127.0.0.1", port });
    const back = (async () => {
      for (let more = await readSome(proxy); more !== null; more = await readSome(proxy)) {
        await writeAll(client, more);
      }
      closeQuietly(client);
    })().catch(() => closeQuietly(client));
    let seen = 0;
    for (let more = await readSome(client); more !== null; more = await readSome(client)) {
      const index = at - seen;
      seen += more.length;
      if (index < 0 || index >= more.length) await writeAll(proxy, more);
      else if (how === "cut") {
        await writeAll(proxy, more.slice(0, index));
        break;
      } else {
        const changed = String.fromCharCode(more.charCodeAt(index) ^ 0x55);
        await writeAll(proxy, more.slice(0, index) + changed + more.slice(index + 1));
      }
    }
    closeQuietly(proxy);
    await back;
  });
}

Deno.test("a byte that is changed or missing anywhere, within a handshake or after it, costs only its connection", () =>
  hostile(async ({ port, local, secure, proxy }, target) => {
    for (let at = 90; at < 900; at += 27) {
      for (const how of ["flip", "cut"] as const) {
        const between = meddler(port, at, how);
        const visit = async () => {
          const { status, connection } = await connectThrough(between.port, target);
          if (status !== 200) return closeQuietly(connection);
          using tls = await tlsInside(connection, "api.test", local.pem);
          await exchangeOver(tls, getKept("/", target));
        };
        // Whether the client notices first or the proxy does, both may only end the connection.
        await visit().catch(() => {});
        await between.close();
      }
    }
    for (let i = 0; i < 500 && proxy.connections > 0; i++) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    assert.equal(proxy.connections, 0);
    // Requests either came as they were sent, or not at all.
    for (const request of secure.received) {
      assert.match(request, /^GET \/ HTTP\/1\.1\r\nHost: api\.test:\d+\r\n\r\n$/);
    }
  }));

Deno.test("a TLS greeting for another host is served our certificate of CONNECT's host and refused with 421", () =>
  hostile(async ({ port, secure, local, keyring }, target) => {
    const { token } = keyring.add({ name: "other", hosts: target });
    const { connection } = await connectThrough(port, target);
    await assert.rejects(tlsInside(connection, "evil.test", local.pem), /not valid for name/i);
    // A client that does not look at the certificate gets no further.
    const lax = await connectThrough(port, target);
    using tls = await Deno.startTls(lax.connection, {
      hostname: "evil.test",
      caCerts: [local.pem],
      // What curl's --insecure does; the greeting still says evil.test.
      unsafelyDisableHostnameVerification: true,
    });
    const answer = parse(await exchangeOver(tls, getKept("/", target, `Authorization: Bearer ${token}`)));
    assert.equal(answer.status, 421);
    assert.equal(answer.headers.get("x-wispkey-error"), "foreign_host");
    assert.deepEqual(secure.received, []);
  }));

Deno.test("inside a tunnel, Host, request line and X-Target-Url cannot name another host", () =>
  hostile(async ({ port, secure, local, keyring, upstream }, target) => {
    const { token } = keyring.add({ name: "other", hosts: `${target},127.0.0.1:${upstream.port}` });
    const { connection } = await connectThrough(port, target);
    using tls = await tlsInside(connection, "api.test", local.pem);
    const auth = `Authorization: Bearer ${token}`;
    const elsewhere = `127.0.0.1:${upstream.port}`;
    const cases: [string, number][] = [
      [getKept("/", elsewhere, auth), 421],
      [getKept("/", "api.test:1", auth), 421],
      [getKept("/", "evil.test", auth), 421],
      [getKept(`http://${elsewhere}/`, elsewhere, auth), 421],
      [getKept(`http://${target}/`, target, auth), 421],
      [getKept(`https://evil.test/`, target, auth), 421],
      [getKept("/", target, auth, `X-Target-Url: http://${elsewhere}/`), 400],
      [getKept(`https://${target}/`, elsewhere, auth), 421],
      [`CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n\r\n`, 405],
      [getKept("/", target, auth).replace("GET", "TRACE"), 405],
    ];
    for (const [request, status] of cases) {
      assert.equal(parse(await exchangeOver(tls, request)).status, status, request);
    }
    assert.deepEqual([secure.received, upstream.received], [[], []]);
    // What names the tunnel's own host is carried, in either form, and our own paths are the host's.
    for (const path of ["/", `https://${target}/x`, `/to/http/${elsewhere}/`, "/health"]) {
      assert.equal(parse(await exchangeOver(tls, getKept(path, target, auth))).status, 200, path);
    }
    assert.match(secure.received[2] ?? "", /^GET \/to\/http\//);
    assert.deepEqual(upstream.received, []);
  }));

Deno.test("a flood of refused callers is answered with 407 and leaves nothing behind", async () => {
  const callers = { authenticate: () => null };
  await withTunnels(async ({ port, proxy, secure }) => {
    const target = `api.test:${secure.port}`;
    const statuses = new Set<number>();
    for (let round = 0; round < 20; round++) {
      const flood = Array.from({ length: 50 }, async () => {
        const { status, head, connection } = await connectThrough(port, target);
        connection.close();
        statuses.add(status);
        assert.match(head, /proxy-authenticate: Basic realm="wispkey"/i);
      });
      await Promise.all(flood);
    }
    assert.deepEqual([...statuses], [407]);
    for (let i = 0; i < 500 && proxy.connections > 0; i++) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    assert.equal(proxy.connections, 0);
    assert.deepEqual(secure.received, []);
  }, { callers });
});

Deno.test("a client that goes away with a request or an answer under way takes the upstream's connection with it", () =>
  withTunnels(async (world) => {
    const { port, keyring, local, proxy } = world;
    const stuck = rawServer(async (connection) => {
      await readSome(connection);
      await readAll(connection);
    });
    const target = `127.0.0.1:${stuck.port}`;
    keyring.add({ hosts: target });
    for (let i = 0; i < 5; i++) {
      const { connection } = await connectThrough(port, target);
      const tls = await tlsInside(connection, "127.0.0.1", local.pem);
      await writeAll(tls, getKept("/", target));
      tls.close();
    }
    for (let i = 0; i < 500 && proxy.connections > 0; i++) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    assert.equal(proxy.connections, 0);
    await stuck.close();
  }));

Deno.test("the end of an answer is told by close_notify, so that none passes for whole that is not", () =>
  hostile(async ({ port, local }, target) => {
    const { connection } = await connectThrough(port, target);
    using tls = await tlsInside(connection, "api.test", local.pem);
    await writeAll(tls, `GET / HTTP/1.0\r\nHost: ${target}\r\n\r\n`);
    let answer = "";
    // Without close_notify the last read would throw.
    for (let more = await readSome(tls); more !== null; more = await readSome(tls)) answer += more;
    assert.equal(parse(answer).body, "ok");
  }));

Deno.test("an answer that the upstream cuts off ends without close_notify", () =>
  hostile(async ({ port, local, secure }, target) => {
    secure.cutOff = true;
    const { connection } = await connectThrough(port, target);
    using tls = await tlsInside(connection, "api.test", local.pem);
    await writeAll(tls, `GET / HTTP/1.0\r\nHost: ${target}\r\n\r\n`);
    await assert.rejects(async () => {
      while (await readSome(tls) !== null);
    }, /close_notify|reset/i);
    secure.cutOff = false;
  }));
