/** An upgrade to a protocol that nobody looks into: what is sent behind it is neither searched nor scrubbed. */

import assert from "node:assert/strict";
import { get, OK, parse, send, withProxy } from "../proxy/harness.ts";
import { naiveProxy } from "./naive_proxy.ts";

const SWITCH = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n";

Deno.test("only WebSockets are upgraded, and a host cannot switch by itself", () =>
  withProxy(async ({ keyring, port, upstream }) => {
    const host = `127.0.0.1:${upstream.port}`;
    const { token } = keyring.add({ hosts: host });
    const naive = naiveProxy({ target: () => ({ port: upstream.port }) });
    for (const protocol of ["h2c", "TLS/1.0", "foo"]) {
      const request = get(
        `/to/http/${host}/`,
        `Host: 127.0.0.1:${port}`,
        `Upgrade: ${protocol}`,
        `Authorization: Bearer ${token}`,
      )
        .replace(
          "Connection: close",
          "Connection: Upgrade, HTTP2-Settings, close\r\nHTTP2-Settings: AAMAAABkAAQAAP__",
        );
      upstream.received.length = 0;
      await send(naive.port, request);
      assert.match(upstream.received[0] ?? "", /^Upgrade: /m, "a naive proxy passes it on");
      upstream.received.length = 0;
      const answer = parse(await send(port, request));
      assert.equal(answer.status, 200);
      assert.doesNotMatch(upstream.received[0] ?? "", /^(?:Upgrade|HTTP2-Settings):/im);
    }
    await naive.close();
    upstream.received.length = 0;
    const unasked = parse(await send(port, get(`/to/http/${host}/switch`, `Host: 127.0.0.1:${port}`)));
    assert.equal(unasked.status, 502);
  }, {
    respond: (request) => request.includes("/switch") ? SWITCH : OK,
  }));
