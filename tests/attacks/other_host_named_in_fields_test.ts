/**
 * Fields that make a gateway behind the allowed host send a request on to another one, and methods that make a host say what
 * it was sent.
 */

import assert from "node:assert/strict";
import { get, OK, parse, rawServer, readSome, send, withProxy, writeAll } from "../proxy/harness.ts";
import { naiveProxy } from "./naive_proxy.ts";

const SECRET = "sk-live-the-real-value-0042";
const FIELDS = [
  "Forwarded",
  "X-Forwarded-Host",
  "X-Forwarded-For",
  "X-Forwarded-Proto",
  "X-Host",
  "X-Original-URL",
  "X-Original-Host",
  "X-Rewrite-URL",
  // Programs behind CGI or WSGI know no hyphens in names, and take the one for the other.
  "X_Forwarded_Host",
  "X-Original_URL",
  // A CGI program finds it in HTTP_PROXY.
  "Proxy",
];

Deno.test("fields that name another host do not go out beside a secret, and TRACE does not go out at all", () =>
  withProxy(async ({ keyring, port, upstream }) => {
    const host = `127.0.0.1:${upstream.port}`;
    const { token } = keyring.add({ hosts: host, value: SECRET });
    const lure = FIELDS.map((name) => `${name}: evil.test`);
    const request = get(
      `/to/http/${host}/`,
      `Host: 127.0.0.1:${port}`,
      `Authorization: Bearer ${token}`,
      ...lure,
    );
    const naive = naiveProxy({
      target: () => ({ port: upstream.port }),
      rewrite: (text) => text.replace(token, SECRET),
    });
    await send(naive.port, request);
    await send(naive.port, request.replace("GET", "TRACE"));
    await naive.close();
    const passed = upstream.received.join();
    assert.ok(passed.includes("evil.test") && passed.includes(`TRACE`) && passed.includes(SECRET), "naive");
    upstream.received.length = 0;

    assert.equal(parse(await send(port, request)).status, 200);
    const [sent = ""] = upstream.received;
    assert.ok(sent.includes(SECRET) && !sent.includes("evil.test"), sent);
    assert.match(sent, new RegExp(`^Host: ${host.replaceAll(".", "\\.")}\r$`, "m"));
    for (const method of ["TRACE", "TRACK", "trace"]) {
      const answer = parse(await send(port, request.replace("GET", method)));
      assert.equal(answer.status, 405, method);
    }
    assert.equal(upstream.received.length, 1);
  }));

Deno.test("nor do they go out behind the body, from where some hosts put them into the head", () =>
  withProxy(async ({ keyring, port }) => {
    const upstream = rawServer(async (connection, received) => {
      let held = "";
      while (!/\r\n0\r\n(?:[^\r]+\r\n)*\r\n$/.test(held)) {
        held += await readSome(connection) ?? "\r\n0\r\n\r\n";
      }
      received.push(held);
      await writeAll(connection, OK);
    });
    try {
      const host = `127.0.0.1:${upstream.port}`;
      const { token } = keyring.add({ hosts: host, value: SECRET });
      const trailers = [...FIELDS, "X-HTTP-Method-Override"].map((name) => `${name}: evil.test\r\n`);
      const request = (target: string, to: string) =>
        `POST ${target} HTTP/1.1\r\nHost: ${to}\r\nConnection: close\r\nAuthorization: Bearer ${token}\r\n` +
        `Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n${trailers.join("")}X-Checksum: kept\r\n\r\n`;
      await send(upstream.port, request("/", host).replace(token, SECRET));
      const [naive = ""] = upstream.received.splice(0);
      assert.ok(naive.includes(SECRET) && naive.includes("evil.test"), "naive");

      assert.equal(parse(await send(port, request(`/to/http/${host}/`, `127.0.0.1:${port}`))).status, 200);
      const [sent = ""] = upstream.received;
      assert.ok(sent.includes(SECRET) && !sent.includes("evil.test"), sent);
      assert.match(sent, /X-Checksum: kept/);
    } finally {
      await upstream.close();
    }
  }));
