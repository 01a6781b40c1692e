import assert from "node:assert/strict";
import { utf8 } from "../../../src/core/bytes.ts";
import {
  Cancellation,
  ConnectionPool,
  exchange,
  type ExchangeOptions,
  HttpError,
} from "../../../src/proxy/http/mod.ts";
import { LIMITS, ProxyFixture, RawClient, requestText, ScriptedUpstream, serve } from "./proxy_fixture.ts";

const OPTIONS: ExchangeOptions = { ...LIMITS, dial: { connectTimeoutMs: 5_000 }, responseTimeoutMs: 5_000 };
const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

function get(path: string, extra = ""): string {
  return `GET ${path} HTTP/1.1\r\nHost: a\r\n${extra}\r\n`;
}

Deno.test("head and body pass in both directions as they are, over one upstream connection", async () => {
  const seen: string[] = [];
  await using upstream = new ScriptedUpstream(async (client) => {
    for (let text = await requestText(client); text !== ""; text = await requestText(client)) {
      seen.push(text);
      if (text.startsWith("POST")) {
        seen.push(new TextDecoder().decode(await client.reader.some(100) ?? undefined));
      }
      await client.send("HTTP/1.1 201 Made\r\nX-ONE: 1\r\nx-one: 2\r\nContent-Length: 2\r\n\r\nok");
    }
  });
  await using proxy = new ProxyFixture(upstream.origin);
  using client = await RawClient.connect(proxy.port);
  await client.send(get("/a?b=%2F", "X-CasE: \xe9\r\nx-case: 2\r\nConnection: X-Hop\r\nX-Hop: 1\r\n"));
  assert.deepEqual(await client.receive(), {
    status: 201,
    fields: ["X-ONE: 1", "x-one: 2", "Content-Length: 2"],
    body: "ok",
    trailers: [],
  });
  await client.send("POST /b HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello");
  assert.equal((await client.receive()).status, 201);
  assert.deepEqual(seen, [
    "GET /a?b=%2F HTTP/1.1\r\nHost: a\r\nX-CasE: \xc3\xa9\r\nx-case: 2\r\n\r\n",
    "POST /b HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n",
    "hello",
  ]);
  assert.equal(upstream.connections, 1);
});

Deno.test("byte values are sent and then wiped, whatever comes of it", async () => {
  await using upstream = new ScriptedUpstream(async (client) => {
    const text = await requestText(client);
    if (text.includes("fine")) {
      await client.send(text.includes("Bearer S3CRET") && text.includes("k=S3CRET") ? OK : "?");
    }
  });
  using pool = new ConnectionPool();
  for (const path of ["/fine?k=S3CRET", "/closed?k=S3CRET"]) {
    const target = utf8(path);
    const value = utf8("Bearer S3CRET");
    const fields = [{ name: "Host", value: "a" }, { name: "Authorization", value }];
    const exchanged = exchange(pool, upstream.origin, { method: "GET", target, fields, body: null }, OPTIONS);
    if (path.startsWith("/fine")) (await exchanged).cancel(new Error("enough"));
    else await assert.rejects(exchanged, { code: "upstream_closed" });
    assert.ok([...target, ...value].every((byte) => byte === 0));
  }
});

Deno.test("chunks and trailers pass in both directions", async () => {
  await using upstream = serve(async (request) => {
    let text = "";
    for (let piece = await request.body.read(); piece !== null; piece = await request.body.read()) {
      text += new TextDecoder().decode(piece);
    }
    const { trailers } = request.body;
    await request.respond(200, [], {
      length: null,
      trailers,
      cancel() {},
      read: once(utf8(text.toUpperCase())),
    });
  });
  await using proxy = new ProxyFixture({ scheme: "http", host: "127.0.0.1", port: upstream.port });
  using client = await RawClient.connect(proxy.port);
  for (let round = 0; round < 2; round++) {
    await client.send(
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3;x\r\nabc\r\n2\r\nde\r\n0\r\nX-Sum: 5\r\n\r\n",
    );
    const { body, trailers } = await client.receive();
    assert.deepEqual([body, trailers], ["ABCDE", ["X-Sum: 5"]]);
  }
});

function once(bytes: Uint8Array): () => Uint8Array | null {
  let given = false;
  return () => given ? null : (given = true, bytes);
}

Deno.test("events arrive while the response goes on", async () => {
  const next = Promise.withResolvers<void>();
  await using upstream = new ScriptedUpstream(async (client) => {
    await requestText(client);
    await client.send(
      "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n",
    );
    await client.send("7\r\ndata: 1\r\n");
    await next.promise;
    await client.send("7\r\ndata: 2\r\n0\r\n\r\n");
    await client.rest();
  });
  await using proxy = new ProxyFixture(upstream.origin);
  using client = await RawClient.connect(proxy.port);
  await client.send(get("/"));
  await client.head();
  let text = "";
  while (!text.includes("data: 1")) {
    text += new TextDecoder().decode(await client.reader.some(100) ?? assert.fail(text));
  }
  next.resolve();
  while (!text.includes("0\r\n\r\n")) {
    text += new TextDecoder().decode(await client.reader.some(100) ?? assert.fail(text));
  }
  assert.ok(text.includes("data: 2"));
});

Deno.test("a response that breaks off is truncated for the client, too", async () => {
  for (
    const [start, complete] of [
      ["HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", false],
      ["HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n", false],
      ["HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhalf", false],
      ["HTTP/1.1 200 OK\r\n\r\nwhole", true],
    ] as const
  ) {
    await using upstream = new ScriptedUpstream(async (client) => {
      await requestText(client);
      await client.send(start);
    });
    await using proxy = new ProxyFixture(upstream.origin);
    using client = await RawClient.connect(proxy.port);
    await client.send(get("/"));
    if (complete) assert.equal((await client.receive()).body, "whole");
    else await assert.rejects(client.receive(), { code: "upstream_closed" }, start);
    assert.equal(proxy.errors.length, complete ? 0 : 1);
    assert.equal(proxy.pool.idleCount, 0);
  }
});

Deno.test("an upstream that answers nothing, or nonsense, is a clear 502", async () => {
  for (
    const [answer, code] of [
      ["", "upstream_closed"],
      ["HTTP/1.1 20", "upstream_closed"],
      ["SSH-2.0-OpenSSH\r\n\r\n", "upstream_protocol"],
      ["HTTP/1.1 200 OK\nA: b\n\n", "upstream_protocol"],
      // Nothing of this has left when it turns out to be wrong.
      ["HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\nxyz\r\n", "upstream_protocol"],
      ["HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", "upstream_protocol"],
      ["HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx", "upstream_protocol"],
      [`HTTP/1.1 200 OK\r\nA: ${"x".repeat(20_000)}\r\n\r\n`, "upstream_protocol"],
      ["HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", "upstream_protocol"],
      ["HTTP/1.1 100 Continue\r\n\r\n".repeat(40), "upstream_protocol"],
    ] as const
  ) {
    await using upstream = new ScriptedUpstream(async (client) => {
      await requestText(client);
      await client.send(answer);
      await client.conn.closeWrite();
      await client.rest();
    });
    await using proxy = new ProxyFixture(upstream.origin);
    using client = await RawClient.connect(proxy.port);
    await client.send(get("/"));
    const { status, body } = await client.receive();
    assert.deepEqual([status, body], [502, code], JSON.stringify(answer.slice(0, 60)));
  }
});

Deno.test("an upstream that takes too long is a 504", async () => {
  await using upstream = new ScriptedUpstream(async (client) => {
    await requestText(client);
    await client.rest();
  });
  await using proxy = new ProxyFixture(upstream.origin, { responseTimeoutMs: 20 });
  using client = await RawClient.connect(proxy.port);
  for (const request of [get("/"), "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi"]) {
    await client.send(request);
    const { status, body } = await client.receive();
    assert.deepEqual([status, body], [504, "upstream_timeout"]);
  }
});

Deno.test("a body of the upstream that stops coming is cut off", async () => {
  await using upstream = new ScriptedUpstream(async (client) => {
    await requestText(client);
    await client.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
    await client.rest();
  });
  await using proxy = new ProxyFixture(upstream.origin, { bodyTimeoutMs: 20 });
  using client = await RawClient.connect(proxy.port);
  await client.send(get("/"));
  await assert.rejects(client.receive(), { code: "upstream_closed" });
  assert.equal((proxy.errors[0] as HttpError).code, "upstream_timeout");
});

Deno.test("a client that leaves in the middle of a download ends the upstream's connection", async () => {
  const ended = Promise.withResolvers<void>();
  await using upstream = new ScriptedUpstream(async (client) => {
    await requestText(client);
    await client.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n");
    await client.rest();
    ended.resolve();
  });
  await using proxy = new ProxyFixture(upstream.origin);
  const client = await RawClient.connect(proxy.port);
  await client.send(get("/"));
  await client.head();
  client.conn.close();
  await ended.promise;
  assert.equal(proxy.pool.idleCount, 0);
});

Deno.test("a client that leaves while it waits ends the upstream's connection", async () => {
  const ended = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  await using upstream = new ScriptedUpstream(async (client) => {
    await requestText(client);
    asked.resolve();
    await client.rest();
    ended.resolve();
  });
  await using proxy = new ProxyFixture(upstream.origin);
  const client = await RawClient.connect(proxy.port);
  await client.send(get("/"));
  await asked.promise;
  client.conn.close();
  await ended.promise;
});

Deno.test("an upload that breaks off never looks complete to the upstream", async () => {
  for (
    const head of ["Content-Length: 10\r\n\r\n12345", "Transfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n"]
  ) {
    const received = Promise.withResolvers<string>();
    await using upstream = new ScriptedUpstream(async (client) => {
      await requestText(client);
      received.resolve(await client.rest());
    });
    await using proxy = new ProxyFixture(upstream.origin);
    using client = await RawClient.connect(proxy.port);
    await client.send("POST / HTTP/1.1\r\nHost: a\r\n" + head);
    await client.conn.closeWrite();
    const body = await received.promise;
    assert.ok(body.includes("12345") && !body.includes("0\r\n\r\n"), body);
  }
});

Deno.test("an answer that comes before the request is complete is passed on, and the upload need not go on", async () => {
  await using upstream = new ScriptedUpstream(async (client) => {
    await requestText(client);
    await client.send("HTTP/1.1 413 Content Too Large\r\nContent-Length: 4\r\n\r\nstop");
    await client.rest();
  });
  await using proxy = new ProxyFixture(upstream.origin);
  using client = await RawClient.connect(proxy.port);
  await client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\nsome");
  const { status, body } = await client.receive();
  assert.deepEqual([status, body], [413, "stop"]);
  assert.equal(proxy.pool.idleCount, 0);
});

Deno.test("an upstream that answers and stops reading does not block anybody", async () => {
  await using upstream = new ScriptedUpstream(async (client) => {
    await requestText(client);
    await client.send("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno");
    await client.conn.closeWrite();
    await client.rest();
  });
  await using proxy = new ProxyFixture(upstream.origin);
  using client = await RawClient.connect(proxy.port);
  const size = 4 * 1024 * 1024;
  await client.send(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${size}\r\n\r\n`);
  const sending = client.send(new Uint8Array(size)).catch(() => {});
  assert.equal((await client.receive()).body, "no");
  client.conn.close();
  await sending;
});

Deno.test("request and response may flow at the same time", async () => {
  await using upstream = serve((request) => request.respond(200, [], request.body));
  await using proxy = new ProxyFixture({ scheme: "http", host: "127.0.0.1", port: upstream.port });
  using client = await RawClient.connect(proxy.port);
  await client.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nping\r\n");
  await client.head();
  let echoed = "";
  while (!echoed.includes("ping")) {
    echoed += new TextDecoder().decode(await client.reader.some(100) ?? assert.fail());
  }
  await client.send("4\r\npong\r\n0\r\n\r\n");
  while (!echoed.endsWith("0\r\n\r\n")) {
    echoed += new TextDecoder().decode(await client.reader.some(100) ?? assert.fail());
  }
  assert.ok(echoed.includes("pong"));
});

Deno.test("interim responses pass: 103 is forwarded, unknown ones are dropped", async () => {
  await using upstream = new ScriptedUpstream(async (client) => {
    await requestText(client);
    await client.send("HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + OK);
    await client.rest();
  });
  await using proxy = new ProxyFixture(upstream.origin);
  using client = await RawClient.connect(proxy.port);
  await client.send(get("/"));
  const hints = await client.head();
  assert.deepEqual([hints.status, hints.headers.get("link")], [103, "</a>"]);
  assert.equal((await client.receive()).body, "ok");
});

Deno.test("an expectation is put to the upstream, and its answer decides", async () => {
  await using upstream = new ScriptedUpstream(async (client) => {
    const text = await requestText(client);
    assert.match(text, /Expect: 100-continue\r\n/);
    assert.equal(client.reader.buffered, 0);
    if (text.includes("/refused")) return await client.send("HTTP/1.1 417 No\r\nContent-Length: 0\r\n\r\n");
    if (text.includes("/agreed")) await client.send("HTTP/1.1 100 Continue\r\n\r\n");
    const body = new TextDecoder().decode(await client.reader.some(100) ?? undefined);
    await client.send(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
  });
  await using proxy = new ProxyFixture(upstream.origin);
  for (const path of ["/agreed", "/silent"]) {
    using client = await RawClient.connect(proxy.port);
    await client.send(
      `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n`,
    );
    assert.equal((await client.head()).status, 100);
    await client.send("hello");
    assert.equal((await client.receive()).body, "hello");
  }
  using client = await RawClient.connect(proxy.port);
  await client.send("POST /refused HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
  assert.equal((await client.receive()).status, 417);
});

Deno.test("HEAD, 204 and 304 pass without a body and keep the connection", async () => {
  await using upstream = new ScriptedUpstream(async (client) => {
    for (let text = await requestText(client); text !== ""; text = await requestText(client)) {
      const status = text.startsWith("HEAD") ? "200 OK" : text.split(" ")[1]?.slice(1) + " X";
      await client.send(
        `HTTP/1.1 ${status}\r\n${status.startsWith("204") ? "" : "Content-Length: 5\r\n"}\r\n`,
      );
    }
  });
  await using proxy = new ProxyFixture(upstream.origin);
  using client = await RawClient.connect(proxy.port);
  await client.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
  assert.equal((await client.receive("HEAD")).status, 200);
  for (const status of [204, 304]) {
    await client.send(get(`/${status}`));
    assert.equal((await client.receive()).status, status);
  }
  assert.equal(upstream.connections, 1);
});

Deno.test("a cancelled exchange ends with its reason at any point", async () => {
  await using upstream = new ScriptedUpstream(async (client) => {
    await requestText(client);
    await client.rest();
  });
  using pool = new ConnectionPool();
  const request = { method: "GET", target: "/", fields: [], body: null };
  const reason = new HttpError(499, "client_gone", "gone");
  const before = new Cancellation();
  before.cancel(reason);
  await assert.rejects(
    exchange(pool, upstream.origin, request, { ...OPTIONS, cancellation: before }),
    reason,
  );
  const during = new Cancellation();
  const exchanged = exchange(pool, upstream.origin, request, { ...OPTIONS, cancellation: during });
  setTimeout(() => during.cancel(reason), 20);
  await assert.rejects(exchanged, reason);
});

Deno.test("an upgraded connection is handed over with what came early", async () => {
  await using upstream = new ScriptedUpstream(async (client) => {
    assert.match(await requestText(client), /\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n/);
    await client.send("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\nearly");
    await client.send("got " + new TextDecoder().decode(await client.reader.some(100) ?? undefined));
  });
  using pool = new ConnectionPool();
  const request = { method: "GET", target: "/", fields: [{ name: "Host", value: "a" }], body: null };
  const response = await exchange(pool, upstream.origin, { ...request, upgrade: "websocket" }, OPTIONS);
  assert.equal(response.head.status, 101);
  const { stream, buffered } = response.takeOver();
  let text = new TextDecoder().decode(buffered);
  await stream.write(utf8("frame"));
  const buffer = new Uint8Array(100);
  for (let count = await stream.read(buffer); count !== null; count = await stream.read(buffer)) {
    text += new TextDecoder().decode(buffer.subarray(0, count));
  }
  assert.equal(text, "earlygot frame");
  stream.close();
});
