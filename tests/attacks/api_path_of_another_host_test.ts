/**
 * Paths that belong to hosts (`/api/…`, `/health`) and that a proxy might take for its own: the request is answered by the
 * proxy, so an agent drives its management through any web address, and real APIs are broken.
 */

import assert from "node:assert/strict";
import { get, OK, parse, send, withProxy } from "../proxy/harness.ts";
import { naiveProxy } from "./naive_proxy.ts";

const PATHS = [
  "/api/credentials",
  "/api/v1/tokens",
  "/health",
  "/wispkey",
  "/_wispkey/lock",
  "/to/http/x/",
  "/as/a:b/health",
];

Deno.test("whatever the path, what is asked of another host is answered by that host", () =>
  withProxy(async ({ port, upstream }) => {
    const naive = naiveProxy({
      target: (request) =>
        /^\w+ (?:http:\/\/[^/]+)?\/(?:api\/|health)/.test(request)
          ? OK.replace("ok", "me")
          : { port: upstream.port },
    });
    const host = `127.0.0.1:${upstream.port}`;
    const taken = await send(naive.port, get(`http://${host}/api/credentials`, `Host: ${host}`));
    assert.ok(taken.endsWith("me"), "a naive proxy takes it for its own");
    await naive.close();

    for (const path of PATHS) {
      for (const method of ["GET", "POST", "DELETE"]) {
        const ways = [
          get(`http://${host}${path}`, `Host: ${host}`),
          get(`/to/http/${host}${path}`, `Host: 127.0.0.1:${port}`),
          get("/api/ignored", `Host: 127.0.0.1:${port}`, `X-Target-Url: http://${host}${path}`),
        ];
        for (const way of ways) {
          upstream.received.length = 0;
          const answer = parse(await send(port, way.replace("GET", method)));
          assert.equal(answer.body, "ok", way);
          assert.ok(upstream.received[0]?.startsWith(`${method} ${path} HTTP/1.1`), upstream.received[0]);
        }
      }
    }
    upstream.received.length = 0;
    for (const path of PATHS.slice(0, 2)) {
      const own = parse(await send(port, get(path, `Host: 127.0.0.1:${port}`)));
      assert.equal(own.status, 404, "and the proxy itself has no management on its port");
    }
    assert.deepEqual(upstream.received, []);
  }));
