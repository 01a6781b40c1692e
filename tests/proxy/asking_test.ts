import assert from "node:assert/strict";
import type { Caller, CallerPort } from "../../src/proxy/callers.ts";
import type { RefusedRequest } from "../../src/proxy/refused_request.ts";
import { withTunnels } from "./tunnel/world.ts";
import { parse, readSome, send, withProxy, writeAll } from "./harness.ts";

const AGENT: Caller = { name: "agent", kind: "run", project: null, credentials: null, intercept: false };
const SHOWN = `Proxy-Authorization: Basic ${btoa("agent:5ec4e7")}`;

/** Knows one caller, and counts how often it was asked. */
class Callers implements CallerPort {
  asked = 0;

  authenticate: CallerPort["authenticate"] = (identity) => {
    this.asked++;
    if (identity.kind === "none") return { ...AGENT, name: "plain", kind: "plain" };
    const isRight = identity.kind === "path"
      ? identity.secret === "agent:5ec4e7"
      : identity.value === SHOWN.slice("Proxy-Authorization: ".length);
    return isRight ? AGENT : null;
  };
}

/** A connection that is kept, and the answers on it one after the other. */
class Kept implements Disposable {
  readonly #connection: Deno.TcpConn;
  #held = "";

  private constructor(connection: Deno.TcpConn) {
    this.#connection = connection;
  }

  static async open(port: number): Promise<Kept> {
    return new Kept(await Deno.connect({ hostname: "127.0.0.1", port }));
  }

  /** Sends a request and reads one answer with a declared length, or a head alone for a tunnel. */
  async ask(...lines: string[]): Promise<ReturnType<typeof parse>> {
    await writeAll(this.#connection, [...lines, "", ""].join("\r\n"));
    for (;;) {
      const end = this.#held.indexOf("\r\n\r\n") + 4;
      const length = end + Number(/^content-length: *(\d+)/im.exec(this.#held.slice(0, end))?.[1] ?? 0);
      if (end > 3 && this.#held.length >= length) {
        const answer = this.#held.slice(0, length);
        this.#held = this.#held.slice(length);
        return parse(answer);
      }
      const more = await readSome(this.#connection);
      assert(more !== null, `the connection was closed after '${this.#held}'`);
      this.#held += more;
    }
  }

  [Symbol.dispose](): void {
    this.#connection.close();
  }
}

Deno.test("a client that waits to be asked is asked, and goes on over the same connection as who it is", async () => {
  const callers = new Callers();
  const refused: RefusedRequest[] = [];
  await withProxy(async ({ proxy, keyring, audit, upstream }) => {
    const host = `127.0.0.1:${upstream.port}`;
    const { token } = keyring.add({ name: "k", hosts: host });
    using client = await Kept.open(proxy.openAsking(0));
    const request = [
      `GET http://${host}/ HTTP/1.1`,
      `Host: ${host}`,
      `Authorization: Bearer ${token}`,
    ] as const;
    const asked = await client.ask(...request);
    assert.equal(asked.status, 407);
    assert.equal(asked.headers.get("proxy-authenticate"), 'Basic realm="wispkey"');
    assert.equal(asked.headers.get("x-wispkey-error"), "caller_required");
    assert.equal(asked.headers.get("connection"), undefined, "it is kept");
    assert.deepEqual([callers.asked, audit.rows.length, refused.length], [0, 0, 0], "nothing went wrong yet");
    assert.equal((await client.ask(...request, SHOWN)).status, 200);
    assert.equal((await client.ask(...request, SHOWN)).status, 200);
    assert.equal((await client.ask(...request)).status, 407, "each request by itself");
    assert.deepEqual(
      audit.rows.filter(({ event }) => event === "CredentialUsed").map(({ caller }) => caller),
      ["agent", "agent"],
    );
    assert.ok(upstream.received.every((text) => !/proxy-authorization/i.test(text)));
  }, { ports: { callers, onRefused: (each) => refused.push(each) } });
});

Deno.test("a tunnel is asked for in the same way, blind or opened, and inside nobody is asked again", async () => {
  const callers = new Callers();
  await withTunnels(async ({ proxy, keyring, secure, upstream, local }) => {
    const port = proxy.openAsking(0);
    keyring.add({ name: "k", hosts: `https://api.test:${secure.port}` });
    for (const target of [`127.0.0.1:${upstream.port}`, `api.test:${secure.port}`]) {
      using client = await Kept.open(port);
      const connect = [`CONNECT ${target} HTTP/1.1`, `Host: ${target}`] as const;
      assert.equal((await client.ask(...connect)).status, 407);
      assert.equal((await client.ask(...connect, SHOWN)).status, 200);
    }
    // Through an opened one, as a client does that shows itself at once.
    const connection = await Deno.connect({ hostname: "127.0.0.1", port });
    await writeAll(
      connection,
      `CONNECT api.test:${secure.port} HTTP/1.1\r\nHost: api.test\r\n${SHOWN}\r\n\r\n`,
    );
    assert.match(await readSome(connection) ?? "", /^HTTP\/1\.1 200 /);
    using tls = await Deno.startTls(connection, { hostname: "api.test", caCerts: [local.pem] });
    await writeAll(
      tls,
      `GET / HTTP/1.1\r\nHost: api.test:${secure.port}\r\nConnection: close\r\n\r\n`,
    );
    assert.match(await readSome(tls) ?? "", /^HTTP\/1\.1 200 /);
    assert.equal(secure.received.length, 1);
  }, { callers });
});

Deno.test("who shows itself at once is served in one round trip, also by a base URL", async () => {
  await withProxy(async ({ proxy, upstream }) => {
    const port = proxy.openAsking(0);
    const host = `127.0.0.1:${upstream.port}`;
    const absolute = `GET http://${host}/ HTTP/1.1\r\nHost: ${host}\r\n${SHOWN}\r\nConnection: close\r\n\r\n`;
    assert.equal(parse(await send(port, absolute)).status, 200);
    const base =
      `GET /as/agent:5ec4e7/to/http/${host}/ HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: close\r\n\r\n`;
    assert.equal(parse(await send(port, base)).status, 200);
    assert.equal(upstream.received.length, 2);
  }, { ports: { callers: new Callers() } });
});

Deno.test("a wrong secret is refused there as anywhere, and who sends a body along can send it again", async () => {
  await withProxy(async ({ proxy, upstream }) => {
    using client = await Kept.open(proxy.openAsking(0));
    const host = `127.0.0.1:${upstream.port}`;
    const post = [`POST http://${host}/ HTTP/1.1`, `Host: ${host}`, "Content-Length: 5"] as const;
    const wrong = await client.ask(
      ...post,
      "Proxy-Authorization: Basic eDp5",
      "",
      "hello\r\n\r\n".slice(0, 1),
    );
    assert.equal(wrong.headers.get("x-wispkey-error"), "caller_refused");
    assert.equal(wrong.status, 407);
    assert.equal(upstream.received.length, 0);
  }, { ports: { callers: new Callers() } });
  await withProxy(async ({ proxy, upstream }) => {
    const port = proxy.openAsking(0);
    const host = `127.0.0.1:${upstream.port}`;
    const connection = await Deno.connect({ hostname: "127.0.0.1", port });
    const head = `POST http://${host}/ HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 5\r\n`;
    await writeAll(connection, `${head}\r\nhello${head}${SHOWN}\r\nConnection: close\r\n\r\nhello`);
    let answers = "";
    for (let more = await readSome(connection); more !== null; more = await readSome(connection)) {
      answers += more;
    }
    connection.close();
    assert.deepEqual(answers.match(/^HTTP\/1\.1 \d+/gm), ["HTTP/1.1 407", "HTTP/1.1 200"]);
    assert.match(upstream.received[0] ?? "", /\r\n\r\nhello$/);
  }, { ports: { callers: new Callers() } });
});

Deno.test("the port for everybody takes plain callers as before, and each port of ours is ourselves", async () => {
  await withProxy(async ({ proxy, port, upstream }) => {
    const asking = proxy.openAsking(0);
    assert.deepEqual(proxy.askingPorts, [asking]);
    const host = `127.0.0.1:${upstream.port}`;
    const plain = (target: string) =>
      `GET http://${target}/ HTTP/1.1\r\nHost: ${target}\r\nConnection: close\r\n\r\n`;
    assert.equal(parse(await send(port, plain(host))).status, 200);
    for (const own of [`127.0.0.1:${asking}`, `localhost:${asking}`, `name.test:${asking}`]) {
      assert.equal(parse(await send(port, plain(own))).status, 508, own);
    }
    const shown = (target: string) => plain(target).replace("Connection", `${SHOWN}\r\nConnection`);
    for (const own of [`127.0.0.1:${port}`, `name.test:${port}`, `name.test:${asking}`]) {
      assert.equal(parse(await send(asking, shown(own))).status, 508, own);
    }
  }, { ports: { callers: new Callers() }, resolve: () => Promise.resolve(["127.0.0.1"]) });
});

Deno.test("it closes by itself, and with the proxy; all ports share the number of connections", async () => {
  await withProxy(async ({ proxy, port, upstream }) => {
    const host = `127.0.0.1:${upstream.port}`;
    const ask = `GET http://${host}/ HTTP/1.1`;
    const first = proxy.openAsking(0);
    const second = proxy.openAsking(0);
    using one = await Kept.open(port);
    assert.equal((await one.ask(ask, `Host: ${host}`)).status, 200);
    using two = await Kept.open(first);
    assert.equal((await two.ask(ask, `Host: ${host}`, SHOWN)).status, 200);
    assert.equal(proxy.connections, 2);
    using three = await Kept.open(first);
    assert.equal((await three.ask(ask, `Host: ${host}`, SHOWN)).status, 503, "two at most");
    await proxy.closeAsking(second, { drainMs: 0 });
    await proxy.closeAsking(port, { drainMs: 0 });
    assert.deepEqual([proxy.port, proxy.askingPorts], [port, [first]]);
    await assert.rejects(
      Deno.connect({ hostname: "127.0.0.1", port: second }),
      Deno.errors.ConnectionRefused,
    );
    await proxy.close({ drainMs: 0 });
    await assert.rejects(Deno.connect({ hostname: "127.0.0.1", port: first }), Deno.errors.ConnectionRefused);
    assert.throws(() => proxy.openAsking(0), { code: "not_open" });
    assert.deepEqual(proxy.askingPorts, []);
  }, { ports: { callers: new Callers() }, limits: { maxConnections: 2 } });
});
