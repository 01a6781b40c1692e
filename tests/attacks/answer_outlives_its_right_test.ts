import assert from "node:assert/strict";
import { brotliCompressSync, gzipSync } from "node:zlib";
import type { Caller } from "../../src/proxy/callers.ts";
import { latin1Text } from "../../src/proxy/http/mod.ts";
import { UnderWay } from "../../src/proxy/under_way.ts";
import { type RawServer, rawServer, readSome, withProxy, type World, writeAll } from "../proxy/harness.ts";

const AGENT: Caller = { name: "agent", kind: "run", project: null, credentials: null, intercept: false };
const EVENTS = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";

const PACKED_BYTES = 16 * 1024 * 1024;

/** A server whose answers are written piece by piece, by the test. */
class Teller implements AsyncDisposable {
  readonly server: RawServer;
  readonly #asked = Promise.withResolvers<Deno.TcpConn>();
  readonly #hungUp = Promise.withResolvers<void>();

  constructor(head: string = EVENTS) {
    this.server = rawServer(async (connection, received) => {
      received.push(await readSome(connection) ?? "");
      await writeAll(connection, head);
      this.#asked.resolve(connection);
      while (await readSome(connection).catch(() => null) !== null);
      this.#hungUp.resolve();
    });
  }

  get host(): string {
    return `127.0.0.1:${this.server.port}`;
  }

  /** Says something as it is. */
  async say(text: string): Promise<void> {
    await writeAll(await this.#asked.promise, text);
  }

  /** Says one event as one chunk. */
  async tell(event: string): Promise<void> {
    const text = `data: ${event}\n\n`;
    await this.say(`${text.length.toString(16)}\r\n${text}\r\n`);
  }

  /** Settles when nobody listens any more. */
  async forgotten(): Promise<void> {
    await this.#hungUp.promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.close();
  }
}

/** Reads an answer as it comes. */
class Listener implements Disposable {
  readonly #connection: Deno.TcpConn;
  heard = "";

  private constructor(connection: Deno.TcpConn) {
    this.#connection = connection;
  }

  static async ask(port: number, request: string): Promise<Listener> {
    const connection = await Deno.connect({ hostname: "127.0.0.1", port });
    await writeAll(connection, request);
    return new Listener(connection);
  }

  /** Reads until a text has come. */
  async until(text: string): Promise<void> {
    while (!this.heard.includes(text)) {
      const more = await readSome(this.#connection);
      assert(more !== null, `the answer ended before '${text}': ${this.heard}`);
      this.heard += more;
    }
  }

  /** Reads until the connection ends. */
  async end(): Promise<string> {
    for (
      let more = await readSome(this.#connection);
      more !== null;
      more = await readSome(this.#connection)
    ) {
      this.heard += more;
    }
    return this.heard;
  }

  [Symbol.dispose](): void {
    this.#connection.close();
  }
}

interface Open extends World {
  teller: Teller;
  listener: Listener;
  underWay: UnderWay;
  token: string;
  /** Ends the caller without a word. */
  forget: () => void;
  /** Ends the caller. */
  revoke: () => void;
}

/** An answer of which one event has come. */
async function withOpen(
  test: (open: Open) => Promise<void>,
  { head = EVENTS, carriesToken = true, isPlain = false } = {},
): Promise<void> {
  let known = true;
  const underWay = new UnderWay();
  const authenticate = () => known ? isPlain ? { ...AGENT, kind: "plain" as const } : AGENT : null;
  await using teller = new Teller(head);
  await withProxy(async (world) => {
    const { host } = teller;
    const { token } = world.keyring.add({ name: "k", hosts: host, value: "sk-live-the-real-value-0042" });
    const field = carriesToken ? `Authorization: Bearer ${token}\r\n` : "";
    using listener = await Listener.ask(
      world.port,
      `GET http://${host}/events HTTP/1.1\r\nHost: ${host}\r\n${field}\r\n`,
    );
    const forget = () => void (known = false);
    const revoke = () => {
      forget();
      underWay.rightsChanged();
    };
    await test({ ...world, teller, listener, underWay, token, forget, revoke });
  }, { ports: { callers: { authenticate }, underWay } });
  assert.equal(underWay.size, 0, "nothing is watched any more");
}

/** What the log says of how the use ended. */
function endings({ audit }: Open) {
  return audit.rows.filter(({ event }) => event === "CredentialUseFinished").map((
    { reason, status, denied },
  ) => [reason, status, denied]);
}

Deno.test("where nobody is told, an answer goes on for a caller that is none any more", () =>
  withOpen(async ({ teller, listener, forget }) => {
    await teller.tell("before");
    await listener.until("before");
    forget();
    await teller.tell("afterwards");
    await listener.until("afterwards");
  }));

for (
  const [who, carriesToken] of [["with a credential", true], ["without one", false]] as const
) {
  Deno.test(`an answer that was asked for ${who} breaks off when its caller is revoked, though nobody says anything`, () =>
    withOpen(async (open) => {
      const { teller, listener, revoke } = open;
      await teller.tell("one");
      await listener.until("one");
      revoke();
      const heard = await listener.end();
      await teller.forgotten();
      assert.match(heard, /^HTTP\/1\.1 200 /);
      assert.ok(!heard.includes("\r\n0\r\n"), "it must not look complete");
      assert.deepEqual(endings(open), carriesToken ? [["caller_refused", 200, true]] : []);
    }, { carriesToken }));
}

Deno.test("a credential that was removed ends the answers it is used for, and no others", () =>
  withOpen(async (open) => {
    const { teller, listener, keyring, underWay, port } = open;
    await using other = new Teller();
    const { token } = keyring.add({ name: "other", hosts: other.host, value: "sk-live-another-value-0042" });
    using second = await Listener.ask(
      port,
      `GET http://${other.host}/ HTTP/1.1\r\nHost: ${other.host}\r\nAuthorization: Bearer ${token}\r\n\r\n`,
    );
    await other.tell("other one");
    await second.until("other one");
    await teller.tell("one");
    await listener.until("one");
    const find = keyring.find.bind(keyring);
    keyring.find = (asked) =>
      asked === token ? find(asked) : { kind: "retired", credentialName: "k", reason: "removed" };
    underWay.rightsChanged();
    assert.ok(!(await listener.end()).includes("\r\n0\r\n"));
    assert.deepEqual(endings(open), [["credential_changed", 200, true]]);
    await other.tell("other two");
    await second.until("other two");
    await other.say("0\r\n\r\n");
    await second.until("\r\n0\r\n\r\n");
  }));

Deno.test("hosts that were narrowed end them, and a new description does not", () =>
  withOpen(async (open) => {
    const { teller, listener, keyring, underWay, token } = open;
    await teller.tell("one");
    await listener.until("one");
    const match = keyring.find(token);
    assert(match.kind === "live");
    keyring.find = () => ({ kind: "live", credential: { ...match.credential } });
    underWay.rightsChanged();
    await teller.tell("still here");
    await listener.until("still here");
    keyring.find = () => ({ kind: "live", credential: { ...match.credential, hosts: [] } });
    underWay.rightsChanged();
    await listener.end();
    assert.deepEqual(endings(open), [["credential_changed", 200, true]]);
  }));

Deno.test("a download of known length comes short", () =>
  withOpen(async (open) => {
    const { teller, listener, revoke } = open;
    await teller.say("x".repeat(1_000));
    await listener.until("x".repeat(100));
    revoke();
    const heard = await listener.end();
    const body = heard.slice(heard.indexOf("\r\n\r\n") + 4);
    assert.ok(body.length < 100_000 && !body.includes("\r\n0\r\n"));
    assert.deepEqual(endings(open), [["caller_refused", 200, true]]);
  }, { head: "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" }));

Deno.test("a compressed answer breaks off as well", () =>
  withOpen(async (open) => {
    const { teller, listener, revoke } = open;
    const bytes = gzipSync(crypto.getRandomValues(new Uint8Array(60_000)).toHex());
    await teller.say(`${bytes.length.toString(16)}\r\n${latin1Text(bytes.subarray(0, 40_000))}`);
    await listener.until("\r\n\r\n");
    revoke();
    assert.ok(!(await listener.end()).includes("\r\n0\r\n"));
    assert.deepEqual(endings(open), [["caller_refused", 200, true]]);
  }, {
    head: "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n",
  }));

for (const isChunked of [true, false]) {
  const how = isChunked ? "in chunks" : "together with its head";
  Deno.test(`one that has come ${how}, but was not unpacked and read yet, breaks off as well`, () =>
    withOpen(async (open) => {
      const { teller, listener, revoke, underWay } = open;
      // A few bytes that become millions: all of them are here long before they are read.
      const bytes = brotliCompressSync(new Uint8Array(PACKED_BYTES).fill(0x2e));
      const { length } = bytes;
      const text = latin1Text(bytes);
      await teller.say(
        "HTTP/1.1 200 OK\r\nContent-Encoding: br\r\n" +
          (isChunked
            ? `Transfer-Encoding: chunked\r\n\r\n${length.toString(16)}\r\n${text}\r\n`
            : `Content-Length: ${length}\r\n\r\n${text}`),
      );
      await listener.until("....");
      assert.equal(underWay.size, 1);
      revoke();
      const heard = await listener.end();
      assert.ok(heard.length < PACKED_BYTES, `${heard.length} bytes came all the same`);
      assert.ok(!heard.includes("\r\n0\r\n"));
      assert.deepEqual(endings(open), [["caller_refused", 200, true]]);
    }, { head: "" }));
}

Deno.test("an answer whose head comes only after the right has gone is not given", () =>
  withOpen(async (open) => {
    const { teller, listener, revoke } = open;
    await teller.say("");
    revoke();
    await teller.say("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    await listener.until("caller_refused");
    assert.match(listener.heard, /^HTTP\/1\.1 407 /);
    assert.deepEqual(endings(open), [["caller_refused", 200, true]]);
  }, { head: "" }));

Deno.test("a vault that a person locks ends what is searched for its secrets; one that locks itself does not", () =>
  withOpen(async (open) => {
    const { teller, listener, keyring, underWay } = open;
    await teller.tell("one");
    await listener.until("one");
    keyring.locked = true;
    underWay.rightsChanged();
    await teller.tell("sk-live-the-real-value-0042 goes on, searched");
    await listener.until("goes on, searched");
    assert.ok(!listener.heard.includes("sk-live"));
    underWay.shut();
    await listener.end();
    assert.deepEqual(endings(open), [["vault_locked", 200, true]]);
  }, { isPlain: true }));

Deno.test("what concerns no credential and no caller goes on whatever is taken away", () =>
  withOpen(async ({ teller, listener, keyring, underWay, port }) => {
    await teller.tell("one");
    await listener.until("one");
    keyring.scrubs = false;
    await using other = new Teller();
    using second = await Listener.ask(
      port,
      `GET http://${other.host}/ HTTP/1.1\r\nHost: ${other.host}\r\n\r\n`,
    );
    await other.tell("before");
    await second.until("before");
    underWay.shut();
    await listener.end();
    await other.tell("after");
    await second.until("after");
    await other.say("0\r\n\r\n");
    await second.until("\r\n0\r\n\r\n");
  }, { isPlain: true }));
