import assert from "node:assert/strict";
import { type BodySource, ConnectionPool, endToEndFields, exchange } from "../../../src/proxy/http/mod.ts";
import { LIMITS, ProxyFixture, RawClient, serve } from "./proxy_fixture.ts";

const MIB = 1024 * 1024;
/** Size of a large body; the full size is for long runs. */
const SIZE = Number(Deno.env.get("WISPKEY_STREAM_MIB") ?? 256) * MIB;
/** How much more memory than before may be in use while such a body passes. */
const GROWTH = 64 * MIB;

/** A body whose bytes tell their place, so that a lost or doubled piece is noticed. */
function counted(size: number, length: number | null = size): BodySource {
  const piece = new Uint8Array(65_536);
  for (let at = 0; at < piece.length; at++) piece[at] = at % 251;
  let given = 0;
  return {
    length,
    trailers: null,
    cancel: () => {},
    read: () => {
      const count = Math.min(piece.length, size - given);
      given += count;
      return count > 0 ? piece.subarray(0, count) : null;
    },
  };
}

/** Reads a counted body to its end, checks it in samples, and gives its length and the most memory in use. */
async function drain(body: BodySource): Promise<{ size: number; peak: number }> {
  let size = 0;
  let peak = 0;
  let pieces = 0;
  for (let piece = await body.read(); piece !== null; piece = await body.read()) {
    const at = piece.length >> 1;
    assert.equal(piece[at], ((size + at) % 65_536) % 251);
    size += piece.length;
    if (pieces++ % 64 === 0) peak = Math.max(peak, Deno.memoryUsage().rss);
  }
  return { size, peak };
}

Deno.test("large bodies stream both ways in bounded memory, whatever their framing", async () => {
  await using upstream = serve(async (request) => {
    if (request.head.method === "GET") {
      return await request.respond(200, [], counted(SIZE, request.head.target === "/length" ? SIZE : null));
    }
    const { size } = await drain(request.body);
    await request.respond(200, [], new TextEncoder().encode(String(size)));
  });
  await using proxy = new ProxyFixture({ scheme: "http", host: "127.0.0.1", port: upstream.port });
  using pool = new ConnectionPool();
  const origin = { scheme: "http", host: "127.0.0.1", port: proxy.port } as const;
  const ask = (method: string, target: string, body: BodySource | null) =>
    exchange(pool, origin, { method, target, fields: [{ name: "Host", value: "a" }], body }, {
      ...LIMITS,
      dial: { connectTimeoutMs: 5_000 },
      responseTimeoutMs: 60_000,
    });
  // Garbage that was not collected yet counts as memory in use; memory that grows with the body grows every time.
  const bounded = async (what: string, transfer: () => Promise<number>) => {
    const grown: number[] = [];
    do {
      const before = Deno.memoryUsage().rss;
      grown.push(await transfer() - before);
    } while (Math.min(...grown) >= GROWTH && grown.length < 4);
    assert.ok(Math.min(...grown) < GROWTH, `${what}: grew by ${grown.join(", ")} bytes`);
  };
  for (const target of ["/length", "/chunked"]) {
    await bounded(`download ${target}`, async () => {
      const { size, peak } = await drain(await ask("GET", target, null));
      assert.equal(size, SIZE);
      return peak;
    });
    await bounded(`upload ${target}`, async () => {
      const response = await ask("PUT", target, counted(SIZE, target === "/length" ? SIZE : null));
      assert.equal(new TextDecoder().decode(await response.read() ?? undefined), String(SIZE));
      assert.equal(await response.read(), null);
      return Deno.memoryUsage().rss;
    });
  }
});

/** How many bytes an endless source gives while nobody takes what is sent. */
async function takenWhileStuck(start: (source: BodySource) => Promise<unknown>): Promise<number> {
  let taken = 0;
  const piece = new Uint8Array(65_536);
  const source: BodySource = {
    length: null,
    trailers: null,
    cancel: () => {},
    read: () => (taken += piece.length, piece),
  };
  const done = start(source).catch(() => {});
  let last = -1;
  // Stuck when a while has brought nothing new.
  while (taken !== last) {
    last = taken;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  void done;
  return taken;
}

Deno.test("a reader that stands still stops the source, on the way down and up", async () => {
  const sources: ((value: number) => void)[] = [];
  await using upstream = serve(async (request) => {
    if (request.head.method === "GET") {
      sources.shift()?.(await takenWhileStuck((source) => request.respond(200, [], source)));
    } else await new Promise<void>((resolve) => request.gone.subscribe(() => resolve()));
  });
  await using proxy = new ProxyFixture({ scheme: "http", host: "127.0.0.1", port: upstream.port });
  const down = Promise.withResolvers<number>();
  sources.push(down.resolve);
  using client = await RawClient.connect(proxy.port);
  await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  const downBytes = await down.promise;
  assert.ok(downBytes < 64 * MIB, `${downBytes} bytes went down`);
  client.conn.close();

  using pool = new ConnectionPool();
  const origin = { scheme: "http", host: "127.0.0.1", port: proxy.port } as const;
  const upBytes = await takenWhileStuck((body) =>
    exchange(pool, origin, { method: "PUT", target: "/", fields: [{ name: "Host", value: "a" }], body }, {
      ...LIMITS,
      dial: { connectTimeoutMs: 5_000 },
      responseTimeoutMs: 60_000,
    })
  );
  assert.ok(upBytes < 64 * MIB, `${upBytes} bytes went up`);
});

Deno.test("many small pieces cost no more than they must: one event, one piece", async () => {
  const go: (() => void)[] = [];
  await using upstream = serve(async (request) => {
    let count = 0;
    await request.respond(200, endToEndFields(request.head.headers), {
      length: null,
      trailers: null,
      cancel: () => {},
      read: async () => {
        if (count === 20) return null;
        await new Promise<void>((resolve) => go.push(resolve));
        return new TextEncoder().encode(`data: ${count++}\n\n`);
      },
    });
  });
  await using proxy = new ProxyFixture({ scheme: "http", host: "127.0.0.1", port: upstream.port });
  using pool = new ConnectionPool();
  const origin = { scheme: "http", host: "127.0.0.1", port: proxy.port } as const;
  const response = await exchange(pool, origin, {
    method: "GET",
    target: "/",
    fields: [{ name: "Host", value: "a" }],
    body: null,
  }, {
    ...LIMITS,
    dial: { connectTimeoutMs: 5_000 },
    responseTimeoutMs: 5_000,
  });
  for (let count = 0; count < 20; count++) {
    while (go.length === 0) await new Promise((resolve) => setTimeout(resolve, 0));
    go.shift()?.();
    assert.equal(new TextDecoder().decode(await response.read() ?? undefined), `data: ${count}\n\n`);
  }
  assert.equal(await response.read(), null);
});
