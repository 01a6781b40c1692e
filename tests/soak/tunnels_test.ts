/**
 * Many hosts, and large bodies, through tunnels: memory stays where it is.
 */

import assert from "node:assert/strict";
import { readSome, writeAll } from "../proxy/harness.ts";
import { connectThrough, testAuthority, tlsInside, withTunnels } from "../proxy/tunnel/world.ts";

const HOSTS = Number(Deno.env.get("WISPKEY_SOAK_HOSTS") ?? 300);
const MEBIBYTES = Number(Deno.env.get("WISPKEY_SOAK_MIB") ?? 64);
const MIB = 1024 * 1024;
/** The proxy, its client and its upstream are one process here; what moves is large against this. */
const MAX_GROWTH_MIB = 160;
const UPLOAD_BYTES = 13_000_000;

function residentMiB(): number {
  return Deno.memoryUsage().rss / MIB;
}

Deno.test("each of many hosts is opened once, and memory does not follow their number", () =>
  withTunnels(async ({ port, keyring, local, minted, proxy }) => {
    keyring.add({ hosts: "*" });
    let before = 0;
    for (let i = 0; i < HOSTS; i++) {
      // By then the cache is warm and every buffer made.
      if (i === Math.floor(HOSTS / 3)) before = residentMiB();
      const host = `host-${i}.test`;
      const { status, connection } = await connectThrough(port, `${host}:443`);
      assert.equal(status, 200);
      (await tlsInside(connection, host, local.pem)).close();
    }
    const growth = residentMiB() - before;
    assert.equal(minted.length, HOSTS);
    assert.ok(growth < MAX_GROWTH_MIB, `${growth.toFixed(0)} MiB more after ${HOSTS} hosts`);
    for (let i = 0; i < 500 && proxy.connections > 0; i++) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    assert.equal(proxy.connections, 0);
  }));

/** Serves one connection at a time: `GET` sends as much as is asked for, `POST` counts what comes. */
async function bulkUpstream() {
  const outer = await testAuthority();
  const leaf = await outer.issuer.leafFor("api.test", Date.now());
  const listener = Deno.listenTls({ hostname: "127.0.0.1", port: 0, cert: leaf.certificate, key: leaf.key });
  const serve = async (connection: Deno.TlsConn): Promise<void> => {
    const buffer = new Uint8Array(256 * 1024);
    let head = "";
    let body = 0;
    while (!head.includes("\r\n\r\n")) {
      const count = await connection.read(buffer);
      if (count === null) return;
      head += new TextDecoder("latin1").decode(buffer.subarray(0, count));
    }
    body = head.length - head.indexOf("\r\n\r\n") - 4;
    const length = Number(/content-length: *(\d+)/i.exec(head)?.[1] ?? 0);
    while (body < length) {
      const count = await connection.read(buffer);
      if (count === null) return;
      body += count;
    }
    const wanted = head.startsWith("GET ") ? MEBIBYTES * MIB : 0;
    const told = wanted === 0 ? String(body) : "";
    await writeAll(connection, `HTTP/1.1 200 OK\r\nContent-Length: ${wanted + told.length}\r\n\r\n${told}`);
    const block = new Uint8Array(MIB).fill(0x61);
    for (let sent = 0; sent < wanted; sent += MIB) {
      for (let at = 0; at < MIB;) at += await connection.write(block.subarray(at));
    }
  };
  const accepting = (async () => {
    for (;;) {
      const connection = await listener.accept().catch(() => null);
      if (connection === null) return;
      await serve(connection).catch(() => {});
      connection.close();
    }
  })();
  return {
    outer,
    port: listener.addr.port,
    async close() {
      listener.close();
      await accepting;
    },
  };
}

for (const mode of ["opened", "blind"] as const) {
  Deno.test(`a large download and a multipart upload of 13 MB go through tunnels (${mode}) in constant memory`, async () => {
    const upstream = await bulkUpstream();
    await withTunnels(async ({ port, keyring, local }) => {
      const target = `api.test:${upstream.port}`;
      const { token } = keyring.add({ hosts: target, value: "sk-live-0123456789" });
      const ca = mode === "opened" ? local.pem : upstream.outer.pem;
      const authorization = `Authorization: Bearer ${token}`;
      const open = async () =>
        await tlsInside((await connectThrough(port, target)).connection, "api.test", ca);

      const up = await open();
      const boundary = "----wispkey-soak";
      const start = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.bin"\r\n\r\n`;
      const end = `\r\n--${boundary}--\r\n`;
      const length = start.length + UPLOAD_BYTES + end.length;
      await writeAll(
        up,
        `POST /upload HTTP/1.1\r\nHost: ${target}\r\n${authorization}\r\n` +
          `Content-Type: multipart/form-data; boundary=${boundary}\r\nContent-Length: ${length}\r\n\r\n${start}`,
      );
      const block = new Uint8Array(100_000).fill(0x62);
      for (let sent = 0; sent < UPLOAD_BYTES; sent += block.length) {
        for (let at = 0; at < block.length;) at += await up.write(block.subarray(at));
      }
      await writeAll(up, end);
      let answer = "";
      while (!answer.endsWith(String(length))) {
        const more = await readSome(up);
        if (more === null) break;
        answer += more;
      }
      assert.ok(answer.endsWith(`\r\n\r\n${length}`), answer);
      up.close();

      const down = await open();
      const before = residentMiB();
      await writeAll(down, `GET /down HTTP/1.1\r\nHost: ${target}\r\n${authorization}\r\n\r\n`);
      const buffer = new Uint8Array(256 * 1024);
      let received = 0;
      let peak = before;
      for (; received < MEBIBYTES * MIB;) {
        const count = await down.read(buffer);
        if (count === null) break;
        received += count;
        if (received % (8 * MIB) < count) peak = Math.max(peak, residentMiB());
      }
      assert.ok(received >= MEBIBYTES * MIB, `${received} bytes came`);
      assert.ok(peak - before < MAX_GROWTH_MIB, `${(peak - before).toFixed(0)} MiB more`);
      down.close();
    }, { caCerts: [upstream.outer.pem], intercept: mode === "opened" });
    await upstream.close();
  });
}
