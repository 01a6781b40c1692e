/**
 * The published families of request smuggling, each by its name. In front stands our codec; behind it llhttp, which writes down
 * every request it sees. Whatever is refused closes the connection; whatever is carried is seen as exactly that one request.
 */

import assert from "node:assert/strict";
import { ProxyFixture, RawClient, requestText, ScriptedUpstream } from "./proxy_fixture.ts";
import { send, withProxy } from "../harness.ts";
import { StrangerUpstream } from "./stranger_upstream.ts";
import { latin1Bytes } from "../../../src/proxy/http/mod.ts";

const HIDDEN = "GET /smuggled HTTP/1.1\r\nHost: a\r\nX-Foo: ";
const NEXT = "GET /next HTTP/1.1\r\nHost: a\r\n\r\n";
const CHUNKED = "Transfer-Encoding: chunked";

/** A POST with fields, and what stands behind its head. */
function post(fields: string, behind = `0\r\n\r\n${HIDDEN}`): string {
  return `POST /a HTTP/1.1\r\nHost: a\r\n${fields}\r\n\r\n${behind}`;
}

/** Messages that are refused before anything reaches the upstream, by family and variant. */
const REFUSED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "CL.TE": {
    "as published": post(`Content-Length: ${5 + HIDDEN.length}\r\n${CHUNKED}`),
    "coding in capitals": post(`Content-Length: 6\r\nTRANSFER-ENCODING: CHUNKED`),
    "in HTTP/1.0": post(`Content-Length: 6\r\n${CHUNKED}`).replace("1.1", "1.0"),
  },
  "TE.CL": {
    "as published": post(`${CHUNKED}\r\nContent-Length: 4`, `5c\r\n${HIDDEN}`),
    "with a length of nothing": post(`${CHUNKED}\r\nContent-Length: 0`),
  },
  "TE.TE obfuscation": {
    "xchunked": post(`${CHUNKED}\r\nTransfer-Encoding: xchunked`),
    "a blank before the colon": post("Transfer-Encoding : chunked"),
    "a tab before the colon": post("Transfer-Encoding\t: chunked"),
    "a vertical tab before the value": post("Transfer-Encoding: \x0bchunked"),
    "a form feed before the value": post("Transfer-Encoding: \x0cchunked"),
    "a leading blank in the name": post(" Transfer-Encoding: chunked"),
    "hidden behind a bare LF": post(`X: X\nTransfer-Encoding: chunked`),
    "hidden behind a bare CR": post(`X: X\rTransfer-Encoding: chunked`),
    "a line end before the colon": post("Transfer-Encoding\r\n: chunked"),
    "a bare LF before the colon": post("Transfer-Encoding\n : chunked"),
    "folded": post("Transfer-Encoding:\r\n chunked"),
    "two fields, the second another": post(`${CHUNKED}\r\nTransfer-Encoding: identity`),
    "two fields, the first another": post(`Transfer-Encoding: identity\r\n${CHUNKED}`),
    "a list with identity last": post("Transfer-Encoding: chunked, identity"),
    "a list with an empty part": post("Transfer-Encoding: , chunked"),
    "chunked twice": post("Transfer-Encoding: chunked, chunked"),
    "quoted": post('Transfer-Encoding: "chunked"'),
    "a single quote": post("Transfer-Encoding: 'chunked'"),
    "a parameter": post("Transfer-Encoding: chunked;x=y"),
    "a NUL in the value": post("Transfer-Encoding: chun\0ked"),
    "a NUL after the value": post("Transfer-Encoding: chunked\0"),
    "a byte beyond ASCII before the value": post("Transfer-Encoding: \xa0chunked"),
    "a long s in the name": post("Tran\xc5\xbffer-Encoding: chunked"),
    "in an HTTP/1.0 request": post(CHUNKED).replace("1.1", "1.0"),
  },
  "0.CL": {
    "a blank before the colon": post("Content-Length : 44", HIDDEN),
    "a leading blank": post(" Content-Length: 44", HIDDEN),
    "a vertical tab before the name": post("\x0bContent-Length: 44", HIDDEN),
    "folded": post("Content-Length:\r\n 44", HIDDEN),
    "hidden behind a bare LF": post("X: y\nContent-Length: 44", HIDDEN),
    "a plus sign": post("Content-Length: +44", HIDDEN),
    "with a NUL": post("Content-Length: 4\x004", HIDDEN),
    "with a NUL in the name": post("Content-Length\0: 44", HIDDEN),
    "a list": post("Content-Length: 0, 44", HIDDEN),
    "two fields": post("Content-Length: 0\r\nContent-Length: 44", HIDDEN),
    "two equal fields": post("Content-Length: 44\r\nContent-Length: 44", HIDDEN),
    "octal or hexadecimal": post("Content-Length: 0x2c", HIDDEN),
    "beyond 64 bits": post("Content-Length: 18446744073709551660", HIDDEN),
  },
  "remnants of a downgrade from HTTP/2": {
    "the preface": "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "a pseudo-header": post(":path: /smuggled\r\nContent-Length: 0", ""),
    "a version that is none": `GET /a HTTP/2\r\nHost: a\r\n\r\n${NEXT}`,
    "a line end in the target": `GET /a HTTP/1.1\r\nX: /b HTTP/1.1 HTTP/1.1\r\nHost: a\r\n \r\n\r\n`,
    "a blank in the target": `GET /a /b HTTP/1.1\r\nHost: a\r\n\r\n${NEXT}`,
    "a line end in a method": `GET\r\n/a HTTP/1.1\r\nHost: a\r\n\r\n${NEXT}`,
  },
  "chunk size tricks": {
    "TERM.EXT: LF ends the line within an extension": post(CHUNKED, `2;\nxx\r\n${HIDDEN}\r\n0\r\n\r\n`),
    "EXT.TERM: CR in an extension": post(CHUNKED, `2;\rxx\r\nab\r\n0\r\n\r\n${HIDDEN}`),
    "TERM.SPILL: LF ends the data's line": post(CHUNKED, `5\nAAAAA\r\n0\r\n\r\n${HIDDEN}`),
    "SPILL.TERM: bytes behind the data": post(CHUNKED, `5\r\nAAAAAX\r\n0\r\n\r\n${HIDDEN}`),
    "ONE.TWO: one byte where two end a line": post(CHUNKED, `2\r\nxx\n0\r\n\r\n${HIDDEN}`),
    "ZERO.TWO: nothing where two bytes end it": post(CHUNKED, `2\r\nxx0\r\n\r\n${HIDDEN}`),
    "a size that wraps at 64 bits": post(CHUNKED, `10000000000000002\r\nxx\r\n0\r\n\r\n${HIDDEN}`),
    "a size that wraps at 32 bits": post(CHUNKED, `fffffffffffffffe\r\nxx\r\n0\r\n\r\n${HIDDEN}`),
    "a size with a prefix": post(CHUNKED, `0x2\r\nxx\r\n0\r\n\r\n${HIDDEN}`),
    "a size with a sign": post(CHUNKED, `+2\r\nxx\r\n0\r\n\r\n${HIDDEN}`),
    "a negative size": post(CHUNKED, `-1\r\nxx\r\n0\r\n\r\n${HIDDEN}`),
    "a size with a blank": post(CHUNKED, `2 \r\nxx\r\n0\r\n\r\n${HIDDEN}`),
    "a size with an underscore": post(CHUNKED, `1_0\r\nxx\r\n0\r\n\r\n${HIDDEN}`),
    "no size": post(CHUNKED, `\r\nxx\r\n0\r\n\r\n${HIDDEN}`),
    "bare LF behind the last chunk": post(CHUNKED, `0\r\n\n${HIDDEN}`),
    "bare LF in the trailers": post(CHUNKED, `0\r\nA: b\nC: d\r\n\r\n${HIDDEN}`),
    "a folded trailer": post(CHUNKED, `0\r\nA: b\r\n c\r\n\r\n${HIDDEN}`),
  },
  "obs-fold": {
    "with a blank": `GET /a HTTP/1.1\r\nHost: a\r\nX: y\r\n z\r\n\r\n${NEXT}`,
    "with a tab": `GET /a HTTP/1.1\r\nHost: a\r\nX: y\r\n\tz\r\n\r\n${NEXT}`,
    "of the first field": `GET /a HTTP/1.1\r\n Host: a\r\nHost: b\r\n\r\n${NEXT}`,
    "of an empty line": `GET /a HTTP/1.1\r\nHost: a\r\n \r\n\r\n${NEXT}`,
  },
  "NUL": {
    "in a value": `GET /a HTTP/1.1\r\nHost: a\r\nX: y\0z\r\n\r\n${NEXT}`,
    "in the target": `GET /a\0b HTTP/1.1\r\nHost: a\r\n\r\n${NEXT}`,
    "in the method": `GE\0T /a HTTP/1.1\r\nHost: a\r\n\r\n${NEXT}`,
    "in the host": `GET /a HTTP/1.1\r\nHost: a\0b\r\n\r\n${NEXT}`,
    "in a chunk size": post(CHUNKED, `2\0\r\nxx\r\n0\r\n\r\n${HIDDEN}`),
  },
  "blanks and marks in field names": {
    "inside": `GET /a HTTP/1.1\r\nHost: a\r\nX Y: z\r\n\r\n${NEXT}`,
    "behind": `GET /a HTTP/1.1\r\nHost: a\r\nX : z\r\n\r\n${NEXT}`,
    "none at all": `GET /a HTTP/1.1\r\nHost: a\r\n: z\r\n\r\n${NEXT}`,
    "no colon": `GET /a HTTP/1.1\r\nHost: a\r\nXYZ\r\n\r\n${NEXT}`,
  },
  "two hosts": {
    "two fields": `GET /a HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n${NEXT}`,
    "in two cases": `GET /a HTTP/1.1\r\nHost: a\r\nhOST: b\r\n\r\n${NEXT}`,
    "a list": `GET /a HTTP/1.1\r\nHost: a, b\r\n\r\n${NEXT}`,
    "none": `GET /a HTTP/1.1\r\n\r\n${NEXT}`,
    "with user information": `GET /a HTTP/1.1\r\nHost: a@b\r\n\r\n${NEXT}`,
  },
};

for (const [family, variants] of Object.entries(REFUSED)) {
  Deno.test(`${family}: every variant is refused, and nothing hidden behind it is asked`, async () => {
    await using upstream = new StrangerUpstream();
    const origin = { scheme: "http", host: "127.0.0.1", port: await upstream.start() } as const;
    await using proxy = new ProxyFixture(origin);
    for (const [variant, bytes] of Object.entries(variants)) {
      using client = await RawClient.connect(proxy.port);
      await client.send(latin1Bytes(bytes));
      const { status } = await client.receive();
      assert.ok(status === 400 || status === 505, `${variant}: ${status}`);
      assert.equal(await client.rest(), "", `${variant}: the connection is closed`);
    }
    // A chunked body may have begun to flow when it turned out bad; then the upstream saw no end of it.
    assert.deepEqual(upstream.seen, []);
  });
}

/** Messages that are sound, and have to reach the upstream as one request with so many bytes, followed by the next. */
const CARRIED: Readonly<Record<string, [bytes: string, seen: string]>> = {
  "CL.0: a body where an endpoint expects none": [
    `POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: ${HIDDEN.length}\r\n\r\n${HIDDEN}`,
    `POST /a ${HIDDEN.length}`,
  ],
  "0.CL: a GET with a body": [
    `GET /a HTTP/1.1\r\nHost: a\r\nContent-Length: ${HIDDEN.length}\r\n\r\n${HIDDEN}`,
    `GET /a ${HIDDEN.length}`,
  ],
  "a request within a chunk": [
    post(CHUNKED, `${HIDDEN.length.toString(16)}\r\n${HIDDEN}\r\n0\r\n\r\n`),
    `POST /a ${HIDDEN.length}`,
  ],
  "chunk extensions are dropped": [post(CHUNKED, `5;a="b;c"\r\nhello\r\n0;x\r\n\r\n`), "POST /a 5"],
  "trailers that would frame are dropped": [
    post(CHUNKED, "5\r\nhello\r\n0\r\nContent-Length: 99\r\nTransfer-Encoding: x\r\nHost: b\r\n\r\n"),
    "POST /a 5",
  ],
  "framing fields named in Connection stay in force": [
    `POST /a HTTP/1.1\r\nHost: a\r\nConnection: Content-Length, Transfer-Encoding\r\nContent-Length: ${HIDDEN.length}\r\n\r\n${HIDDEN}`,
    `POST /a ${HIDDEN.length}`,
  ],
  "names that only resemble": [
    `GET /a HTTP/1.1\r\nHost: a\r\nContent_Length: 44\r\nTransfer_Encoding: chunked\r\n\r\n`,
    "GET /a 0",
  ],
  "h2c: an upgrade to HTTP/2 is not passed on": [
    "GET /a HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n",
    "GET /a 0",
  ],
};

for (const [name, [bytes, seen]] of Object.entries(CARRIED)) {
  Deno.test(`${name}: carried as that one request`, async () => {
    await using upstream = new StrangerUpstream();
    const origin = { scheme: "http", host: "127.0.0.1", port: await upstream.start() } as const;
    await using proxy = new ProxyFixture(origin);
    using client = await RawClient.connect(proxy.port);
    await client.send(latin1Bytes(bytes + NEXT));
    assert.equal((await client.receive()).status, 200);
    assert.equal((await client.receive()).status, 200);
    assert.deepEqual(upstream.seen, [seen, "GET /next 0"]);
  });
}

Deno.test("pipelining desync: many requests at once are asked in order, and a bad one ends them", async () => {
  await using upstream = new StrangerUpstream();
  const origin = { scheme: "http", host: "127.0.0.1", port: await upstream.start() } as const;
  await using proxy = new ProxyFixture(origin);
  using client = await RawClient.connect(proxy.port);
  const good = Array.from({ length: 5 }, (_, i) => `GET /${i} HTTP/1.1\r\nHost: a\r\n\r\n`).join("");
  await client.send(`${good}GET /bad HTTP/1.1\r\nHost : a\r\n\r\n${NEXT}`);
  for (let i = 0; i < 5; i++) assert.equal((await client.receive()).status, 200);
  assert.equal((await client.receive()).status, 400);
  assert.equal(await client.rest(), "");
  assert.deepEqual(upstream.seen, [0, 1, 2, 3, 4].map((i) => `GET /${i} 0`));
});

Deno.test("Expect desync: an answer before the body leaves no body to be read as a request", async () => {
  const asked: string[] = [];
  await using upstream = new ScriptedUpstream(async (connection) => {
    // Answers each head at once, and never reads a body: what it would take for the next request is written down.
    for (let text = await requestText(connection); text !== ""; text = await requestText(connection)) {
      asked.push(text.split("\r\n", 1)[0] ?? "");
      await connection.send("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno");
    }
  });
  await using proxy = new ProxyFixture(upstream.origin);
  for (const expect of ["Expect: 100-continue", "Expect: 100-Continue", "X: y"]) {
    using client = await RawClient.connect(proxy.port);
    const body = `GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n`;
    await client.send(`POST /a HTTP/1.1\r\nHost: a\r\n${expect}\r\nContent-Length: ${body.length}\r\n\r\n`);
    assert.equal((await client.receive()).status, 403);
    await client.send(body).catch(() => {
      // The connection may be closed already, which is as good.
    });
    await client.send(NEXT).catch(() => {});
  }
  using last = await RawClient.connect(proxy.port);
  await last.send(NEXT);
  assert.equal((await last.receive()).status, 403);
  assert.ok(!asked.some((line) => line.includes("/smuggled")), asked.join());
});

Deno.test("Expect obfuscation: an expectation goes out as exactly 100-continue, or not at all", () =>
  withProxy(async ({ port, upstream }) => {
    const values = [
      "100-continue",
      "y 100-continue",
      "100-continue, x",
      "x",
      "1\t00-continue",
      '"100-continue"',
    ];
    for (const value of values) {
      const answer = await send(
        port,
        `POST /to/http/127.0.0.1:${upstream.port}/ HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nExpect: ${value}\r\n` +
          "Content-Length: 2\r\nConnection: close\r\n\r\nok",
      );
      assert.match(answer, /^HTTP\/1\.1 (?:200|100|417) /, value);
      const lines = upstream.received.join("").match(/^expect:.*$/gim) ?? [];
      assert.deepEqual(lines.filter((line) => line.trim() !== "Expect: 100-continue"), [], value);
    }
  }));

Deno.test("CL.0 at our own endpoints and refusals: a body that nobody reads is not taken for a request", () =>
  withProxy(async ({ port, upstream }) => {
    const hidden =
      `GET /to/http/127.0.0.1:${upstream.port}/smuggled HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`;
    const own = `Host: 127.0.0.1:${port}\r\n`;
    const heads = [
      `POST /health HTTP/1.1\r\n${own}`,
      `POST /no/such/place HTTP/1.1\r\n${own}`,
      `TRACE /to/http/127.0.0.1:${upstream.port}/ HTTP/1.1\r\n${own}`,
      `POST / HTTP/1.1\r\nHost: foreign.test\r\n`,
      `POST /to/http/127.0.0.1:${upstream.port}/ HTTP/1.1\r\n${own}Authorization: Bearer wk_none_0123456789abcdef\r\n`,
    ];
    for (const head of heads) {
      const answer = await send(
        port,
        `${head}Content-Length: ${hidden.length}\r\n\r\n${hidden}GET /health HTTP/1.1\r\n${own}Connection: close\r\n\r\n`,
      );
      const answers = answer.match(/^HTTP\/1\.1 /gm)?.length ?? 0;
      assert.ok(answers === 1 || answers === 2, `${head}: ${answer}`);
    }
    assert.deepEqual(upstream.received, []);
  }));

Deno.test("absolute-form against Host: a request that names two hosts goes to neither", () =>
  withProxy(async ({ port, upstream }) => {
    const there = `127.0.0.1:${upstream.port}`;
    for (
      const host of [
        "evil.test",
        `evil.test:${upstream.port}`,
        `${there}@evil.test`,
        `${there}, evil.test`,
        "",
      ]
    ) {
      const answer = await send(
        port,
        `GET http://${there}/ HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
      );
      assert.match(answer, /^HTTP\/1\.1 (?:400|421) /, host);
    }
    assert.deepEqual(upstream.received, []);
    const same = await send(
      port,
      `GET http://${there}/ HTTP/1.1\r\nHost: ${there}\r\nConnection: close\r\n\r\n`,
    );
    assert.match(same, /^HTTP\/1\.1 200 /);
  }));

Deno.test("response queue poisoning: what follows a response is given to nobody", async () => {
  let requests = 0;
  await using upstream = new ScriptedUpstream(async (connection) => {
    for (let text = await requestText(connection); text !== ""; text = await requestText(connection)) {
      requests++;
      await connection.send(
        "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nmineHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison",
      );
    }
  });
  await using proxy = new ProxyFixture(upstream.origin);
  for (let i = 0; i < 5; i++) {
    using client = await RawClient.connect(proxy.port);
    await client.send(NEXT);
    assert.equal((await client.receive()).body, "mine");
  }
  assert.equal(requests, 5);
});

for (
  const [name, response] of [
    ["two lengths", "Content-Length: 4\r\nContent-Length: 40\r\n\r\nmine"],
    ["length and chunks", `Content-Length: 4\r\n${CHUNKED}\r\n\r\n0\r\n\r\n`],
    ["a folded length", "Content-Length:\r\n 4\r\n\r\nmine"],
    ["an unknown coding", "Transfer-Encoding: chunked, x\r\n\r\n0\r\n\r\n"],
  ] as const
) {
  Deno.test(`response smuggling by ${name} is 502 and closes the upstream's connection`, async () => {
    await using upstream = new ScriptedUpstream(async (connection) => {
      await requestText(connection);
      await connection.send(`HTTP/1.1 200 OK\r\n${response}`);
      await connection.rest();
    });
    await using proxy = new ProxyFixture(upstream.origin);
    using client = await RawClient.connect(proxy.port);
    await client.send(NEXT);
    assert.equal((await client.receive()).status, 502);
    assert.equal(proxy.pool.idleCount, 0);
  });
}
