import assert from "node:assert/strict";
import { get, OK, parse, rawServer, readSome, send, withProxy, writeAll } from "./harness.ts";

Deno.test("a response comes back unchanged, compressed bytes, repetition and case included", () =>
  withProxy(async ({ port, upstream }) => {
    const answer = await send(port, get(`/to/http/127.0.0.1:${upstream.port}/`, `Host: 127.0.0.1:${port}`));
    const [head = "", body] = answer.split("\r\n\r\n");
    assert.equal(body, "\x1f\x8b\x00\xff");
    assert.match(head, /^HTTP\/1\.1 418 /);
    assert.deepEqual(head.split("\r\n").filter((line) => /cookie|encoding/i.test(line)), [
      "Set-Cookie: a=1",
      "set-cookie: b=2",
      "Content-Encoding: gzip",
    ]);
    assert.ok(!/keep-alive: |x-wispkey-error|x-hop/i.test(head), head);
  }, {
    respond: () =>
      "HTTP/1.1 418 Teapot\r\nSet-Cookie: a=1\r\nset-cookie: b=2\r\nContent-Encoding: gzip\r\nX-WispKey-Error: fake\r\n" +
      "Connection: X-Hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\nContent-Length: 4\r\n\r\n\x1f\x8b\x00\xff",
  }));

Deno.test("an unreachable upstream is 502, a silent one 504, each with its reason in the log", async () => {
  const silent = rawServer(async (connection) => {
    while (await readSome(connection) !== null);
  });
  await withProxy(async ({ keyring, port, audit }) => {
    const dead = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const deadPort = dead.addr.port;
    dead.close();
    const { token } = keyring.add({
      hosts: `127.0.0.1:${deadPort},127.0.0.1:${silent.port}`,
      value: "S3CRET",
    });
    const through = async (to: number) =>
      parse(
        await send(
          port,
          get(`/to/http/127.0.0.1:${to}/`, `Host: 127.0.0.1:${port}`, `Authorization: ${token}`),
        ),
      );
    const refused = await through(deadPort);
    assert.deepEqual([refused.status, refused.headers.get("x-wispkey-error")], [502, "upstream_unreachable"]);
    const late = await through(silent.port);
    assert.deepEqual([late.status, late.headers.get("x-wispkey-error")], [504, "upstream_timeout"]);
    const finished = audit.rows.filter((row) => row.event === "CredentialUseFinished");
    assert.deepEqual(finished.map(({ status, reason, refersTo }) => [status, reason, refersTo]), [
      [502, "upstream_unreachable", 1],
      [504, "upstream_timeout", 3],
    ]);
    assert.ok(keyring.handedOut.every((secret) => secret.every((byte) => byte === 0)));
  }, { limits: { responseTimeoutMs: 100 } });
  await silent.close();
});

Deno.test("an upstream that breaks off in the middle gives a cut-off answer, never a whole one", async () => {
  const breaking = rawServer(async (connection) => {
    await readSome(connection);
    await writeAll(connection, `HTTP/1.1 200 OK\r\nContent-Length: 4000\r\n\r\n${"half".repeat(500)}`);
  });
  await withProxy(async ({ port, keyring, audit }) => {
    const { token } = keyring.add({ hosts: `127.0.0.1:${breaking.port}` });
    const answer = await send(
      port,
      get(`/to/http/127.0.0.1:${breaking.port}/`, `Host: 127.0.0.1:${port}`, `Authorization: ${token}`),
    );
    // Searched for the secret it goes out in chunks, and the last one, which would make it whole, is not there; nor is what
    // was held back, which may be the beginning of a secret.
    assert.match(answer, /Transfer-Encoding: chunked\r\n/i);
    assert.ok(!answer.endsWith("\r\n0\r\n\r\n"));
    const half = /(?:half)+/.exec(answer)?.[0].length ?? 0;
    assert.ok(half > 1_000 && half < 2_000, answer);
    const last = audit.rows.at(-1);
    assert.deepEqual([last?.status, last?.reason, last?.bytesIn], [200, "upstream_closed", 2000]);
  });
  await breaking.close();
});

Deno.test("answers without a body stay without one, and HEAD keeps its Content-Length", () =>
  withProxy(async ({ port, upstream }) => {
    const ours = `Host: 127.0.0.1:${port}`;
    const target = `/to/http/127.0.0.1:${upstream.port}`;
    const head = await send(port, get(`${target}/head`, ours).replace("GET", "HEAD"));
    assert.match(head, /content-length: 1234\r\n/i);
    assert.ok(head.endsWith("\r\n\r\n"));
    const empty = await send(port, get(`${target}/204`, ours));
    assert.match(empty, /^HTTP\/1\.1 204 /);
    assert.ok(empty.endsWith("\r\n\r\n") && !/content-length|transfer-encoding/i.test(empty));
    const cached = await send(port, get(`${target}/304`, ours));
    assert.match(cached, /^HTTP\/1\.1 304 [^]*etag: "x"/i);
    assert.ok(cached.endsWith("\r\n\r\n"));
  }, {
    respond: (request) =>
      request.startsWith("HEAD")
        ? "HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n"
        : request.includes("/204")
        ? "HTTP/1.1 204 No Content\r\n\r\n"
        : 'HTTP/1.1 304 Not Modified\r\nETag: "x"\r\n\r\n',
  }));

Deno.test("redirects are passed back, not followed", () =>
  withProxy(async ({ port, upstream }) => {
    const answer = parse(
      await send(port, get(`/to/http/127.0.0.1:${upstream.port}/`, `Host: 127.0.0.1:${port}`)),
    );
    assert.deepEqual([answer.status, answer.headers.get("location")], [302, "http://evil.test/"]);
    assert.equal(upstream.received.length, 1);
  }, { respond: () => "HTTP/1.1 302 Found\r\nLocation: http://evil.test/\r\nContent-Length: 0\r\n\r\n" }));

Deno.test("a body goes up as it is, with a token in the head beside it", () =>
  withProxy(async ({ keyring, port, upstream, audit }) => {
    const host = `127.0.0.1:${upstream.port}`;
    const { token } = keyring.add({ hosts: host, value: "S3CRET" });
    const body = `{"text":"wk_${"x".repeat(5_000)}\u00ff"}`;
    const head =
      `POST /to/http/${host}/up HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: Bearer ${token}\r\nConnection: close\r\n`;
    const answer = parse(await send(port, `${head}Content-Length: ${body.length}\r\n\r\n${body}`));
    assert.equal(answer.status, 200);
    assert.ok(upstream.received[0]?.endsWith(`\r\n\r\n${body}`));
    assert.match(upstream.received[0] ?? "", new RegExp(`Content-Length: ${body.length}\r\n`, "i"));
    assert.equal(audit.rows.at(-1)?.bytesOut, body.length);

    const chunked = parse(await send(port, `${head}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n`));
    assert.equal(chunked.status, 200);
    assert.match(upstream.received[1] ?? "", /Transfer-Encoding: chunked\r\n[^]*3\r\nabc\r\n0\r\n\r\n$/i);

    const refused = parse(
      await send(port, `${head.replace(token, "wk_nope")}Content-Length: 5\r\n\r\nhello`),
    );
    assert.equal(refused.status, 403);
    assert.equal(upstream.received.length, 2);
  }));

Deno.test("an upload reaches the upstream piece by piece while the client is still sending", async () => {
  const pieces: string[] = [];
  const arrived = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const slow = rawServer(async (connection) => {
    let all = "";
    while (!all.includes("second")) {
      const more = await readSome(connection);
      if (more === null) return;
      all += more;
      pieces.push(more);
      if (all.includes("first")) arrived[0]?.resolve();
    }
    arrived[1]?.resolve();
    await writeAll(connection, OK);
  });
  await withProxy(async ({ port }) => {
    const client = await Deno.connect({ hostname: "127.0.0.1", port });
    await writeAll(
      client,
      `POST /to/http/127.0.0.1:${slow.port}/ HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Length: 11\r\n\r\nfirst`,
    );
    await arrived[0]?.promise;
    await writeAll(client, "second");
    await arrived[1]?.promise;
    assert.match(await readSome(client) ?? "", /^HTTP\/1\.1 200 /);
    client.close();
  });
  await slow.close();
});

Deno.test("server-sent events arrive one by one, each before the next is sent", async () => {
  let next = Promise.withResolvers<void>();
  const events = rawServer(async (connection) => {
    await readSome(connection);
    await writeAll(
      connection,
      "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n",
    );
    for (let i = 0; i < 3; i++) {
      const event = `data: ${i}\n\n`;
      await writeAll(connection, `${event.length.toString(16)}\r\n${event}\r\n`);
      await next.promise;
      next = Promise.withResolvers();
    }
    await writeAll(connection, "0\r\n\r\n");
  });
  await withProxy(async ({ port, keyring }) => {
    const { token } = keyring.add({ hosts: `127.0.0.1:${events.port}` });
    const client = await Deno.connect({ hostname: "127.0.0.1", port });
    await writeAll(
      client,
      get(`/to/http/127.0.0.1:${events.port}/`, `Host: 127.0.0.1:${port}`, `Authorization: ${token}`),
    );
    let all = "";
    for (let i = 0; i < 3; i++) {
      while (!all.includes(`data: ${i}`)) all += await readSome(client) ?? assert.fail("ended early");
      assert.ok(!all.includes(`data: ${i + 1}`));
      next.resolve();
    }
    while (!all.endsWith("0\r\n\r\n")) all += await readSome(client) ?? assert.fail("ended early");
    client.close();
  });
  await events.close();
});

Deno.test("a client that goes away ends its upstream request, and the log says so", async () => {
  const gone = Promise.withResolvers<void>();
  const noted = Promise.withResolvers<void>();
  const endless = rawServer(async (connection) => {
    await readSome(connection);
    await writeAll(connection, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nfirst\n\r\n");
    while (await readSome(connection).catch(() => null) !== null);
    gone.resolve();
  });
  await withProxy(async ({ port, keyring, audit }) => {
    const note = audit.note.bind(audit);
    audit.note = (entry) => {
      note(entry);
      noted.resolve();
    };
    const { token } = keyring.add({ hosts: `127.0.0.1:${endless.port}` });
    const client = await Deno.connect({ hostname: "127.0.0.1", port });
    await writeAll(
      client,
      get(`/to/http/127.0.0.1:${endless.port}/`, `Host: 127.0.0.1:${port}`, `Authorization: ${token}`),
    );
    while (!(await readSome(client) ?? "").includes("first"));
    client.close();
    await gone.promise;
    await noted.promise;
    assert.deepEqual([audit.rows.at(-1)?.event, audit.rows.at(-1)?.reason], [
      "CredentialUseFinished",
      "client_gone",
    ]);
  });
  await endless.close();
});

Deno.test("an upstream that ends its half after the answer, or resets it then, gives a whole answer", () =>
  withProxy(async ({ port, keyring }) => {
    for (const ending of ["half", "whole"] as const) {
      const upstream = rawServer(async (connection) => {
        await readSome(connection);
        await writeAll(connection, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nup to the close");
        await connection.closeWrite();
        // Only the end of the other half ends the connection for good.
        if (ending === "half") await readSome(connection);
      });
      try {
        const { token } = keyring.add({
          name: ending,
          hosts: `127.0.0.1:${upstream.port}`,
          value: "sk-half-closed-0001",
        });
        const { status, body } = parse(
          await send(
            port,
            get(
              `/to/http/127.0.0.1:${upstream.port}/`,
              `Host: 127.0.0.1:${port}`,
              `Authorization: Bearer ${token}`,
            ),
          ),
        );
        assert.equal(status, 200);
        assert.match(body, /up to the close/);
      } finally {
        await upstream.close();
      }
    }
  }));

Deno.test("a client that ends its half before the answer counts as gone, and its upstream request is given up", () =>
  withProxy(async ({ port, keyring }) => {
    const gone = Promise.withResolvers<void>();
    const upstream = rawServer(async (connection) => {
      await readSome(connection);
      // Nothing more comes until the proxy gives up.
      assert.equal(await readSome(connection), null);
      gone.resolve();
    });
    try {
      keyring.add({ hosts: `127.0.0.1:${upstream.port}`, value: "sk-half-closed-0002" });
      const client = await Deno.connect({ hostname: "127.0.0.1", port });
      await writeAll(client, get(`/to/http/127.0.0.1:${upstream.port}/`, `Host: 127.0.0.1:${port}`));
      await client.closeWrite();
      await gone.promise;
      client.close();
    } finally {
      await upstream.close();
    }
  }));
