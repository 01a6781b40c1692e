import assert from "node:assert/strict";
import { parse, type RawServer, rawServer, readSome, withProxy, type World, writeAll } from "../harness.ts";
import { connectThrough, withTunnels } from "./world.ts";

/** Sends back what it gets, and ends its half when the other side has ended its own. */
function echo(): RawServer {
  return rawServer(async (connection) => {
    for (let more = await readSome(connection); more !== null; more = await readSome(connection)) {
      await writeAll(connection, more);
    }
    await connection.closeWrite();
  });
}

async function readAll(connection: Deno.Conn): Promise<string> {
  let all = "";
  for (let more = await readSome(connection); more !== null; more = await readSome(connection)) all += more;
  return all;
}

/** Waits until a row of this event is written, which happens when both sides have ended. */
async function rowOf({ audit }: Pick<World, "audit">, event: string) {
  for (let i = 0; i < 500; i++) {
    const row = audit.rows.find((row) => row.event === event);
    if (row !== undefined) return row;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return assert.fail(`no ${event}`);
}

async function withEcho(test: (world: World, server: RawServer) => Promise<void>): Promise<void> {
  const server = echo();
  try {
    await withProxy((world) => test(world, server));
  } finally {
    await server.close();
  }
}

Deno.test("bytes go both ways unchanged, also those sent together with CONNECT, and are counted in the log", () =>
  withEcho(async (world, server) => {
    const target = `127.0.0.1:${server.port}`;
    using connection = await Deno.connect({ hostname: "127.0.0.1", port: world.port });
    await writeAll(connection, `CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n\r\n\x00early\xff`);
    let answer = await readSome(connection) ?? "";
    // A client that ends its half before it has an answer has gone away.
    await connection.closeWrite();
    answer += await readAll(connection);
    assert.equal(answer, "HTTP/1.1 200 Connection established\r\n\r\n\x00early\xff");
    const row = await rowOf(world, "TunnelClosed");
    const { durationMs, ...rest } = row;
    assert.ok(durationMs !== undefined && durationMs >= 0);
    assert.deepEqual(rest, {
      event: "TunnelClosed",
      host: target,
      method: "CONNECT",
      status: 200,
      bytesIn: 7,
      bytesOut: 7,
    });
  }));

Deno.test("a client that has ended its half still gets what the upstream has to say", () => {
  const late = rawServer(async (connection) => {
    const said: string[] = [];
    for (let more = await readSome(connection); more !== null; more = await readSome(connection)) {
      said.push(more);
    }
    await writeAll(connection, `heard ${said.join("")}`);
  });
  return withProxy(async ({ port }) => {
    const { connection } = await connectThrough(port, `127.0.0.1:${late.port}`);
    await writeAll(connection, "all of it");
    await connection.closeWrite();
    assert.equal(await readAll(connection), "heard all of it");
    connection.close();
  }).finally(() => late.close());
});

Deno.test("an upstream that has ended its half still gets what the client has to say", () => {
  const heard = Promise.withResolvers<string>();
  const early = rawServer(async (connection) => {
    await writeAll(connection, "bye");
    await connection.closeWrite();
    heard.resolve(await readAll(connection));
  });
  return withProxy(async ({ port }) => {
    const { connection } = await connectThrough(port, `127.0.0.1:${early.port}`);
    assert.equal(await readAll(connection), "bye");
    await writeAll(connection, "one more thing");
    await connection.closeWrite();
    assert.equal(await heard.promise, "one more thing");
    connection.close();
  }).finally(() => early.close());
});

Deno.test("a side that breaks off ends the tunnel for the other", async () => {
  const gone = Promise.withResolvers<void>();
  const server = rawServer(async (connection) => {
    const said = await readSome(connection);
    if (said === "hang up") return;
    await readAll(connection).catch(() => "");
    gone.resolve();
  });
  await withProxy(async ({ port }) => {
    const target = `127.0.0.1:${server.port}`;
    const first = await connectThrough(port, target);
    await writeAll(first.connection, "hang up");
    assert.equal(await readAll(first.connection).catch(() => ""), "");
    first.connection.close();
    const second = await connectThrough(port, target);
    await writeAll(second.connection, "x");
    second.connection.close();
    await gone.promise;
  });
  await server.close();
});

Deno.test("nothing that moves is cut off, what stands still is", async () => {
  const server = echo();
  await withProxy(async (world) => {
    const { connection } = await connectThrough(world.port, `127.0.0.1:${server.port}`);
    for (let i = 0; i < 6; i++) {
      await writeAll(connection, "tick");
      assert.equal(await readSome(connection), "tick");
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    assert.equal(await readAll(connection).catch(() => ""), "", "cut off in the end");
    connection.close();
    assert.equal((await rowOf(world, "TunnelClosed")).reason, "nothing moved for too long");
  }, { limits: { bodyTimeoutMs: 400 } });
  await server.close();
});

Deno.test("a sender waits for a reader that does not read: memory does not grow", async () => {
  const started = Promise.withResolvers<Deno.TcpConn>();
  const server = rawServer(async (connection) => {
    started.resolve(connection);
    await new Promise<void>((resolve) => release.promise.then(resolve));
  });
  const release = Promise.withResolvers<void>();
  await withProxy(async ({ port }) => {
    const { connection } = await connectThrough(port, `127.0.0.1:${server.port}`);
    await started.promise;
    const block = new Uint8Array(1024 * 1024);
    let sent = 0;
    const sending = (async () => {
      for (; sent < 512; sent++) {
        for (let at = 0; at < block.length;) at += await connection.write(block.subarray(at));
      }
    })().catch(() => {});
    let before = -1;
    while (sent !== before) {
      before = sent;
      await new Promise((resolve) => setTimeout(resolve, 150));
    }
    // The two sockets' buffers on either side of the proxy take some megabytes, and nothing takes more.
    assert.ok(sent < 64, `${sent} MiB went into a reader that does not read`);
    connection.close();
    await sending;
    release.resolve();
  });
  await server.close();
});

Deno.test("a host that cannot be reached is said so before the tunnel is granted", () =>
  withTunnels(async ({ port, audit }) => {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const dead = listener.addr.port;
    listener.close();
    const { status, head, connection } = await connectThrough(port, `nobody.test:${dead}`);
    connection.close();
    assert.equal(status, 502);
    assert.match(head, /x-wispkey-error: upstream_unreachable/i);
    assert.deepEqual(audit.rows, []);
  }));

Deno.test("targets of CONNECT are host and port and nothing else", () =>
  withTunnels(async ({ port }) => {
    const cases: [string, number][] = [
      ["api.test", 400],
      ["api.test:", 400],
      ["api.test:0", 400],
      ["api.test:70000", 400],
      ["http://api.test:80", 400],
      ["user@api.test:443", 400],
      ["api.test:443/path", 400],
      [":443", 400],
      ["[::1:443", 400],
    ];
    for (const [target, status] of cases) {
      const answer = await connectThrough(port, target, "Host: api.test");
      answer.connection.close();
      assert.equal(answer.status, status, target);
    }
    const other = await connectThrough(port, "api.test:443", "Host: other.test");
    other.connection.close();
    assert.equal(other.status, 421);
    const body = await connectThrough(port, "api.test:443", "Content-Length: 3");
    body.connection.close();
    assert.equal(body.status, 400);
  }));

Deno.test("a tunnel to an IPv6 literal is dialled there", async () => {
  let listener: Deno.TcpListener;
  try {
    listener = Deno.listen({ hostname: "::1", port: 0 });
  } catch {
    console.log("no IPv6 on this machine: nothing to test");
    return;
  }
  const serving = (async () => {
    const connection = await listener.accept();
    await writeAll(connection, "six");
    connection.close();
  })();
  await withProxy(async ({ port }) => {
    const { connection } = await connectThrough(port, `[::1]:${listener.addr.port}`);
    assert.equal(await readAll(connection), "six");
    connection.close();
  });
  await serving;
  listener.close();
});

Deno.test("a token in the head of CONNECT is refused as misplaced, and no connection is made", () =>
  withProxy(async ({ port, keyring, audit, upstream }) => {
    const target = `127.0.0.1:${upstream.port}`;
    const { token } = keyring.add({ name: "k", hosts: target });
    const basic = btoa(`x:${token}`);
    const cases = [
      [target, `Authorization: Bearer ${token}`],
      [target, `Proxy-Authorization: Bearer ${token}`],
      [target, `Proxy-Authorization: Basic ${basic}`],
      [target, `X-Note: ${token}`],
      [target, `User-Agent: ${btoa(token)}`],
      [`${token.replaceAll("_", "-")}.test:443`, `Authorization: Bearer ${token}`],
    ] as const;
    for (const [to, field] of cases) {
      const { status, head, connection } = await connectThrough(port, to, field);
      connection.close();
      assert.equal(status, 403, field);
      assert.match(head, /x-wispkey-error: misplaced_token/i, field);
    }
    assert.deepEqual(upstream.received, []);
    assert.equal(audit.rows.filter(({ event, denied }) => event === "CredentialDenied" && denied).length, 6);
  }));

Deno.test("a blind tunnel to a credential's host is remarked on once, with what to do instead", () =>
  withTunnels(async ({ port, keyring, audit, secure }) => {
    keyring.add({ name: "mine", hosts: `api.test:${secure.port}` });
    for (let i = 0; i < 3; i++) {
      for (const target of [`api.test:${secure.port}`, `127.0.0.1:${secure.port}`]) {
        (await connectThrough(port, target)).connection.close();
      }
    }
    const hints = audit.rows.filter(({ event }) => event === "TunnelBlind");
    assert.equal(hints.length, 1);
    assert.equal(hints[0]?.credential, "mine");
    assert.equal(hints[0]?.host, `api.test:${secure.port}`);
    assert.match(hints[0]?.reason ?? "", /wispkey run.*http:\/\/localhost:\d+\/to\/https\/api\.test:\d+\//);
  }, { intercept: false }));

Deno.test("too many connections are refused, tunnels among them, and an end makes room", async () => {
  const server = echo();
  await withProxy(async (world) => {
    const target = `127.0.0.1:${server.port}`;
    const held = await Promise.all([1, 2].map(() => connectThrough(world.port, target)));
    const third = await connectThrough(world.port, target);
    third.connection.close();
    assert.equal(third.status, 503);
    for (const { connection } of held) connection.close();
    await rowOf(world, "TunnelClosed");
    let status = 0;
    for (let i = 0; i < 100 && status !== 200; i++) {
      const again = await connectThrough(world.port, target);
      again.connection.close();
      status = again.status;
    }
    assert.equal(status, 200);
  }, { limits: { maxConnections: 2 } });
  await server.close();
});

Deno.test("an answer to CONNECT has no body and no length", () =>
  withEcho(async ({ port }, server) => {
    const { head, connection } = await connectThrough(port, `127.0.0.1:${server.port}`);
    connection.close();
    assert.equal(head, "HTTP/1.1 200 Connection established\r\n\r\n");
    assert.equal(parse(head).headers.size, 0);
  }));
