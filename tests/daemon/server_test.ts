import assert from "node:assert/strict";
import { actText } from "../../src/core/act.ts";
import { fromUtf8, utf8 } from "../../src/core/bytes.ts";
import { DeniedError } from "../../src/core/errors.ts";
import { DaemonClient } from "../../src/daemon/client.ts";
import { ANSWER_LIMITS, encodeFrame, FrameDecoder } from "../../src/daemon/frame.ts";
import type { DaemonRequest, Dispatch } from "../../src/daemon/request.ts";
import { type DaemonServer, serveDaemon, SERVER_LIMITS, type ServerLimits } from "../../src/daemon/server.ts";
import { connectLocal } from "../../src/platform/local_socket.ts";
import { fake } from "./fake_daemon.ts";

async function withServer(
  dispatch: Dispatch,
  body: (server: DaemonServer) => Promise<void>,
  limits: Partial<ServerLimits> = {},
  token = false,
): Promise<void> {
  const directory = await Deno.makeTempDir();
  const server = serveDaemon({ directory, dispatch, limits: { ...SERVER_LIMITS, ...limits }, token });
  try {
    await body(server);
  } finally {
    await server.stop(50);
    await server.close();
    await Deno.remove(directory, { recursive: true });
  }
}

const echo: Dispatch = ({ params, payload }) => Promise.resolve({ result: params, payload: payload.slice() });

/** Reads to the end, or until the server cuts the connection off. */
async function readToEnd(connection: Deno.Conn): Promise<number> {
  const buffer = new Uint8Array(65_536);
  let bytes = 0;
  try {
    for (let count; (count = await connection.read(buffer)) !== null;) bytes += count;
  } catch {
    // Reset: also an end.
  }
  return bytes;
}

for (const token of [false, true]) {
  Deno.test(`calls are answered with JSON and raw bytes ${token ? "over loopback TCP" : "over the socket"}`, () =>
    withServer(
      echo,
      async (server) => {
        const client = await DaemonClient.connect(server.address);
        const payload = crypto.getRandomValues(new Uint8Array(60_000));
        const answers = await Promise.all(
          [1, 2, 3].map((n) => fake(client, "x", { n, text: "ä\u{1f600}" }, payload)),
        );
        for (const [index, answer] of answers.entries()) {
          assert.deepEqual(answer.result, { n: index + 1, text: "ä\u{1f600}" });
          assert.deepEqual(answer.payload, payload);
        }
        client.close();
      },
      {},
      token,
    ));
}

Deno.test("a value of the largest size passes both ways", () =>
  withServer(echo, async (server) => {
    const client = await DaemonClient.connect(server.address);
    const { payload } = await fake(client, "x", {}, new Uint8Array(16 * 1024 * 1024).fill(3));
    assert.equal(payload?.length, 16 * 1024 * 1024);
    assert.ok(payload.every((byte) => byte === 3));
    client.close();
  }));

Deno.test("errors arrive as they were thrown, unexpected ones without ending anything", () => {
  const dispatch: Dispatch = ({ op }) => {
    if (op === "denied") {
      throw new DeniedError("cannot do it: a rule forbids it", { code: "by_rule", hint: "ask" });
    }
    return Promise.reject(new TypeError("oops"));
  };
  return withServer(dispatch, async (server) => {
    const client = await DaemonClient.connect(server.address);
    await assert.rejects(fake(client, "denied"), {
      name: "DeniedError",
      message: "cannot do it: a rule forbids it",
      code: "by_rule",
      hint: "ask",
      exitCode: 5,
    });
    await assert.rejects(fake(client, "broken"), { code: "internal", message: "oops" });
    assert.ok((await client.call("daemon.challenge", {})).result.nonce);
    client.close();
  });
});

Deno.test("the daemon's copy of a payload is wiped after the answer, and so is its answer's", async () => {
  const seen: Uint8Array[] = [];
  const dispatch: Dispatch = ({ payload }) => {
    const answer = payload.slice();
    seen.push(payload, answer);
    return Promise.resolve({ result: {}, payload: answer });
  };
  await withServer(dispatch, async (server) => {
    const client = await DaemonClient.connect(server.address);
    const { payload } = await fake(client, "x", {}, utf8("sk-secret"));
    assert.equal(fromUtf8(payload ?? new Uint8Array(0)), "sk-secret");
    client.close();
  });
  assert.equal(seen.length, 2);
  for (const bytes of seen) assert.ok(bytes.length === 9 && bytes.every((byte) => byte === 0));
});

Deno.test("a proof covers the operation, its parameters and the payload, and its nonce is good once", async () => {
  const requests: { request: DaemonRequest; first: boolean; again: boolean; act: string }[] = [];
  const payloads: string[] = [];
  const dispatch: Dispatch = async (request) => {
    const nonce = request.proof?.nonce ?? new Uint8Array(0);
    requests.push({
      request: { ...request },
      first: request.caller.takeNonce(nonce),
      again: request.caller.takeNonce(nonce),
      act: await actText(request.op, request.params, request.payload),
    });
    payloads.push(fromUtf8(request.payload));
    return { result: {}, payload: utf8("rewsna") };
  };
  await withServer(dispatch, async (server) => {
    const client = await DaemonClient.connect(server.address);
    const proved: { nonce: string; act: string }[] = [];
    const prover = {
      prove: (nonce: Uint8Array, act: Uint8Array) => {
        proved.push({ nonce: nonce.toHex(), act: fromUtf8(act) });
        return Promise.resolve(new Uint8Array([1, 2, 3]));
      },
      seal: (_nonce: Uint8Array, payload: Uint8Array) => payload.toReversed(),
      open: (_nonce: Uint8Array, sealed: Uint8Array) => new Uint8Array(sealed).reverse(),
    };
    const shown = { id: "1", type: "bearer_token" as const, place: null, hosts: [] };
    const params = { project: "default", name: "k", shown };
    const { payload: reply } = await client.callWithPassword(
      "credential.replace_value",
      params,
      prover,
      utf8("new value"),
    );
    const [{ request, first, again, act } = assert.fail()] = requests;
    assert.equal(proved[0]?.act, act);
    assert.equal(proved[0]?.nonce, request.proof?.nonce.toHex());
    assert.deepEqual(request.proof?.mac, new Uint8Array([1, 2, 3]));
    assert.equal(payloads[0], "eulav wen", "the value crosses the socket sealed");
    assert.equal(fromUtf8(reply ?? new Uint8Array(0)), "answer", "and so does what comes back");
    assert.equal(first, true);
    assert.equal(again, false);
    client.close();
  });
});

Deno.test("a nonce given to one connection is worth nothing on another", () =>
  withServer(
    ({ proof, caller }) =>
      Promise.resolve({ result: { taken: proof !== undefined && caller.takeNonce(proof.nonce) } }),
    async (server) => {
      const [one, other] = [
        await DaemonClient.connect(server.address),
        await DaemonClient.connect(server.address),
      ];
      const { nonce } = (await one.call("daemon.challenge", {})).result;
      const raw = await connectLocal(server.address);
      await raw.write(encodeFrame({ id: 1, op: "x", params: {}, proof: { nonce, mac: "00" } }));
      const buffer = new Uint8Array(1000);
      const count = await raw.read(buffer);
      const [answer] = new FrameDecoder(ANSWER_LIMITS).push(buffer.subarray(0, count ?? 0));
      assert.deepEqual(answer?.json, { id: 1, result: { taken: false } });
      for (const connection of [raw, one, other]) connection.close();
    },
  ));

Deno.test("calls that make no sense are refused by name, and the connection goes on", () =>
  withServer(echo, async (server) => {
    const bad: unknown[] = [
      null,
      [],
      "x",
      {},
      { id: 1 },
      { id: "1", op: "x" },
      { id: 1, op: 2 },
      { id: 1, op: "x", proof: "yes" },
      { id: 1, op: "x", proof: { nonce: "zz", mac: "00" } },
      { id: 1, op: "x", proof: { nonce: "00" } },
    ];
    const connection = await connectLocal(server.address);
    const decoder = new FrameDecoder(ANSWER_LIMITS);
    const buffer = new Uint8Array(65_536);
    for (const json of bad) {
      await connection.write(encodeFrame(json));
      const count = await connection.read(buffer);
      const [frame] = decoder.push(buffer.subarray(0, count ?? 0));
      assert.equal((frame?.json as { error: { code: string } }).error.code, "bad_call", JSON.stringify(json));
    }
    connection.close();
  }));

Deno.test("whoever sends what is no frame is cut off, and others are not", () =>
  withServer(echo, async (server) => {
    const good = await DaemonClient.connect(server.address);
    for (
      const bytes of ["GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", "\0\0\0\x02\0\0\0\0{{", "\xff".repeat(100)]
    ) {
      const bad = await connectLocal(server.address);
      await bad.write(Uint8Array.from(bytes, (c) => c.charCodeAt(0)));
      await readToEnd(bad);
      bad.close();
      assert.deepEqual((await fake(good, "x", { still: "here" })).result, { still: "here" });
    }
    good.close();
  }));

Deno.test("a frame that is never finished, and a caller that never calls, are cut off", () =>
  withServer(echo, async (server) => {
    const [slow, silent] = [await connectLocal(server.address), await connectLocal(server.address)];
    await slow.write(encodeFrame({ id: 1, op: "x" }).subarray(0, 9));
    await Promise.all([readToEnd(slow), readToEnd(silent)]);
    slow.close();
    silent.close();
  }, { frameMs: 30, idleMs: 60 }));

Deno.test("a crowd of connections that say nothing keeps nobody out, and goes first", () =>
  withServer(echo, async (server) => {
    const owner = await DaemonClient.connect(server.address);
    await fake(owner, "x");
    const crowd: Deno.Conn[] = [];
    for (let i = 0; i < 10; i++) crowd.push(await connectLocal(server.address));
    const late = await DaemonClient.connect(server.address);
    assert.deepEqual((await fake(late, "x", { a: 1 })).result, { a: 1 });
    assert.deepEqual((await fake(owner, "x", { b: 2 })).result, { b: 2 }, "who has called stays");
    await readToEnd(crowd[0]!);
    // Of those that have called, the one that was quiet longest makes room.
    for (let i = 0; i < 3; i++) {
      const another = await DaemonClient.connect(server.address);
      await fake(another, "x");
      crowd.push(await connectLocal(server.address));
      await fake(owner, "x");
      another.close();
    }
    for (const connection of [...crowd, owner, late]) connection.close();
  }, { connections: 3 }));

Deno.test("connections that are all busy are left alone, and further ones are refused", async () => {
  const finish = Promise.withResolvers<void>();
  await withServer(() => finish.promise.then(() => ({ result: { done: true } })), async (server) => {
    const busy = await DaemonClient.connect(server.address);
    const call = fake(busy, "x");
    // Its call has arrived when a later message of the same connection is answered.
    await busy.call("daemon.challenge", {});
    const second = await connectLocal(server.address);
    await readToEnd(second);
    second.close();
    finish.resolve();
    assert.deepEqual((await call).result, { done: true });
    busy.close();
  }, { connections: 1 });
});

Deno.test("watchers make room too, the newest first", async () => {
  const dispatch: Dispatch = ({ emit }) => {
    emit({ row: 1 });
    return Promise.resolve({ result: {} });
  };
  await withServer(dispatch, async (server) => {
    const watchers = [];
    for (let i = 0; i < 2; i++) {
      const watcher = await connectLocal(server.address);
      await watcher.write(encodeFrame({ id: 1, op: "watch" }));
      await watcher.read(new Uint8Array(100));
      watchers.push(watcher);
    }
    const late = await DaemonClient.connect(server.address);
    await late.call("daemon.challenge", {});
    await readToEnd(watchers[1]!);
    await watchers[0]!.write(encodeFrame({ id: 2, op: "x" }));
    assert.ok(await watchers[0]!.read(new Uint8Array(100)) !== null, "the first one goes on");
    for (const connection of [...watchers, late]) connection.close();
  }, { connections: 2 });
});

Deno.test("a watcher that takes nothing is cut off instead of filling the daemon's memory", async () => {
  const ended = Promise.withResolvers<void>();
  const dispatch: Dispatch = ({ emit, caller }) => {
    caller.closed.addEventListener("abort", () => ended.resolve());
    const text = "x".repeat(10_000);
    const timer = setInterval(() => emit({ text }), 0);
    caller.closed.addEventListener("abort", () => clearInterval(timer));
    return Promise.resolve({ result: {} });
  };
  await withServer(dispatch, async (server) => {
    const connection = await connectLocal(server.address);
    await connection.write(encodeFrame({ id: 1, op: "x" }));
    await ended.promise;
    connection.close();
  }, { queuedEventBytes: 100_000 });
});

Deno.test("no more calls of one connection are answered at once than allowed", async () => {
  let now = 0;
  let most = 0;
  const dispatch: Dispatch = async () => {
    most = Math.max(most, ++now);
    await new Promise((resolve) => setTimeout(resolve, 1));
    now--;
    return { result: {} };
  };
  await withServer(dispatch, async (server) => {
    const client = await DaemonClient.connect(server.address);
    await Promise.all(Array.from({ length: 30 }, () => fake(client, "x")));
    client.close();
  }, { callsAtOnce: 3 });
  assert.equal(most, 3);
});

Deno.test("stopping waits for the calls in progress and takes no further ones", async () => {
  const finish = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  const dispatch: Dispatch = async () => {
    begun.resolve();
    await finish.promise;
    return { result: { done: true } };
  };
  await withServer(dispatch, async (server) => {
    const client = await DaemonClient.connect(server.address);
    const call = fake(client, "x");
    await begun.promise;
    let stopped = false;
    const stopping = server.stop(10_000).then(() => stopped = true);
    await assert.rejects(async () => await fake(client, "late"), { code: "daemon_ending" });
    assert.equal(stopped, false);
    await assert.rejects(DaemonClient.connect(server.address));
    finish.resolve();
    assert.deepEqual((await call).result, { done: true });
    await stopping;
    client.close();
  });
});

Deno.test("a caller whose daemon goes is told so, in every call", () =>
  withServer(() => new Promise(() => {}), async (server) => {
    const client = await DaemonClient.connect(server.address);
    const calls = [1, 2].map(() => assert.rejects(fake(client, "x"), { code: "daemon_gone" }));
    await client.call("daemon.challenge", {});
    client.close();
    await Promise.all(calls);
    await assert.rejects(fake(client, "x"), { code: "daemon_gone" });
    // The server's own end of these calls never settles; `stop` gives up on them.
  }));

Deno.test("a daemon that does not answer in time is called unresponsive", () => {
  const finish = Promise.withResolvers<void>();
  return withServer(() => finish.promise.then(() => ({ result: {} })), async (server) => {
    const client = await DaemonClient.connect(server.address);
    await assert.rejects(client.call("daemon.status", {}, undefined, 20), { code: "daemon_unresponsive" });
    finish.resolve();
    client.close();
  });
});
