import assert from "node:assert/strict";
import { createSecureContext } from "node:tls";
import { TlsServerStream } from "../../../src/proxy/tls/server_stream.ts";
import { TEST_CA, TEST_CERT, TEST_KEY } from "../test_certificate.ts";

const CONTEXT = createSecureContext({ cert: TEST_CERT, key: TEST_KEY });
const NOTHING = new Uint8Array(0);

/** Both ends of a TLS connection: ours, and a client's. */
async function pair(): Promise<{ ours: TlsServerStream; client: Deno.TlsConn; raw: Deno.TcpConn }> {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const [connection, raw] = await Promise.all([
    Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port }),
    listener.accept(),
  ]);
  listener.close();
  const client = await Deno.startTls(connection, { hostname: "localhost", caCerts: [TEST_CA] });
  const [ours] = await Promise.all([TlsServerStream.accept(raw, CONTEXT, NOTHING), client.handshake()]);
  return { ours, client, raw };
}

function close(closable: { close(): void }): void {
  try {
    closable.close();
  } catch {
    // The other end was quicker.
  }
}

async function writeAll(to: { write(bytes: Uint8Array): Promise<number> }, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await to.write(bytes.subarray(at));
}

async function readExactly(from: { read(buffer: Uint8Array): Promise<number | null> }, count: number) {
  const bytes = new Uint8Array(count);
  for (let at = 0; at < count;) {
    const read = await from.read(bytes.subarray(at));
    assert.notEqual(read, null, "it ended too soon");
    at += read ?? 0;
  }
  return bytes;
}

Deno.test("bytes of every size arrive whole and in order, both ways, whatever the reader's buffer", async () => {
  const { ours, client } = await pair();
  for (const size of [1, 100, 16_384, 16_385, 1_000_000]) {
    const sent = new Uint8Array(size).map((_, index) => index * 31);
    const [received] = await Promise.all([readExactly(ours, size), writeAll(client, sent)]);
    assert.deepEqual(received, sent);
    const [back] = await Promise.all([readExactly(client, size), writeAll(ours, sent)]);
    assert.deepEqual(back, sent);
  }
  const small = new Uint8Array(3);
  await writeAll(client, new Uint8Array([1, 2, 3, 4, 5]));
  assert.equal(await ours.read(small), 3);
  assert.equal(await ours.read(small), 2);
  close(ours);
  close(client);
});

Deno.test("a sender waits while what it sent is not read: no more than some megabytes are taken", async () => {
  const { ours, client } = await pair();
  const block = new Uint8Array(64 * 1024);
  let sent = 0;
  const sending = (async () => {
    for (; sent < 4_096; sent++) await writeAll(client, block);
  })().catch(() => {});
  let before = -1;
  while (sent !== before) {
    before = sent;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  const mebibytes = sent / 16;
  assert.ok(mebibytes < 24, `${mebibytes} MiB were taken that nobody read`);
  // Reading lets it go on.
  await readExactly(ours, sent * block.length);
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.ok(sent > before);
  close(ours);
  await sending;
  close(client);
});

Deno.test("a writer waits for a client that does not read", async () => {
  const { ours, client } = await pair();
  const block = new Uint8Array(64 * 1024);
  let written = 0;
  const writing = (async () => {
    for (; written < 4_096; written++) await writeAll(ours, block);
  })().catch(() => {});
  let before = -1;
  while (written !== before) {
    before = written;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  assert.ok(written / 16 < 24, `${written / 16} MiB were written that nobody read`);
  close(client);
  close(ours);
  await writing;
});

Deno.test("either side's end is told to the other, and an end without close_notify is an error there", async () => {
  const first = await pair();
  await first.ours.closeWrite();
  assert.equal(await first.client.read(new Uint8Array(1)), null);
  await first.client.write(new Uint8Array([7]));
  assert.deepEqual(await readExactly(first.ours, 1), new Uint8Array([7]), "the other half is still open");
  first.client.close();
  assert.equal(await first.ours.read(new Uint8Array(1)), null);
  close(first.ours);

  const second = await pair();
  close(second.ours);
  await assert.rejects(async () => assert.equal(await second.client.read(new Uint8Array(1)), 1));
  close(second.client);
});

Deno.test("what waits for a closed stream is told", async () => {
  const { ours, client } = await pair();
  const reading = ours.read(new Uint8Array(1)).catch(() => null);
  ours.close();
  assert.equal(await reading, null);
  await assert.rejects(ours.write(new Uint8Array(1)));
  await assert.rejects(ours.closeWrite());
  close(client);
});

Deno.test("the name in the greeting is told, none for an address", async () => {
  const { ours, client } = await pair();
  assert.equal(ours.serverName, "localhost");
  close(ours);
  close(client);
});
