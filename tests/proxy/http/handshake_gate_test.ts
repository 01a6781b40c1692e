import assert from "node:assert/strict";
import { dial, UpstreamError } from "../../../src/proxy/http/mod.ts";
import { HandshakeGate } from "../../../src/proxy/http/handshake_gate.ts";

const never = new AbortController().signal;
const unreachable = (error: unknown) =>
  error instanceof UpstreamError && error.code === "upstream_unreachable" &&
  /stand still/.test(error.message);

Deno.test("no more handshakes with one place are under way than allowed, and those that wait go in order", async () => {
  const gate = new HandshakeGate({ perPlace: 2 });
  let now = 0;
  let most = 0;
  const order: number[] = [];
  await Promise.all(Array.from({ length: 10 }, (_, i) =>
    gate.run("a.test:443", never, async () => {
      order.push(i);
      most = Math.max(most, ++now);
      await Promise.resolve();
      now--;
    })));
  assert.equal(most, 2);
  assert.deepEqual(order, [...order].sort((a, b) => a - b));
});

Deno.test("other places do not wait, and a failed handshake makes room", async () => {
  const gate = new HandshakeGate({ perPlace: 1 });
  const { promise, resolve } = Promise.withResolvers<void>();
  const first = gate.run("a.test:443", never, () => promise);
  assert.equal(await gate.run("b.test:443", never, () => Promise.resolve("b")), "b");
  const second = gate.run("a.test:443", never, () => Promise.reject(new Error("bad certificate")));
  const third = gate.run("a.test:443", never, () => Promise.resolve("third"));
  resolve();
  await first;
  await assert.rejects(second, /bad certificate/);
  assert.equal(await third, "third");
});

Deno.test("an abandoned handshake counts for its time; with only such ones in the way a place is refused at once", async () => {
  let time = 0;
  const gate = new HandshakeGate({ perPlace: 2, abandonedMs: 100, now: () => time });
  const gone = new AbortController();
  gone.abort(new Error("client left"));
  const abandon = () => gate.run("a.test:443", gone.signal, () => Promise.reject(gone.signal.reason));
  await assert.rejects(abandon(), /client left/);
  assert.equal(await gate.run("a.test:443", never, () => Promise.resolve(1)), 1, "one place is left");
  await assert.rejects(abandon(), /client left/);
  await assert.rejects(gate.run("a.test:443", never, () => Promise.resolve(1)), unreachable);
  time = 101;
  assert.equal(await gate.run("a.test:443", never, () => Promise.resolve(1)), 1);
});

Deno.test("who waits behind handshakes that are all abandoned is told so, and who leaves gives up their turn", async () => {
  const gate = new HandshakeGate({ perPlace: 1 });
  const leaving = new AbortController();
  const { promise, reject } = Promise.withResolvers<void>();
  const first = gate.run("a.test:443", leaving.signal, () => promise);
  const impatient = new AbortController();
  const second = gate.run("a.test:443", impatient.signal, () => Promise.resolve());
  const third = gate.run("a.test:443", never, () => Promise.resolve());
  impatient.abort(new Error("left the queue"));
  await assert.rejects(second, /left the queue/);
  leaving.abort(new Error("left"));
  reject(leaving.signal.reason);
  await assert.rejects(first, /left/);
  await assert.rejects(third, unreachable);
});

Deno.test("a host that lets handshakes stand still costs so many connections and no more", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const accepted: Deno.Conn[] = [];
  const accepting = (async () => {
    for await (const connection of listener) accepted.push(connection);
  })();
  const origin = { scheme: "https", host: "127.0.0.1", port: listener.addr.port } as const;
  const results = await Promise.all(
    Array.from(
      { length: 60 },
      () =>
        dial(origin, { connectTimeoutMs: 150 }).then(() => "connected", (error: UpstreamError) => error.code),
    ),
  );
  assert.ok(results.every((code) => code === "upstream_timeout" || code === "upstream_unreachable"));
  assert.ok(results.includes("upstream_timeout"));
  // From now on it is refused before a handshake begins; the connection made for it is closed.
  await assert.rejects(dial(origin, { connectTimeoutMs: 5_000 }), unreachable);
  for (const connection of accepted) connection.close();
  listener.close();
  await accepting.catch(() => {});
});
