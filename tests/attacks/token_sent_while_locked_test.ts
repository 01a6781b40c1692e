/** With the vault locked a proxy that cannot find a token may pass it on: the host, or its log, then knows it. */

import assert from "node:assert/strict";
import { get, parse, send, withProxy } from "../proxy/harness.ts";
import { naiveProxy } from "./naive_proxy.ts";

Deno.test("no token leaves while the vault is locked, nor one that was rotated away", () =>
  withProxy(async ({ keyring, port, upstream }) => {
    const host = `127.0.0.1:${upstream.port}`;
    const { token } = keyring.add({ name: "k", hosts: host });
    keyring.retire("wk_old_0123456789abcdef", "k", "rotated");
    const request = (text: string) =>
      get(`/to/http/${host}/`, `Host: 127.0.0.1:${port}`, `Authorization: Bearer ${text}`);
    const naive = naiveProxy({ target: () => ({ port: upstream.port }) });
    await send(naive.port, request(token));
    await naive.close();
    assert.ok(upstream.received.join().includes(token), "a naive proxy passes it on");
    upstream.received.length = 0;

    const retired = parse(await send(port, request("wk_old_0123456789abcdef")));
    assert.equal(retired.status, 403);
    keyring.locked = true;
    const locked = parse(await send(port, request(token)));
    assert.deepEqual([locked.status, locked.headers.get("x-wispkey-error")], [503, "vault_locked"]);
    assert.deepEqual(upstream.received, []);
    const plain = parse(await send(port, get(`/to/http/${host}/`, `Host: 127.0.0.1:${port}`)));
    assert.equal(plain.status, 200, "what carries no token flows");
  }));
