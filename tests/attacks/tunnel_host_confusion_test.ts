/**
 * A tunnel that says one host to be let through and another inside, to have a secret sent there.
 */

import assert from "node:assert/strict";
import { parse, rawServer, readSome, writeAll } from "../proxy/harness.ts";
import {
  closeQuietly,
  connectThrough,
  exchangeOver,
  getKept,
  tlsInside,
  withTunnels,
} from "../proxy/tunnel/world.ts";

const SECRET = "sk-live-0123456789";

/** Opens tunnels as ours does, but sends each request where its Host says. */
function naiveInterceptor(token: string) {
  return rawServer(async (client) => {
    await readSome(client);
    await writeAll(client, "HTTP/1.1 200 OK\r\n\r\n");
    const request = await readSome(client) ?? "";
    const [, hostname = "", port = ""] = /^Host: ([\d.]+):(\d+)/m.exec(request) ?? [];
    const upstream = await Deno.connect({ hostname, port: Number(port) });
    await writeAll(upstream, request.replace(token, SECRET));
    await writeAll(client, await readSome(upstream) ?? "");
    closeQuietly(upstream);
  });
}

Deno.test("a Host inside a tunnel that names the attacker's server sends the secret there from a naive proxy, and not from ours", () =>
  withTunnels(async ({ port, keyring, local, secure, upstream }) => {
    const target = `api.test:${secure.port}`;
    const attacker = `127.0.0.1:${upstream.port}`;
    const { token } = keyring.add({ hosts: target, value: SECRET });
    const request = getKept("/", attacker, `Authorization: Bearer ${token}`);

    const naive = naiveInterceptor(token);
    const lured = await connectThrough(naive.port, target);
    await exchangeOver(lured.connection, request);
    lured.connection.close();
    assert.ok(upstream.received.join().includes(SECRET), "the naive proxy gives it away");
    upstream.received.length = 0;
    await naive.close();

    const { connection } = await connectThrough(port, target);
    using tls = await tlsInside(connection, "api.test", local.pem);
    const answer = parse(await exchangeOver(tls, request));
    assert.equal(answer.status, 421);
    assert.deepEqual([upstream.received, secure.received], [[], []]);
    assert.equal(keyring.handedOut.length, 0, "the secret was not even opened");
  }));

Deno.test("plain HTTP inside a tunnel to an https host does not carry the secret in clear", () =>
  withTunnels(async ({ port, keyring, secure }) => {
    const target = `api.test:${secure.port}`;
    const { token } = keyring.add({ hosts: `https://${target}`, value: SECRET });
    const { connection } = await connectThrough(port, target);
    const answer = parse(
      await exchangeOver(connection, getKept("/", target, `Authorization: Bearer ${token}`)),
    );
    connection.close();
    assert.deepEqual([answer.status, answer.headers.get("x-wispkey-error")], [403, "host_not_allowed"]);
    assert.equal(keyring.handedOut.length, 0);
  }));

Deno.test("a wildcard does not reach private addresses through a tunnel either", () =>
  withTunnels(async ({ port, keyring, local, secure }) => {
    const { token } = keyring.add({ hosts: `*.wide.test:*`, value: SECRET });
    const target = `inner.wide.test:${secure.port}`;
    const { connection } = await connectThrough(port, target);
    using tls = await tlsInside(connection, "inner.wide.test", local.pem);
    const answer = parse(await exchangeOver(tls, getKept("/", target, `Authorization: Bearer ${token}`)));
    assert.deepEqual([answer.status, answer.headers.get("x-wispkey-error")], [403, "address_refused"]);
    assert.deepEqual(secure.received, []);
  }));
