import assert from "node:assert/strict";
import fc from "fast-check";
import { frameByUs } from "./oracle.ts";
import { ProxyFixture, RawClient } from "./proxy_fixture.ts";
import { StrangerUpstream } from "./stranger_upstream.ts";
import { latin1Bytes, latin1Text } from "../../../src/proxy/http/mod.ts";

const CASES = Math.ceil(Number(Deno.env.get("WISPKEY_FUZZ_CASES") ?? 2_000) / 20);

/** Published ways to hide a second request, each followed by what it hides. */
const HIDDEN = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n";
const ATTACKS: Record<string, string> = {
  "CL.TE": `POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: ${
    5 + HIDDEN.length
  }\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  "TE.CL": "POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n5c\r\n",
  "TE.TE":
    "POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-encoding: x\r\n\r\n0\r\n\r\n",
  "TE with a blank before the colon":
    "POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
  "CL before a tab": "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\t\r\n\r\nhello",
  "CL before a blank and a tab": "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 5 \t\r\n\r\nhello",
  "TE before a tab": "POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\t\r\n\r\n0\r\n\r\n",
  "TE after a bare LF": "POST /a HTTP/1.1\r\nHost: a\r\nX: y\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
  "TE after a bare CR": "POST /a HTTP/1.1\r\nHost: a\r\nX: y\rTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
  "folded TE": "POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
  "two lengths":
    `POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nContent-Length: ${HIDDEN.length}\r\n\r\n`,
  "a length list": `POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 0, ${HIDDEN.length}\r\n\r\n`,
  "chunk ended by LF":
    "POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2;\nxx\r\n4c\r\n0\r\n\r\n",
  "chunk size that wraps":
    "POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n10000000000000000\r\n\r\n0\r\n\r\n",
  "length hidden by NUL": `POST /a HTTP/1.1\r\nHost: a\r\nContent-Length\0: ${HIDDEN.length}\r\n\r\n`,
  "a target with a line end": "GET /a HTTP/1.1\rX: HTTP/1.1\r\nHost: a\r\n\r\n",
  "an end before the end": "GET /a HTTP/1.1\r\nHost: a\r\n\n\r\n",
};

Deno.test("no known way of hiding a request gets one past the proxy", async () => {
  await using upstream = new StrangerUpstream();
  const origin = { scheme: "http", host: "127.0.0.1", port: await upstream.start() } as const;
  await using proxy = new ProxyFixture(origin);
  for (const [name, attack] of Object.entries(ATTACKS)) {
    using client = await RawClient.connect(proxy.port);
    await client.send(attack + HIDDEN);
    const { status } = await client.receive();
    assert.equal(status, 400, name);
    assert.equal(await client.rest(), "", name);
  }
  assert.deepEqual(upstream.seen, []);
});

const part = fc.constantFrom(
  "GET /a HTTP/1.1\r\nHost: a\r\n",
  "POST /b HTTP/1.1\r\nHost: a\r\n",
  "PUT /c HTTP/1.1\r\nHost: a\r\n",
  "Content-Length: 5\r\n",
  "Transfer-Encoding: chunked\r\n",
  "X: y\r\n",
  "\r\n",
  "\r\n",
  "hello",
  "5\r\nhello\r\n",
  "0\r\n\r\n",
  "0\r\nA: b\r\n\r\n",
  "\n",
  " ",
  "\0",
);

Deno.test(`the upstream is asked exactly what the proxy was asked, by any stream (${CASES})`, async () => {
  await using upstream = new StrangerUpstream();
  const origin = { scheme: "http", host: "127.0.0.1", port: await upstream.start() } as const;
  await using proxy = new ProxyFixture(origin);
  const stream = fc.array(part, { minLength: 1, maxLength: 12 }).map((parts) => latin1Bytes(parts.join("")));
  await fc.assert(
    fc.asyncProperty(stream, async (bytes) => {
      upstream.seen.length = 0;
      const framed = await frameByUs(bytes);
      // A method such as `helloGET` is legal, but the stranger does not know it.
      fc.pre(framed.every(({ method }) => /^(?:GET|POST|PUT)$/.test(method)));
      const asked = framed.map(({ method, target, body }) => `${method} ${target} ${body.length}`);
      using client = await RawClient.connect(proxy.port);
      await client.send(bytes);
      // Answers to everything that is complete come first; only then the end of our half, which the proxy takes for
      // the client's leaving.
      for (const _request of asked) assert.equal((await client.receive()).status, 200, latin1Text(bytes));
      await client.conn.closeWrite();
      await client.rest();
      assert.deepEqual(upstream.seen, asked, JSON.stringify(latin1Text(bytes)));
    }),
    { numRuns: CASES },
  );
});
