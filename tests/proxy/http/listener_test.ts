import assert from "node:assert/strict";
import { FailedError } from "../../../src/core/errors.ts";
import { utf8 } from "../../../src/core/bytes.ts";
import { RawClient, serve } from "./proxy_fixture.ts";

const GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

Deno.test("one port serves IPv4 and, where there is any, IPv6 loopback", async () => {
  await using server = serve((request) => request.respond(200, [], utf8(request.remote ?? "")));
  for (const hostname of server.addresses) {
    using client = new RawClient(await Deno.connect({ hostname, port: server.port }));
    await client.send(GET);
    assert.equal(
      (await client.receive()).body,
      `${hostname}:${(client.conn.localAddr as Deno.NetAddr).port}`,
    );
  }
  assert.equal(server.addresses[0], "127.0.0.1");
});

Deno.test("a port in use on either address is a clear error with a way out", async () => {
  await using first = serve((request) => request.respond(200, [], null));
  const isInUse = (error: unknown) =>
    error instanceof FailedError && error.code === "port_in_use" &&
    error.hint === "wispkey serve --random-port";
  assert.throws(() => serve((request) => request.respond(200, [], null), { port: first.port }), isInUse);
  if (!first.addresses.includes("::1")) return;
  using only6 = Deno.listen({ hostname: "::1", port: 0 });
  assert.throws(() => serve((request) => request.respond(200, [], null), { port: only6.addr.port }), isInUse);
  // Nothing is left bound on IPv4 after the failure.
  Deno.listen({ hostname: "127.0.0.1", port: only6.addr.port }).close();
});

Deno.test("connections over the cap are told so and closed, and room comes back", async () => {
  await using server = serve((request) => request.respond(200, [], utf8("ok")), { maxConnections: () => 1 });
  {
    using first = await RawClient.connect(server.port);
    await first.send(GET);
    assert.equal((await first.receive()).body, "ok");
    using second = await RawClient.connect(server.port);
    const { status, body } = await second.receive();
    assert.deepEqual([status, body], [503, "too_many_connections"]);
    assert.equal(await second.rest(), "");
    assert.equal(server.connections, 1);
    await first.conn.closeWrite();
    assert.equal(await first.rest(), "");
  }
  using third = await RawClient.connect(server.port);
  await third.send(GET);
  assert.equal((await third.receive()).body, "ok");
});

Deno.test("draining ends idle connections at once and lets requests finish", async () => {
  const started = Promise.withResolvers<void>();
  const finish = Promise.withResolvers<void>();
  const server = serve(async (request) => {
    if (request.head.target === "/slow") {
      started.resolve();
      await finish.promise;
    }
    await request.respond(200, [], utf8("done"));
  });
  using idle = await RawClient.connect(server.port);
  await idle.send(GET);
  await idle.receive();
  using busy = await RawClient.connect(server.port);
  await busy.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
  await started.promise;
  const closed = server.close({ drainMs: 60_000 });
  assert.equal(await idle.rest(), "");
  await assert.rejects(RawClient.connect(server.port), Deno.errors.ConnectionRefused);
  finish.resolve();
  const { body, fields } = await busy.receive();
  assert.equal(body, "done");
  assert.ok(fields.includes("Connection: close"));
  await closed;
  assert.equal(server.connections, 0);
});

Deno.test("what does not finish within the drain is cut off", async () => {
  const started = Promise.withResolvers<void>();
  const server = serve(async (request) => {
    started.resolve();
    await new Promise<void>((resolve) => request.gone.subscribe(() => resolve()));
  });
  using client = await RawClient.connect(server.port);
  await client.send(GET);
  await started.promise;
  await server.close({ drainMs: 10 });
  assert.equal(await client.rest(), "");
});
