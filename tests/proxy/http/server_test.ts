import assert from "node:assert/strict";
import { utf8 } from "../../../src/core/bytes.ts";
import { DeadlineClock, HeaderList, latin1Text } from "../../../src/proxy/http/mod.ts";
import { LIMITS, RawClient, serve } from "./proxy_fixture.ts";

const GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const OK = utf8("ok");

Deno.test("requests of one connection are answered one after the other, also if they came at once", async () => {
  const order: string[] = [];
  await using server = serve(async (request) => {
    order.push("begin " + request.head.target);
    await new Promise((resolve) => setTimeout(resolve, 5));
    order.push("end " + request.head.target);
    await request.respond(200, [], utf8(request.head.target));
  });
  using client = await RawClient.connect(server.port);
  await client.send(["/a", "/b", "/c"].map((path) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`).join(""));
  for (const path of ["/a", "/b", "/c"]) assert.equal((await client.receive()).body, path);
  assert.deepEqual(order, ["begin /a", "end /a", "begin /b", "end /b", "begin /c", "end /c"]);
});

Deno.test("a connection ends when the client, the handler or HTTP/1.0 says so", async () => {
  await using server = serve((request) =>
    request.respond(200, [], OK, request.head.target === "/close" ? { close: true } : {})
  );
  for (
    const request of [
      "GET / HTTP/1.1\r\nHost: a\r\nConnection: x, Close\r\n\r\n",
      "GET /close HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET / HTTP/1.0\r\n\r\n",
    ]
  ) {
    using client = await RawClient.connect(server.port);
    await client.send(request + GET);
    const { fields, body } = await client.receive();
    assert.ok(fields.includes("Connection: close"));
    assert.equal(body, "ok");
    assert.equal(await client.rest(), "");
  }
});

Deno.test("HEAD, 204 and 304 have no body, whatever the handler gives", async () => {
  await using server = serve((request) =>
    request.respond(Number(request.head.target.slice(1)), [{ name: "Content-Length", value: "2" }], OK)
  );
  using client = await RawClient.connect(server.port);
  await client.send("HEAD /200 HTTP/1.1\r\nHost: a\r\n\r\n");
  assert.deepEqual((await client.receive("HEAD")).fields, ["Content-Length: 2"]);
  await client.send("GET /204 HTTP/1.1\r\nHost: a\r\n\r\n");
  assert.deepEqual((await client.receive()).fields, []);
  await client.send("GET /304 HTTP/1.1\r\nHost: a\r\n\r\n");
  assert.deepEqual((await client.receive()).fields, ["Content-Length: 2"]);
  await client.send("GET /200 HTTP/1.1\r\nHost: a\r\n\r\n");
  assert.equal((await client.receive()).body, "ok");
});

Deno.test("a body of unknown length goes out in chunks with trailers, to HTTP/1.0 up to the close", async () => {
  await using server = serve((request) => {
    const pieces = [utf8("one "), utf8("two")];
    return request.respond(200, [], {
      length: null,
      trailers: new HeaderList([["X-Sum", "7"]]),
      read: () => Promise.resolve(pieces.shift() ?? null),
      cancel: () => {},
    });
  });
  using client = await RawClient.connect(server.port);
  await client.send(GET);
  const { body, trailers } = await client.receive();
  assert.deepEqual([body, trailers], ["one two", ["X-Sum: 7"]]);
  using old = await RawClient.connect(server.port);
  await old.send("GET / HTTP/1.0\r\n\r\n");
  assert.equal(await old.rest(), "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\none two");
});

Deno.test("what is not a request is answered and the connection closed", async () => {
  await using server = serve(() => assert.fail("handled"));
  for (
    const [bytes, status, code] of [
      ["GET / HTTP/1.1\r\n\r\n", 400, "malformed_request"],
      ["GET / HTTP/1.1\nHost: a\n\n", 400, "malformed_request"],
      ["\x16\x03\x01\x02\x00\x01\n", 400, "malformed_request"],
      [
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        400,
        "bad_framing",
      ],
      ["GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505, "bad_version"],
      [`GET / HTTP/1.1\r\nHost: a\r\nX: ${"x".repeat(20_000)}\r\n\r\n`, 431, "head_too_large"],
      [`GET / HTTP/1.1\r\nHost: a\r\n${"X: y\r\n".repeat(100)}\r\n`, 431, "head_too_large"],
    ] as const
  ) {
    using client = await RawClient.connect(server.port);
    await client.send(bytes);
    const answer = await client.receive();
    assert.deepEqual([answer.status, answer.body], [status, code]);
    assert.ok(answer.fields.includes("Connection: close"));
    assert.equal(await client.rest(), "");
  }
});

Deno.test("an answer is seen by a client that is still sending what was refused", async () => {
  await using server = serve((request) => request.respond(413, [], utf8("too much")));
  using client = await RawClient.connect(server.port);
  await client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 500000\r\n\r\n");
  await client.send(new Uint8Array(300_000));
  const { status, body, fields } = await client.receive();
  assert.deepEqual([status, body], [413, "too much"]);
  assert.ok(fields.includes("Connection: close"));
});

Deno.test("a small body that the handler did not read is dropped and the connection kept", async () => {
  await using server = serve((request) => request.respond(200, [], utf8(request.head.target)));
  using client = await RawClient.connect(server.port);
  await client.send("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 28\r\n\r\n" + GET + "");
  assert.equal((await client.receive()).body, "/a");
  await client.send("x".repeat(28 - GET.length) + "GET /b HTTP/1.1\r\nHost: a\r\n\r\n");
  assert.equal((await client.receive()).body, "/b");
});

Deno.test("what a handler throws is answered, and the connection goes on", async () => {
  const defects: unknown[] = [];
  await using server = serve(
    ({ head }) => head.target === "/" ? Promise.reject(new Error("defect")) : Promise.resolve(),
    {
      onDefect: (error) => defects.push(error),
    },
  );
  using client = await RawClient.connect(server.port);
  for (const path of ["/", "/silent"]) {
    await client.send(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`);
    const { status, body } = await client.receive();
    assert.deepEqual([status, body], [500, "internal"]);
  }
  assert.equal(defects.length, 2);
});

Deno.test("a value that cannot be sent costs only its own request", async () => {
  await using server = serve((request) =>
    request.respond(200, request.head.target === "/bad" ? [{ name: "X", value: "a\nb" }] : [], OK)
  );
  using client = await RawClient.connect(server.port);
  await client.send("GET /bad HTTP/1.1\r\nHost: a\r\n\r\n");
  assert.equal((await client.receive()).status, 500);
  await client.send(GET);
  assert.equal((await client.receive()).body, "ok");
});

Deno.test("100 Continue is sent when the body is first wanted, and not if it never is", async () => {
  await using server = serve(async (request) => {
    if (request.head.target === "/no") return await request.respond(403, [], null);
    let length = 0;
    for (let piece = await request.body.read(); piece !== null; piece = await request.body.read()) {
      length += piece.length;
    }
    await request.respond(200, [], utf8(String(length)));
  });
  using client = await RawClient.connect(server.port);
  const head = (path: string) =>
    `PUT ${path} HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n`;
  await client.send(head("/yes"));
  assert.equal((await client.head()).status, 100);
  await client.send("hello");
  assert.equal((await client.receive()).body, "5");
  await client.send(head("/no"));
  const refused = await client.receive();
  assert.equal(refused.status, 403);
  assert.ok(refused.fields.includes("Connection: close"));
});

Deno.test("interim responses reach HTTP/1.1 clients only", async () => {
  await using server = serve(async (request) => {
    await request.informational(103, [{ name: "Link", value: "</a>" }]);
    await request.informational(100);
    await request.respond(200, [], OK);
  });
  using client = await RawClient.connect(server.port);
  await client.send(GET);
  assert.equal((await client.head()).status, 103);
  assert.equal((await client.receive()).status, 200);
  using old = await RawClient.connect(server.port);
  await old.send("GET / HTTP/1.0\r\n\r\n");
  assert.equal((await old.receive()).status, 200);
});

Deno.test("a client that leaves while it waits is noticed", async () => {
  const gone = Promise.withResolvers<string>();
  await using server = serve(async (request) => {
    const aborted = new Promise<void>((resolve) =>
      request.clientGone.addEventListener("abort", () => resolve())
    );
    request.gone.subscribe((reason) => gone.resolve((reason as { code?: string }).code ?? ""));
    await aborted;
  });
  const client = await RawClient.connect(server.port);
  await client.send(GET);
  client.conn.close();
  assert.equal(await gone.promise, "client_gone");
});

Deno.test("a client that leaves before the end of its body fails the reading of it", async () => {
  const failure = Promise.withResolvers<unknown>();
  await using server = serve(async (request) => {
    try {
      while (await request.body.read() !== null) { /* drop */ }
    } catch (error) {
      failure.resolve(error);
      throw error;
    }
  });
  using client = await RawClient.connect(server.port);
  await client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n12345");
  await client.conn.closeWrite();
  assert.equal((await failure.promise as { code: string }).code, "truncated");
});

Deno.test("a head that comes drop by drop is answered 408 and the connection closed", async () => {
  await using server = serve(() => assert.fail("handled"), {
    limits: () => ({ ...LIMITS, headerTimeoutMs: 30 }),
  });
  using client = await RawClient.connect(server.port);
  await client.send("GET / HT");
  assert.equal((await client.receive()).status, 408);
  assert.equal(await client.rest(), "");
});

Deno.test("a connection without a request is closed without a word, new or kept", async () => {
  const limits = { ...LIMITS, headerTimeoutMs: 30, idleTimeoutMs: 30 };
  await using server = serve((request) => request.respond(200, [], OK), { limits: () => limits });
  using silent = await RawClient.connect(server.port);
  assert.equal(await silent.rest(), "");
  using kept = await RawClient.connect(server.port);
  await kept.send(GET);
  assert.equal((await kept.receive()).body, "ok");
  assert.equal(await kept.rest(), "");
});

Deno.test("a body that stops coming costs the connection", async () => {
  const failure = Promise.withResolvers<unknown>();
  await using server = serve(async (request) => {
    try {
      while (await request.body.read() !== null) { /* drop */ }
    } catch (error) {
      failure.resolve(error);
      throw error;
    }
  }, { limits: () => ({ ...LIMITS, bodyTimeoutMs: 30 }) });
  using client = await RawClient.connect(server.port);
  await client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n12345");
  assert.equal(await client.rest(), "");
  assert.equal((await failure.promise as { code: string }).code, "request_timeout");
});

Deno.test("a client that does not read is cut off", async () => {
  const ended = Promise.withResolvers<unknown>();
  const piece = new Uint8Array(65_536);
  let produced = 0;
  await using server = serve(async (request) => {
    const body = {
      length: null,
      trailers: null,
      cancel: () => {},
      read: () => (produced += piece.length, piece),
    };
    await request.respond(200, [], body).catch((error) => ended.resolve(error));
  }, { limits: () => ({ ...LIMITS, bodyTimeoutMs: 50 }) });
  using client = await RawClient.connect(server.port);
  await client.send(GET);
  assert.equal((await ended.promise as { code: string }).code, "client_gone");
  assert.ok(produced < 64 * 1024 * 1024, `${produced} bytes were taken from the source`);
});

Deno.test("a stream that is taken over gives everything that comes after the head", async () => {
  await using server = serve(async (request) => {
    const { stream, buffered } = request.takeOver();
    await stream.write(utf8("HTTP/1.1 200 OK\r\n\r\n"));
    let text = latin1Text(buffered);
    const buffer = new Uint8Array(100);
    for (let count = await stream.read(buffer); count !== null; count = await stream.read(buffer)) {
      text += latin1Text(buffer, 0, count);
    }
    await stream.write(utf8("got " + text));
    stream.close();
  });
  for (const early of ["", "early "]) {
    using client = await RawClient.connect(server.port);
    await client.send("CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n" + early);
    await client.head();
    await client.send("late");
    await client.conn.closeWrite();
    assert.equal(await client.rest(), `got ${early}late`);
  }
});

Deno.test("a clock with a slow tick is late, not lost", async () => {
  await using server = serve(() => assert.fail("handled"), {
    clock: new DeadlineClock(50),
    limits: () => ({ ...LIMITS, headerTimeoutMs: 1 }),
  });
  using client = await RawClient.connect(server.port);
  assert.equal(await client.rest(), "");
});
