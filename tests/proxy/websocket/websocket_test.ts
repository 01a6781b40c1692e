import assert from "node:assert/strict";
import { Opcode } from "../../../src/proxy/websocket/frame.ts";
import { rawServer, readSome, withProxy, type World, writeAll } from "../harness.ts";
import { ACCEPT, RawClient, upgradeFields, webSocketServer } from "./support.ts";

const VALUE = "S3CRET-value-of-the-key-0123456789";

async function withEcho(
  test: (world: World & { host: string; echo: ReturnType<typeof webSocketServer> }) => Promise<void>,
): Promise<void> {
  const echo = webSocketServer((data, socket) => socket.send(data));
  try {
    await withProxy((world) => test({ ...world, echo, host: `127.0.0.1:${echo.port}` }));
  } finally {
    await echo.close();
  }
}

Deno.test("the handshake carries the secret in header or query, and messages come and go", () =>
  withEcho(async ({ keyring, port, host, echo, audit }) => {
    const bearer = keyring.add({ name: "bearer", hosts: host, value: VALUE });
    const query = keyring.add({
      name: "query",
      type: "api_key",
      hosts: host,
      value: "query-value-0123456789",
    });
    const fields = upgradeFields("Sec-WebSocket-Protocol: chat", `Authorization: Bearer ${bearer.token}`);
    for (const scheme of ["http", "ws"]) {
      const client = await RawClient.open(
        port,
        `/to/${scheme}/${host}/live?api_key=${query.token}`,
        ...fields,
      );
      assert.equal(client.status, 101, client.answer);
      assert.match(client.answer, new RegExp(`sec-websocket-accept: ${ACCEPT.replace("+", "\\+")}`, "i"));
      assert.match(client.answer, /^upgrade: websocket\r$/im);
      assert.match(client.answer, /^connection: upgrade\r$/im);
      for (const text of ["one", "", "ö".repeat(40_000), "two"]) {
        await client.send(Opcode.text, text);
        assert.equal(await client.message(), text);
      }
      await client.send(Opcode.close, new Uint8Array([0x0f, 0xa0]));
      assert.equal((await client.receive())?.opcode, Opcode.close);
      assert.equal(await client.receive(), null);
      client.close();
    }
    const seen = echo.requests[0]!;
    assert.equal(seen.headers.get("authorization"), `Bearer ${VALUE}`);
    assert.equal(seen.url.searchParams.get("api_key"), "query-value-0123456789");
    assert.equal(audit.rows.filter(({ event }) => event === "CredentialUsed").length, 4);
    const ends = () => audit.rows.filter(({ event }) => event === "CredentialUseFinished");
    for (let waited = 0; ends().length < 4 && waited < 100; waited++) {
      await new Promise((r) => setTimeout(r, 20));
    }
    assert.deepEqual(ends().map(({ status }) => status), [101, 101, 101, 101]);
    assert.ok((ends()[0]?.bytesIn ?? 0) > 80_000 && (ends()[0]?.bytesOut ?? 0) > 80_000);
  }));

Deno.test("a real client works through the base URL", () =>
  withEcho(async ({ keyring, port, host, echo }) => {
    const { token } = keyring.add({ type: "api_key", hosts: host, value: VALUE });
    const socket = new WebSocket(`ws://127.0.0.1:${port}/to/ws/${host}/?api_key=${token}`);
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    socket.onopen = () => socket.send(`say ${"x".repeat(200_000)}`);
    socket.onmessage = ({ data }) => resolve(data);
    socket.onerror = () => reject(new Error("it failed"));
    assert.equal((await promise).length, 200_004);
    const closed = Promise.withResolvers<CloseEvent>();
    socket.onclose = closed.resolve;
    socket.close(4000, "enough");
    const { code, reason, wasClean } = await closed.promise;
    assert.deepEqual({ code, reason, wasClean }, { code: 4000, reason: "enough", wasClean: true });
    assert.equal(echo.requests[0]!.url.searchParams.get("api_key"), VALUE);
  }));

Deno.test("a secret in the server's messages becomes its token, however it is cut into frames", async () => {
  const pieces = [VALUE.slice(0, 7), VALUE.slice(7, 8), VALUE.slice(8)];
  const server = rawServer(async (connection) => {
    await readSome(connection);
    await writeAll(connection, SWITCHING);
    const encoded = btoa(`x${VALUE}`);
    await writeAll(connection, frame(0x81, `{"key":"${VALUE}","code":"${encoded}"}`));
    await writeAll(connection, frame(0x01, `a${pieces[0]}`) + frame(0x89, "ping"));
    await writeAll(connection, frame(0x00, pieces[1]!) + frame(0x80, `${pieces[2]}b`));
    await writeAll(connection, frame(0x82, `\xff\x00${VALUE}\x00`));
    await writeAll(connection, frame(0x88, `\x03\xe8bye ${VALUE}`));
    await readSome(connection);
  });
  try {
    await withProxy(async ({ keyring, port, audit }) => {
      const host = `127.0.0.1:${server.port}`;
      const { token } = keyring.add({ name: "k", hosts: host, value: VALUE });
      const client = await RawClient.open(port, `/to/http/${host}/`, ...upgradeFields());
      const json = (await client.receive())!;
      assert.equal(json.text.startsWith(`{"key":"${token}","code":`), true, json.text);
      assert.ok(!atob(json.text.split('"')[7]!.replace(token, "")).includes("S3CRET"));
      const frames = [];
      for (let next = await client.receive(); next !== null; next = await client.receive()) {
        frames.push(next);
        if (next.opcode === Opcode.close) await client.send(Opcode.close, next.payload);
      }
      const data = frames.filter(({ opcode }) => opcode < 8);
      assert.equal(
        data.filter(({ opcode }) => opcode !== Opcode.binary).map(({ text }) => text).join(""),
        `a${token}b`,
      );
      assert.deepEqual(
        data.at(-1)?.payload,
        new Uint8Array([0xff, 0, ...new TextEncoder().encode(token), 0]),
      );
      assert.deepEqual(
        frames.filter(({ opcode }) => opcode >= 8).map(({ opcode, text }) => [opcode, text.slice(-4)]),
        [[Opcode.ping, "ping"], [Opcode.close, token.slice(-4)]],
      );
      client.close();
      assert.equal(audit.rows.filter(({ event }) => event === "ResponseScrubbed").length, 1);
    });
  } finally {
    await server.close();
  }
});

Deno.test("a token in a message is refused with the command that would allow it, and put in where it is allowed", () =>
  withEcho(async ({ keyring, port, host, audit }) => {
    const header = keyring.add({ name: "header", hosts: host, value: VALUE });
    const refused = await RawClient.open(port, `/to/http/${host}/`, ...upgradeFields());
    await refused.send(Opcode.text, "harmless");
    assert.equal(await refused.message(), "harmless");
    await refused.send(Opcode.text, `{"auth":"${header.token}"}`);
    const close = (await refused.receive())!;
    assert.equal(close.opcode, Opcode.close);
    assert.equal(new DataView(close.payload.buffer).getUint16(0), 1008);
    assert.equal(close.text.slice(-15), "misplaced_token");
    assert.equal(await refused.receive(), null);
    refused.close();
    assert.equal(audit.rows.find(({ denied }) => denied)?.reason, "misplaced_token");

    const message = keyring.add({
      name: "message",
      place: { in: "ws" },
      hosts: host,
      value: 'va"lue-of-sixteen',
    });
    const client = await RawClient.open(port, `/to/http/${host}/`, ...upgradeFields());
    // What the host echoes comes back scrubbed; that it was put in shows in the log and at a host of our own below.
    await client.send(Opcode.text, `{"auth":"${message.token}"}`);
    assert.equal(await client.message(), `{"auth":"${message.token}"}`);
    await client.send(Opcode.text, `{"auth":"${message.token.slice(0, 5)}`, false);
    await client.send(Opcode.continuation, `${message.token.slice(5)}"}`);
    assert.equal(await client.message(), `{"auth":"${message.token}"}`);
    await client.send(Opcode.binary, `{"auth":"${message.token}"}`);
    assert.equal((await client.receive())?.opcode, Opcode.close);
    client.close();
    assert.deepEqual(keyring.uses, ["message", "message"]);
    assert.equal(audit.rows.filter(({ event }) => event === "CredentialUsed").length, 2);
    assert.ok(keyring.handedOut.every((bytes) => bytes.every((byte) => byte === 0)), "secrets are wiped");
  }));

Deno.test("what goes into a message is escaped for JSON, and nothing else of it changes", async () => {
  const said: string[] = [];
  const server = webSocketServer((data, socket) => {
    said.push(String(data));
    socket.send("got it");
  });
  try {
    await withProxy(async ({ keyring, port }) => {
      const host = `127.0.0.1:${server.port}`;
      const { token } = keyring.add({ place: { in: "ws" }, hosts: host, value: 'va"lue-of-sixteen' });
      const client = await RawClient.open(port, `/to/http/${host}/`, ...upgradeFields());
      for (
        const text of [
          `{"a": "${token}", "ä": [1,  2]}`,
          `auth ${token}!`,
          "plain",
          `{"b":"${"x".repeat(300_000)}"}`,
        ]
      ) {
        await client.send(Opcode.text, text);
        assert.equal(await client.message(), "got it");
      }
      client.close();
    });
    assert.deepEqual(said.slice(0, 3), [
      '{"a": "va\\"lue-of-sixteen", "ä": [1,  2]}',
      'auth va"lue-of-sixteen!',
      "plain",
    ]);
    assert.equal(said[3]?.length, 300_008);
  } finally {
    await server.close();
  }
});

Deno.test("a message that is too long to have a secret put in is refused, with 1009", () =>
  withEcho(async ({ keyring, port, host }) => {
    keyring.add({ place: { in: "ws" }, hosts: host, value: VALUE });
    const client = await RawClient.open(port, `/to/http/${host}/`, ...upgradeFields());
    await client.send(Opcode.text, "x".repeat(1024 * 1024 + 1));
    const close = (await client.receive())!;
    assert.equal(new DataView(close.payload.buffer).getUint16(0), 1009);
    client.close();
  }));

Deno.test("compression is agreed on only where nothing is searched", async () => {
  // "Hello", compressed as in RFC 7692 section 7.2.3.1; the reserved bit says so.
  const hello = "\xf2\x48\xcd\xc9\xc9\x07\x00";
  const server = rawServer(async (connection, received) => {
    received.push(await readSome(connection) ?? "");
    const agreed = /permessage-deflate/.test(received.at(-1)!);
    await writeAll(connection, agreed ? WITH_DEFLATE : SWITCHING);
    await writeAll(connection, agreed ? frame(0xc1, hello) : frame(0x81, "Hello"));
    received.push(await readSome(connection) ?? "");
    while (await readSome(connection) !== null);
  });
  await withProxy(async ({ keyring, port }) => {
    const host = `127.0.0.1:${server.port}`;
    const fields = upgradeFields("Sec-WebSocket-Extensions: permessage-deflate");
    const open = await RawClient.open(port, `/to/http/${host}/`, ...fields);
    assert.match(open.answer, /^sec-websocket-extensions: permessage-deflate/im);
    await open.sendBytes(Uint8Array.from(`\xc1\x87\0\0\0\0${hello}`, (c) => c.charCodeAt(0)));
    assert.equal(await open.raw(9), frame(0xc1, hello), "compressed, as it was sent");
    open.close();

    keyring.add({ hosts: host, value: VALUE });
    const searched = await RawClient.open(port, `/to/http/${host}/`, ...fields);
    assert.ok(!/extensions/i.test(searched.answer));
    assert.equal(await searched.message(), "Hello");
    searched.close();
  });
  await server.close();
  assert.equal(server.received[1], `\xc1\x87\0\0\0\0${hello}`);
});

Deno.test("only a WebSocket is upgraded: other protocols, versions and keys go on as plain requests", () =>
  withProxy(async ({ port, upstream }) => {
    const host = `127.0.0.1:${upstream.port}`;
    const key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==";
    const cases: string[][] = [
      ["Upgrade: h2c", "Connection: Upgrade, HTTP2-Settings", "HTTP2-Settings: AAMAAABk"],
      ["Upgrade: websocket", key, "Sec-WebSocket-Version: 13"],
      ["Upgrade: websocket", "Connection: Upgrade", key, "Sec-WebSocket-Version: 8"],
      ["Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13"],
      ["Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Key: short", "Sec-WebSocket-Version: 13"],
    ];
    for (const fields of cases) {
      const client = await RawClient.open(port, `/to/http/${host}/`, ...fields);
      assert.equal(client.status, 200);
      client.close();
      assert.ok(!/^upgrade:/im.test(upstream.received.at(-1) ?? ""), upstream.received.at(-1));
    }
  }));

Deno.test("an upstream that answers wrongly opens nothing", async () => {
  const answers: Record<string, string> = {
    "a wrong accept": SWITCHING.replace(ACCEPT, "AAAAAAAAAAAAAAAAAAAAAAAAAAA="),
    "no accept": SWITCHING.replace(/Sec-.*\r\n/, ""),
    "another protocol": SWITCHING.replace("websocket", "h2c"),
    "an extension nobody offered": WITH_DEFLATE,
  };
  for (const [what, answer] of Object.entries(answers)) {
    const server = rawServer(async (connection) => {
      await readSome(connection);
      await writeAll(connection, answer);
      while (await readSome(connection) !== null);
    });
    await withProxy(async ({ keyring, port }) => {
      const host = `127.0.0.1:${server.port}`;
      keyring.add({ hosts: host, value: VALUE });
      const client = await RawClient.open(port, `/to/http/${host}/`, ...upgradeFields());
      assert.equal(client.status, 502, what);
      assert.match(client.answer, /x-wispkey-error: upstream_protocol/i);
      client.close();
    });
    await server.close();
  }
});

Deno.test("a refusal of the upstream reaches the client as it is", () =>
  withProxy(async ({ port, upstream }) => {
    const client = await RawClient.open(port, `/to/http/127.0.0.1:${upstream.port}/`, ...upgradeFields());
    assert.equal(client.status, 401);
    assert.match(client.answer, /www-authenticate: Bearer/i);
    client.close();
  }, { respond: () => "HTTP/1.1 401 No\r\nWWW-Authenticate: Bearer\r\nContent-Length: 0\r\n\r\n" }));

Deno.test("broken frames of either side end the connection with 1002", async () => {
  const bad: Record<string, string> = {
    "reserved bits": "\xf1\x00",
    "an unknown opcode": "\x83\x00",
    "a masked frame from a server": "\x81\x80\x00\x00\x00\x00",
    "a long control frame": "\x89\x7e\x00\x80",
    "a fragmented control frame": "\x09\x00",
    "a continuation of nothing": "\x80\x00",
    "a length written too long": "\x81\x7e\x00\x01x",
  };
  for (const [what, bytes] of Object.entries(bad)) {
    const server = rawServer(async (connection) => {
      await readSome(connection);
      await writeAll(connection, SWITCHING + bytes);
      while (await readSome(connection) !== null);
    });
    await withProxy(async ({ keyring, port }) => {
      const host = `127.0.0.1:${server.port}`;
      keyring.add({ hosts: host, value: VALUE });
      const client = await RawClient.open(port, `/to/http/${host}/`, ...upgradeFields());
      const close = (await client.receive())!;
      assert.equal(close?.opcode, Opcode.close, what);
      assert.equal(new DataView(close.payload.buffer).getUint16(0), 1002, what);
      assert.equal(await client.receive(), null, what);
      client.close();
    });
    await server.close();
  }
});

Deno.test("an upstream that dies ends the client's connection without a close frame", async () => {
  const server = rawServer(async (connection) => {
    await readSome(connection);
    await writeAll(connection, SWITCHING + frame(0x81, "last words"));
  });
  await withProxy(async ({ keyring, port }) => {
    const host = `127.0.0.1:${server.port}`;
    keyring.add({ hosts: host, value: VALUE });
    const client = await RawClient.open(port, `/to/http/${host}/`, ...upgradeFields());
    assert.equal(await client.message(), "last words");
    assert.equal(await client.receive(), null);
    client.close();
  });
  await server.close();
});

Deno.test("a connection on which nobody says anything is ended in time", () =>
  withProxy(async ({ port, keyring }) => {
    const server = webSocketServer(() => {});
    keyring.add({ hosts: `127.0.0.1:${server.port}`, value: VALUE });
    const client = await RawClient.open(port, `/to/http/127.0.0.1:${server.port}/`, ...upgradeFields());
    assert.equal(client.status, 101);
    assert.equal(await client.receive(), null);
    client.close();
    await server.close();
  }, { limits: { bodyTimeoutMs: 200 } }));

Deno.test("a vault locked meanwhile goes on scrubbing and puts nothing in any more", () =>
  withEcho(async ({ keyring, port, host }) => {
    const { token } = keyring.add({ place: { in: "ws" }, hosts: host, value: VALUE });
    const client = await RawClient.open(port, `/to/http/${host}/`, ...upgradeFields());
    await client.send(Opcode.text, token);
    assert.equal(await client.message(), token);
    keyring.locked = true;
    await client.send(Opcode.text, `${VALUE} ${token}`);
    assert.equal(await client.message(), `${token} ${token}`, "the token went out as it was");
    client.close();
    assert.deepEqual(keyring.uses.length, 1);
  }));

Deno.test("a vault that is locked between a message's row and its secret keeps the secret", () =>
  withEcho(async ({ keyring, port, host, audit }) => {
    const { token } = keyring.add({ place: { in: "ws" }, hosts: host, value: VALUE });
    const client = await RawClient.open(port, `/to/http/${host}/`, ...upgradeFields());
    const intent = audit.intent.bind(audit);
    audit.intent = async (entry) => {
      const number = await intent(entry);
      keyring.locked = true;
      return number;
    };
    await client.send(Opcode.text, token);
    const close = (await client.receive())!;
    assert.deepEqual([close.opcode, close.text.slice(-12)], [Opcode.close, "vault_locked"]);
    client.close();
    assert.equal(keyring.handedOut.length, 0);
  }));

const SWITCHING = `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
  `Sec-WebSocket-Accept: ${ACCEPT}\r\n\r\n`;

const WITH_DEFLATE = SWITCHING.replace(
  "\r\n\r\n",
  "\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n",
);

/** A short frame of a server. */
function frame(first: number, payload: string): string {
  return String.fromCharCode(first, payload.length) + payload;
}
