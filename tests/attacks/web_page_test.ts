/**
 * A web page in the owner's browser speaks to the proxy on loopback: with `fetch`, with a form, with a preflight, or under a
 * name of its own that it lets resolve to 127.0.0.1 (DNS rebinding).
 */

import assert from "node:assert/strict";
import { get, OK, parse, send, withProxy } from "../proxy/harness.ts";
import { naiveProxy } from "./naive_proxy.ts";

Deno.test("a web page can neither send through the proxy nor read its answers, under any name", () =>
  withProxy(async ({ keyring, port, upstream }) => {
    const host = `127.0.0.1:${upstream.port}`;
    const { token } = keyring.add({ hosts: host });
    const naive = naiveProxy({
      target: () => OK.replace("200 OK\r\n", "200 OK\r\nAccess-Control-Allow-Origin: *\r\n"),
    });
    const open = parse(await send(naive.port, get("/", "Host: evil.test", "Origin: https://evil.test")));
    await naive.close();
    assert.deepEqual([open.status, open.headers.get("access-control-allow-origin")], [200, "*"], "naive");

    const ours = `Host: 127.0.0.1:${port}`;
    const carry = [`X-Target-Url: http://${host}/`, `Authorization: Bearer ${token}`];
    const pages: [string, number, string][] = [
      [get("/", ours, "Origin: https://evil.test", ...carry), 403, "browser_refused"],
      [get("/", ours, "Origin: null", ...carry), 403, "browser_refused"],
      [get("/", ours, `Origin: http://127.0.0.1:${port}`, ...carry), 403, "browser_refused"],
      [get("/", ours, "Sec-Fetch-Site: cross-site", ...carry), 403, "browser_refused"],
      [get("/", ours, "Sec-Fetch-Site: same-origin", ...carry), 403, "browser_refused"],
      [
        get(`http://${host}/`, `Host: ${host}`, "Sec-Fetch-Site: cross-site", ...carry.slice(1)),
        403,
        "browser_refused",
      ],
      [get("/health", ours, "Origin: https://evil.test"), 403, "browser_refused"],
      [
        get("/", ours, "Origin: https://evil.test", "Access-Control-Request-Method: GET").replace(
          "GET",
          "OPTIONS",
        ),
        403,
        "browser_refused",
      ],
      [get("/health", `Host: rebound.evil.test:${port}`), 421, "foreign_host"],
      [get("/", `Host: rebound.evil.test:${port}`, ...carry), 421, "foreign_host"],
      [get(`/to/http/${host}/`, `Host: rebound.evil.test:${port}`, ...carry.slice(1)), 421, "foreign_host"],
      [get("/health", `Host: 127.0.0.1:${port + 1}`), 421, "foreign_host"],
    ];
    for (const [request, status, code] of pages) {
      const answer = parse(await send(port, request));
      assert.deepEqual([answer.status, answer.headers.get("x-wispkey-error")], [status, code], request);
      assert.ok(![...answer.headers.keys()].some((name) => name.startsWith("access-control-")), request);
    }
    assert.deepEqual(upstream.received, []);
    assert.equal(keyring.handedOut.length, 0);
    const own = parse(await send(port, get("/", ours, ...carry)));
    assert.equal(own.status, 200, "a program's own request works");
  }));
