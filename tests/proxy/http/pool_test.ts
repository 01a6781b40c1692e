import assert from "node:assert/strict";
import { utf8 } from "../../../src/core/bytes.ts";
import {
  type BodySource,
  ConnectionPool,
  DeadlineClock,
  exchange,
  type ExchangeOptions,
  type Origin,
} from "../../../src/proxy/http/mod.ts";
import { LIMITS, type RawClient, requestText, ScriptedUpstream } from "./proxy_fixture.ts";

const OPTIONS: ExchangeOptions = { ...LIMITS, dial: { connectTimeoutMs: 5_000 }, responseTimeoutMs: 5_000 };
const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

async function send(pool: ConnectionPool, origin: Origin, method = "GET", body: BodySource | null = null) {
  const response = await exchange(pool, origin, {
    method,
    target: "/",
    fields: [{ name: "Host", value: "a" }],
    body,
  }, OPTIONS);
  while (await response.read() !== null) { /* to the end */ }
  return response.head.status;
}

/** Answers every request with the same bytes, until the client ends. */
async function answerAll(client: RawClient, answer = OK): Promise<void> {
  while (await requestText(client) !== "") await client.send(answer);
}

Deno.test("connections are used again, last in first out, and apart by partition", async () => {
  await using upstream = new ScriptedUpstream((client) => answerAll(client));
  using pool = new ConnectionPool();
  await Promise.all([send(pool, upstream.origin), send(pool, upstream.origin)]);
  assert.equal(pool.idleCount, 2);
  for (let round = 0; round < 5; round++) await send(pool, upstream.origin);
  assert.equal(upstream.connections, 2);
  await send(pool, { ...upstream.origin, partition: "other" });
  assert.equal(upstream.connections, 3);
  assert.equal(pool.idleCount, 3);
});

Deno.test("caps hold, for one origin and in all", async () => {
  await using upstream = new ScriptedUpstream((client) => answerAll(client));
  using pool = new ConnectionPool({ maxIdlePerOrigin: 2, maxIdle: 3 });
  const other = { ...upstream.origin, partition: "other" };
  await Promise.all([1, 2, 3, 4].map(() => send(pool, upstream.origin)));
  assert.equal(pool.idleCount, 2);
  await Promise.all([1, 2, 3, 4].map(() => send(pool, other)));
  assert.equal(pool.idleCount, 3);
});

Deno.test("a response that ends its connection, or cannot be trusted to have ended, is not followed by another", async () => {
  for (
    const answer of [
      "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: Close\r\n\r\n",
      "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n",
      "HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 Poisoned\r\n\r\n",
    ]
  ) {
    await using upstream = new ScriptedUpstream((client) => answerAll(client, answer));
    using pool = new ConnectionPool();
    await send(pool, upstream.origin);
    assert.equal(pool.idleCount, 0, answer);
    assert.equal(await send(pool, upstream.origin), answer.includes("204") ? 204 : 200);
    assert.equal(upstream.connections, 2, answer);
  }
});

Deno.test("bytes or the end on an idle connection take it out of the pool", async () => {
  for (const after of ["HTTP/1.1 200 Poisoned\r\nContent-Length: 0\r\n\r\n", ""]) {
    const go = Promise.withResolvers<void>();
    await using upstream = new ScriptedUpstream(async (client, connection) => {
      if (connection > 1) return await answerAll(client);
      await requestText(client);
      await client.send(OK);
      await go.promise;
      if (after === "") return;
      await client.send(after);
      assert.equal(await client.rest(), "");
    });
    using pool = new ConnectionPool();
    await send(pool, upstream.origin);
    assert.equal(pool.idleCount, 1);
    go.resolve();
    while (pool.idleCount > 0) await new Promise((resolve) => setTimeout(resolve, 1));
    await send(pool, upstream.origin);
    assert.equal(upstream.connections, 2);
  }
});

Deno.test("an idle connection is closed after its time", async () => {
  const closed = Promise.withResolvers<void>();
  await using upstream = new ScriptedUpstream(async (client) => {
    await answerAll(client);
    closed.resolve();
  });
  using pool = new ConnectionPool({ idleTimeoutMs: 20, clock: new DeadlineClock(5) });
  await send(pool, upstream.origin);
  await closed.promise;
  assert.equal(pool.idleCount, 0);
});

/** The first connection answers once and then closes as soon as the next request comes; the others are fine. */
function staleUpstream(log: string[], partial = ""): ScriptedUpstream {
  return new ScriptedUpstream(async (client, connection) => {
    if (connection > 1) {
      for (let text = await requestText(client); text !== ""; text = await requestText(client)) {
        log.push(`${connection} ${text.split(" ")[0]}`);
        await client.send(OK);
      }
      return;
    }
    await requestText(client);
    await client.send(OK);
    log.push(`${connection} ${(await requestText(client)).split(" ")[0]}`);
    await client.send(partial);
  });
}

Deno.test("a dead pooled connection is replaced once, if the method may be repeated", async () => {
  for (const method of ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"]) {
    const log: string[] = [];
    await using upstream = staleUpstream(log);
    using pool = new ConnectionPool();
    await send(pool, upstream.origin);
    assert.equal(await send(pool, upstream.origin, method), 200);
    assert.deepEqual(log, [`1 ${method}`, `2 ${method}`]);
  }
});

Deno.test("a request that may have been acted upon is never sent twice", async () => {
  for (
    const [method, partial] of [["POST", ""], ["PATCH", ""], ["GET", "H"], [
      "GET",
      "HTTP/1.1 200 OK\r\n",
    ]] as const
  ) {
    const log: string[] = [];
    await using upstream = staleUpstream(log, partial);
    using pool = new ConnectionPool();
    await send(pool, upstream.origin);
    await assert.rejects(send(pool, upstream.origin, method), { code: "upstream_closed" });
    assert.deepEqual(log, [`1 ${method}`]);
  }
});

Deno.test("a request whose body was begun is never sent twice", async () => {
  const log: string[] = [];
  await using upstream = staleUpstream(log);
  using pool = new ConnectionPool();
  await send(pool, upstream.origin);
  let reads = 0;
  const body: BodySource = {
    length: 2,
    trailers: null,
    cancel() {},
    read: () => reads++ === 0 ? utf8("hi") : null,
  };
  await assert.rejects(send(pool, upstream.origin, "PUT", body), { code: "upstream_closed" });
  assert.deepEqual(log, ["1 PUT"]);
});

Deno.test("a closed pool keeps nothing", async () => {
  await using upstream = new ScriptedUpstream((client) => answerAll(client));
  const pool = new ConnectionPool();
  await send(pool, upstream.origin);
  pool.close();
  assert.equal(pool.idleCount, 0);
  await send(pool, upstream.origin);
  assert.equal(pool.idleCount, 0);
});
