/** An allowed host that can be made to redirect (most can, somewhere) points at the attacker's server. */

import assert from "node:assert/strict";
import { get, parse, recordingServer, send, withProxy } from "../proxy/harness.ts";
import { exchange, naiveProxy } from "./naive_proxy.ts";

const SECRET = "sk-live-the-real-value-0042";

Deno.test("a redirect is passed back, not followed with the secret", async () => {
  const thief = recordingServer();
  try {
    await withProxy(async ({ keyring, port, upstream }) => {
      const { token } = keyring.add({ hosts: `127.0.0.1:${upstream.port}`, value: SECRET });
      const naive = naiveProxy({
        target: (request) => {
          // What a client library does that follows redirects, and keeps its fields.
          void exchange(upstream.port, request.replace(token, SECRET)).catch(() => {});
          return { port: thief.port };
        },
        rewrite: (request) => request.replace(token, SECRET),
      });
      const authorization = `Authorization: Bearer ${token}`;
      await send(naive.port, get("/", "Host: naive", authorization));
      assert.ok(
        thief.received.join().includes(SECRET),
        "the attack does not even work against a naive proxy",
      );
      await naive.close();
      thief.received.length = 0;

      const request = get(
        `/to/http/127.0.0.1:${upstream.port}/away`,
        `Host: 127.0.0.1:${port}`,
        authorization,
      );
      const answer = parse(await send(port, request));
      assert.equal(answer.status, 307);
      assert.equal(answer.headers.get("location"), `http://127.0.0.1:${thief.port}/`);
      assert.ok(upstream.received.at(-1)?.includes(SECRET), "the allowed host got it");
      assert.deepEqual(thief.received, [], "the one that it points at did not");
    }, {
      respond: () =>
        `HTTP/1.1 307 Elsewhere\r\nLocation: http://127.0.0.1:${thief.port}/\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
    });
  } finally {
    await thief.close();
  }
});
