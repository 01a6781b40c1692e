import assert from "node:assert/strict";
import { ConnectionPool, dial, exchange, type Origin, UpstreamError } from "../../../src/proxy/http/mod.ts";
import { LIMITS } from "./proxy_fixture.ts";
import { makeCertificates } from "./test_ca.ts";

function closedPort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  return port;
}

const fails = (code: string, status = 502) => (error: unknown) =>
  error instanceof UpstreamError && error.code === code && error.status === status;

Deno.test("the address that was judged is the one that is dialled, and its name is not resolved again", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const judged: string[] = [];
  let lookups = 0;
  const { stream, address } = await dial({ scheme: "http", host: "two.test", port: listener.addr.port }, {
    connectTimeoutMs: 5_000,
    resolve: () => Promise.resolve(lookups++ === 0 ? ["127.0.0.1"] : ["192.0.2.1"]),
    vet: (address) => judged.push(address),
  });
  assert.deepEqual([address, judged, lookups], ["127.0.0.1", ["127.0.0.1"], 1]);
  stream.close();
  (await listener.accept()).close();
});

Deno.test("addresses are tried in turn until one answers", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { stream, address } = await dial({ scheme: "http", host: "two.test", port: listener.addr.port }, {
    connectTimeoutMs: 5_000,
    resolve: () => Promise.resolve(["127.0.0.2", "127.0.0.1"]),
  });
  assert.equal(address, "127.0.0.1");
  stream.close();
  (await listener.accept()).close();
});

Deno.test("a refused address is not connected to, and the refusal is what the caller gets", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  class Refused extends Error {}
  await assert.rejects(
    dial({ scheme: "http", host: "a.test", port: listener.addr.port }, {
      connectTimeoutMs: 5_000,
      resolve: () => Promise.resolve(["127.0.0.1"]),
      vet: () => {
        throw new Refused("not there");
      },
    }),
    Refused,
  );
});

Deno.test("what cannot be reached is told apart: no name, no answer, nobody there", async () => {
  const origin = (host: string): Origin => ({ scheme: "http", host, port: closedPort() });
  const options = { connectTimeoutMs: 5_000 };
  await assert.rejects(dial(origin("127.0.0.1"), options), fails("upstream_unreachable"));
  await assert.rejects(dial(origin("localhost"), options), fails("upstream_unreachable"));
  await assert.rejects(
    dial(origin("a.test"), { ...options, resolve: () => Promise.reject(new Error("ENOTFOUND")) }),
    fails("upstream_dns"),
  );
  await assert.rejects(
    dial(origin("a.test"), { ...options, resolve: () => Promise.resolve([]) }),
    fails("upstream_dns"),
  );
  await assert.rejects(
    dial(origin("a.test"), { connectTimeoutMs: 20, resolve: () => new Promise(() => {}) }),
    fails("upstream_timeout", 504),
  );
});

Deno.test("a handshake that does not come about ends with the time", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const accepted = listener.accept();
  const dialled = dial({ scheme: "https", host: "127.0.0.1", port: listener.addr.port }, {
    connectTimeoutMs: 50,
  });
  await assert.rejects(dialled, fails("upstream_timeout", 504));
  (await accepted).close();
});

Deno.test("an attempt ends with its signal", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const accepted = listener.accept();
  const controller = new AbortController();
  const dialled = dial({ scheme: "https", host: "127.0.0.1", port: listener.addr.port }, {
    connectTimeoutMs: 60_000,
    signal: controller.signal,
  });
  const conn = await accepted;
  controller.abort(new Error("client left"));
  await assert.rejects(dialled, /client left/);
  conn.close();
});

Deno.test("TLS is checked against name and authority, and carries exchanges over a kept connection", async () => {
  const certificates = await makeCertificates();
  if (certificates === null) return;
  const { ca, cert, key } = certificates;
  let connections = 0;
  await using server = Deno.serve({
    hostname: "127.0.0.1",
    port: 0,
    cert,
    key,
    onListen: () => {},
  }, async (request) => new Response((await request.text()).toUpperCase()));
  const { port } = server.addr;
  using pool = new ConnectionPool({
    dial: (origin, options) => {
      connections++;
      return dial(origin, options);
    },
  });
  const text = async (host: string, caCerts: string[]): Promise<string> => {
    const response = await exchange(pool, { scheme: "https", host, port }, {
      method: "POST",
      target: "/",
      fields: [{ name: "Host", value: host }],
      body: source("hello"),
    }, {
      ...LIMITS,
      responseTimeoutMs: 5_000,
      dial: { connectTimeoutMs: 5_000, caCerts, resolve: () => Promise.resolve(["127.0.0.1"]) },
    });
    let body = "";
    for (let piece = await response.read(); piece !== null; piece = await response.read()) {
      body += new TextDecoder().decode(piece);
    }
    return body;
  };
  for (const host of ["localhost", "127.0.0.1", "localhost"]) assert.equal(await text(host, [ca]), "HELLO");
  assert.equal(connections, 2);
  await assert.rejects(text("other.test", [ca]), fails("upstream_tls"));
  pool.close();
  await assert.rejects(text("localhost", []), fails("upstream_tls"));
});

Deno.test("a plain server behind an https origin is a clear error", async () => {
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => new Response("plain"),
  );
  await assert.rejects(
    dial({ scheme: "https", host: "127.0.0.1", port: server.addr.port }, { connectTimeoutMs: 5_000 }),
    fails("upstream_tls"),
  );
});

function source(text: string) {
  const pieces = [new TextEncoder().encode(text)];
  return { length: text.length, trailers: null, cancel: () => {}, read: () => pieces.shift() ?? null };
}
