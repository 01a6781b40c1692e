import assert from "node:assert/strict";
import { Turnstile } from "../../../src/proxy/http/turnstile.ts";
import { RawClient, serve } from "./proxy_fixture.ts";

Deno.test("few connections are never held back", () => {
  const turnstile = new Turnstile(2, 1);
  turnstile.enter();
  turnstile.enter();
  for (let request = 0; request < 10; request++) assert.equal(turnstile.admit(), undefined);
});

Deno.test("over that, so many requests go in each turn, first come, first served", async () => {
  const turnstile = new Turnstile(0, 3);
  turnstile.enter();
  const order: number[] = [];
  const all: (Promise<void> | undefined)[] = [];
  for (let request = 0; request < 8; request++) {
    const turn = turnstile.admit();
    all.push(turn?.then(() => void order.push(request)));
  }
  assert.deepEqual(all.map((turn) => turn === undefined), [
    true,
    true,
    true,
    false,
    false,
    false,
    false,
    false,
  ]);
  await all[5];
  assert.deepEqual(order, [3, 4, 5]);
  await Promise.all(all);
  assert.deepEqual(order, [3, 4, 5, 6, 7]);
});

Deno.test("who waits is let in though the connections have become few", async () => {
  const turnstile = new Turnstile(0, 1);
  turnstile.enter();
  turnstile.admit();
  const waiting = turnstile.admit();
  turnstile.leave();
  await waiting;
});

Deno.test("three hundred busy connections all get their answers", async () => {
  await using server = serve((request) => request.respond(200, [], null));
  const clients = await Promise.all(Array.from({ length: 300 }, () => RawClient.connect(server.port)));
  await Promise.all(clients.map(async (client) => {
    for (let round = 0; round < 5; round++) {
      await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
      assert.equal((await client.receive()).status, 200);
    }
    client.conn.close();
  }));
});
