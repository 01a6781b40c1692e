/** Connections that never finish their request, to keep everybody else out. */

import assert from "node:assert/strict";
import { get, parse, rawServer, readSome, send, withProxy, writeAll } from "../proxy/harness.ts";

const CONNECTIONS = 20;

Deno.test("requests that are never finished are ended, and keep nobody out", () =>
  withProxy(async ({ port, proxy, upstream }) => {
    // A server without a time limit waits for as long as the attacker likes.
    const naive = rawServer(async (connection) =>
      void await readSome(connection).then(() => readSome(connection))
    );
    const forever = await Deno.connect({ hostname: "127.0.0.1", port: naive.port });
    await writeAll(forever, "GET / HTTP/1.1\r\n");
    let naiveEnded = false;
    const waiting = forever.read(new Uint8Array(1)).then(() => naiveEnded = true).catch(() => {});

    const slow = await Promise.all(
      Array.from({ length: CONNECTIONS }, () => Deno.connect({ hostname: "127.0.0.1", port })),
    );
    for (const connection of slow) await writeAll(connection, "GET / HTTP/1.1\r\nX-Slow: ");
    const answers = await Promise.all(slow.map(async (connection) => {
      let text = "";
      for (let more = await readSome(connection); more !== null; more = await readSome(connection)) {
        text += more;
      }
      connection.close();
      return text;
    }));
    for (const answer of answers) assert.equal(parse(answer).status, 408, answer);
    assert.equal(naiveEnded, false, "the naive server waits still");
    forever.close();
    await waiting;
    await naive.close();

    const host = `127.0.0.1:${upstream.port}`;
    const next = parse(await send(port, get(`/to/http/${host}/`, `Host: 127.0.0.1:${port}`)));
    assert.equal(next.status, 200);
    assert.ok(proxy.connections <= 1);
  }, { limits: { headerTimeoutMs: 300 } }));

Deno.test("more connections than are allowed, and heads without end, cost only their sender", () =>
  withProxy(async ({ port, upstream }) => {
    const host = `127.0.0.1:${upstream.port}`;
    const endless = await send(port, `GET / HTTP/1.1\r\nX: ${"a".repeat(10_000)}\r\n\r\n`).catch(() => "");
    assert.ok(endless === "" || parse(endless).status === 431, endless);
    const fields = Array.from({ length: 100 }, (_, i) => `X-${i}: y`);
    assert.equal(parse(await send(port, get("/health", `Host: 127.0.0.1:${port}`, ...fields))).status, 431);
    const next = parse(await send(port, get(`/to/http/${host}/`, `Host: 127.0.0.1:${port}`)));
    assert.equal(next.status, 200);
  }, { limits: { maxHeadBytes: 4_096, maxHeaderFields: 64 } }));
