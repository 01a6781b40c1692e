import assert from "node:assert/strict";
import { join } from "node:path";
import { connectLocal, listenLocal, type LocalListener } from "../../src/platform/local_socket.ts";

const unix = Deno.build.os !== "windows";

/** Echoes what it gets, one read at a time. */
function echo(connection: Deno.Conn): void {
  void (async () => {
    const buffer = new Uint8Array(100);
    try {
      for (let count; (count = await connection.read(buffer)) !== null;) {
        await connection.write(buffer.subarray(0, count));
      }
    } catch {
      // The other side is gone.
    }
    connection.close();
  })();
}

async function ask(connection: Deno.Conn, text: string): Promise<string | null> {
  const buffer = new Uint8Array(100);
  try {
    await connection.write(new TextEncoder().encode(text));
    const count = await connection.read(buffer);
    return count === null ? null : new TextDecoder().decode(buffer.subarray(0, count));
  } catch {
    return null;
  } finally {
    connection.close();
  }
}

async function withListener(
  token: boolean,
  body: (listener: LocalListener, directory: string) => Promise<void>,
): Promise<void> {
  const directory = await Deno.makeTempDir();
  const listener = listenLocal({ directory, token, onConnection: echo });
  try {
    await body(listener, directory);
  } finally {
    await listener.close().catch(() => undefined); // A test may have closed it.
    await Deno.remove(directory, { recursive: true });
  }
}

for (const token of unix ? [false, true] : [true]) {
  const kind = token ? "loopback TCP with a token" : "a Unix socket";
  Deno.test(`${kind}: who has the address is let in, after closing nobody`, () =>
    withListener(token, async (listener) => {
      assert.equal(await ask(await connectLocal(listener.address), "hello"), "hello");
      await listener.close();
      await assert.rejects(
        connectLocal(listener.address),
        (error) => error instanceof Deno.errors.NotFound || error instanceof Deno.errors.ConnectionRefused,
      );
    }));
}

Deno.test("without the right token nothing is answered", () =>
  withListener(true, async ({ address }) => {
    assert.ok("token" in address);
    assert.match(address.token, /^[0-9a-f]{64}$/);
    const wrong = ["0".repeat(64), address.token.slice(0, 62) + (address.token.endsWith("00") ? "01" : "00")];
    for (const token of wrong) {
      assert.equal(await ask(await connectLocal({ port: address.port, token }), "hello"), null);
    }
    const http = await Deno.connect({ hostname: "127.0.0.1", port: address.port });
    assert.equal(await ask(http, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"), null);
  }));

Deno.test({
  name: "the socket is its owner's alone and has a new name each time",
  ignore: !unix,
  fn: () =>
    withListener(false, async (first, directory) => {
      const second = listenLocal({ directory, onConnection: echo });
      assert.ok("socket" in first.address && "socket" in second.address);
      assert.notEqual(first.address.socket, second.address.socket);
      assert.equal((Deno.lstatSync(first.address.socket).mode ?? 0) & 0o777, 0o600);
      await first.close();
      assert.equal(await ask(await connectLocal(second.address), "still here"), "still here");
      await second.close();
      assert.deepEqual([...Deno.readDirSync(directory)], []);
    }),
});

Deno.test({
  name: "where the directory's path is too long for a socket, a short owner-only one is used and removed",
  ignore: !unix,
  fn: async () => {
    const base = await Deno.makeTempDir();
    const directory = join(base, "d".repeat(100));
    Deno.mkdirSync(directory);
    const listener = listenLocal({ directory, onConnection: echo });
    try {
      assert.ok("socket" in listener.address);
      const { socket } = listener.address;
      assert.ok(socket.length <= 100 && !socket.startsWith(base));
      const parent = join(socket, "..");
      assert.equal((Deno.lstatSync(parent).mode ?? 0) & 0o777, 0o700);
      assert.equal(await ask(await connectLocal(listener.address), "hello"), "hello");
      await listener.close();
      assert.throws(() => Deno.lstatSync(parent), Deno.errors.NotFound);
    } finally {
      await Deno.remove(base, { recursive: true });
    }
  },
});

Deno.test("connections that were accepted outlive the listener", () =>
  withListener(!unix, async (listener) => {
    const connection = await connectLocal(listener.address);
    await connection.write(new Uint8Array([1]));
    await connection.read(new Uint8Array(1));
    await listener.close();
    assert.equal(await ask(connection, "on we go"), "on we go");
  }));
