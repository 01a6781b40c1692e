/**
 * A tunnel as a way around the address guard: to the proxy itself, or to the machine's metadata service.
 */

import assert from "node:assert/strict";
import { get, parse, rawServer, readSome, send, withProxy, writeAll } from "../proxy/harness.ts";
import { closeQuietly, connectThrough } from "../proxy/tunnel/world.ts";

/** A proxy that dials whatever CONNECT names. */
function naiveProxy() {
  return rawServer(async (client) => {
    const head = await readSome(client) ?? "";
    const [, port = ""] = /^CONNECT \S+:(\d+) /.exec(head) ?? [];
    const upstream = await Deno.connect({ hostname: "127.0.0.1", port: Number(port) });
    await writeAll(client, "HTTP/1.1 200 OK\r\n\r\n");
    await writeAll(upstream, await readSome(client) ?? "");
    await writeAll(client, await readSome(upstream) ?? "");
    closeQuietly(upstream);
  });
}

Deno.test("a tunnel that leads back to the proxy works with a naive one, and is a loop here in every spelling", async () => {
  const naive = naiveProxy();
  await withProxy(async ({ port, audit }) => {
    const { connection } = await connectThrough(naive.port, `127.0.0.1:${port}`);
    await writeAll(connection, get("/health", `Host: 127.0.0.1:${port}`));
    assert.match(await readSome(connection) ?? "", /200 OK/, "the naive proxy opens the way to ourselves");
    connection.close();

    for (
      const host of [
        "127.0.0.1",
        "localhost",
        "LOCALHOST.",
        "[::1]",
        "0.0.0.0",
        "127.1",
        "2130706433",
        "0x7f.1",
        "[::ffff:127.0.0.1]",
        "x.localhost",
        "me.test",
      ]
    ) {
      const answer = await connectThrough(port, `${host}:${port}`);
      answer.connection.close();
      assert.equal(answer.status, 508, host);
    }
    assert.equal(audit.rows.filter(({ event }) => event === "TunnelClosed").length, 0);
  }, { resolve: () => Promise.resolve(["127.0.0.1"]) });
  await naive.close();
});

Deno.test("link-local addresses and the metadata service are out of reach of tunnels, by number and by name", () =>
  withProxy(async ({ port }) => {
    for (
      const host of [
        "169.254.169.254",
        "169.254.1.1",
        "[fe80::1]",
        "[fd00:ec2::254]",
        "2852039166",
        "cloud.test",
      ]
    ) {
      const { status, head, connection } = await connectThrough(port, `${host}:80`);
      connection.close();
      assert.equal(status, 403, host);
      assert.match(head, /x-wispkey-error: address_refused/i, host);
    }
  }, { resolve: () => Promise.resolve(["169.254.169.254"]) }));

Deno.test("a name that resolves to a forbidden and an allowed address gets no more than the allowed one", async () => {
  const seen: string[] = [];
  const server = rawServer(async (connection) => {
    seen.push(await readSome(connection) ?? "");
  });
  await withProxy(async ({ port }) => {
    const { status, connection } = await connectThrough(port, `both.test:${server.port}`);
    assert.equal(status, 200);
    await writeAll(connection, "hello");
    connection.close();
  }, { resolve: () => Promise.resolve(["169.254.169.254", "127.0.0.1"]) });
  await server.close();
  assert.deepEqual(seen, ["hello"]);
});

Deno.test("the proxy still answers after all that", () =>
  withProxy(async ({ port }) => {
    assert.equal(parse(await send(port, get("/health", `Host: localhost:${port}`))).status, 200);
  }));
