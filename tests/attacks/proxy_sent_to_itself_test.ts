/** One request that makes the proxy call itself, and that call again, until sockets or memory run out. */

import assert from "node:assert/strict";
import { get, parse, type RawServer, send, withProxy } from "../proxy/harness.ts";
import { naiveProxy } from "./naive_proxy.ts";

const ENOUGH = 8;

Deno.test("the proxy cannot be made to call itself, in whatever spelling", () =>
  withProxy(async ({ port }) => {
    let turns = 0;
    const naive: RawServer = naiveProxy({ target: () => ++turns < ENOUGH ? { port: naive.port } : null });
    await send(naive.port, get("/", `Host: localhost:${naive.port}`));
    await naive.close();
    assert.equal(turns, ENOUGH, "one request goes round and round in a naive proxy");

    const spellings = [
      "localhost",
      "LOCALHOST.",
      "a.localhost",
      "127.0.0.1",
      "127.0.0.2",
      "127.1",
      "0x7f000001",
      "2130706433",
      "0.0.0.0",
      "[::1]",
      "[::]",
      "[::ffff:127.0.0.1]",
      "[0:0:0:0:0:ffff:7f00:1]",
    ];
    for (const host of spellings) {
      const url = `http://${host}:${port}/health`;
      const ways = [
        get(url, `Host: ${host}:${port}`),
        get(`/to/http/${host}:${port}/health`, `Host: localhost:${port}`),
        get("/", `Host: localhost:${port}`, `X-Target-Url: ${url}`),
        `CONNECT ${host}:${port} HTTP/1.1\r\nHost: ${host}:${port}\r\nConnection: close\r\n\r\n`,
      ];
      for (const way of ways) {
        const { status, headers } = parse(await send(port, way));
        assert.deepEqual([status, headers.get("x-wispkey-error")], [508, "loop"], way);
      }
    }
  }, { resolve: () => Promise.resolve(["127.0.0.1"]) }));
