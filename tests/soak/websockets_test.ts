/**
 * Many WebSockets at once, and much through one, through the real daemon.
 */

import assert from "node:assert/strict";
import { Home } from "../e2e/harness.ts";
import { webSocketServer } from "../proxy/websocket/support.ts";

const SOCKETS = Number(Deno.env.get("WISPKEY_SOAK_WEBSOCKETS") ?? 60);
const SECONDS = Number(Deno.env.get("WISPKEY_SOAK_SECONDS") ?? 2);
const MEBIBYTES = Number(Deno.env.get("WISPKEY_SOAK_MIB") ?? 16);
const MIB = 1024 * 1024;
const SECRET = "sk-websocket-soak-0123456789";

function memory(pid: number): number {
  const line = /^VmRSS:\s+(\d+)/m.exec(Deno.readTextFileSync(`/proc/${pid}/status`));
  return Number(line?.[1] ?? 0) * 1024;
}

async function opened(url: string): Promise<WebSocket> {
  const socket = new WebSocket(url);
  socket.binaryType = "arraybuffer";
  await new Promise<void>((resolve, reject) => {
    socket.onopen = () => resolve();
    socket.onerror = () => reject(new Error(`cannot open ${url}`));
  });
  return socket;
}

async function closed(socket: WebSocket): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  socket.onclose = () => resolve();
  socket.close();
  await promise;
}

Deno.test({
  name:
    "many WebSockets carry traffic at once, each answer goes to whom it belongs, and memory stays (Linux only: reads /proc)",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using home = await Home.withVault();
    const server = webSocketServer((data, socket) => socket.send(`${data} ${SECRET}`));
    try {
      const host = `127.0.0.1:${server.port}`;
      const added = await home.json("add", "live", "--type", "api_key", "--value", SECRET, "--hosts", host);
      const token: string = added.credential.wisp_token;
      const { port, pid } = await home.json("serve", "--random-port", "--daemon");
      const url = `ws://127.0.0.1:${port}/to/ws/${host}/?api_key=${token}`;
      const sockets = await Promise.all(Array.from({ length: SOCKETS }, () => opened(url)));
      const stop = performance.now() + SECONDS * 1000;
      // What the traffic needs it takes in the first third of the time; after that nothing may grow.
      let before = NaN;
      const warm = setTimeout(() => before = memory(pid), SECONDS * 333);
      const talk = async (socket: WebSocket, name: number): Promise<number> => {
        for (let count = 0;; count++) {
          const said = `${name}:${count}:${"x".repeat(count % 2000)}`;
          const answer = new Promise<string>((resolve, reject) => {
            socket.onmessage = ({ data }) => resolve(data);
            socket.onclose = () => reject(new Error(`socket ${name} was closed`));
          });
          socket.send(said);
          assert.equal(await answer, `${said} ${token}`);
          if (performance.now() >= stop) return count;
        }
      };
      const counts = await Promise.all(sockets.map(talk));
      clearTimeout(warm);
      assert.ok(counts.every((count) => count > 0));
      const grown = memory(pid) - before;
      assert.ok(grown < 64 * MIB, `memory grew by ${(grown / MIB).toFixed(0)} MiB`);
      await Promise.all(sockets.map(closed));
    } finally {
      await server.close();
    }
  },
});

Deno.test({
  name: "much goes through one WebSocket in both directions, and memory stays (Linux only: reads /proc)",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using home = await Home.withVault();
    let received = 0;
    const server = webSocketServer((data, socket) => {
      if (typeof data === "string") socket.send(String(received));
      else {
        received += data.byteLength;
        socket.send(data);
      }
    });
    try {
      const host = `127.0.0.1:${server.port}`;
      await home.json("add", "live", "--value", SECRET, "--hosts", host);
      const { port, pid } = await home.json("serve", "--random-port", "--daemon");
      const socket = await opened(`ws://127.0.0.1:${port}/to/ws/${host}/`);
      const before = memory(pid);
      const chunk = new Uint8Array(MIB).fill(0x61);
      let back = 0;
      let wake = () => {};
      socket.onmessage = ({ data }) => {
        back += data.byteLength;
        wake();
      };
      for (let sent = 0; sent < MEBIBYTES; sent++) {
        socket.send(chunk);
        // A browser's WebSocket has no back-pressure of its own: at most eight messages are under way.
        while (sent * MIB - back > 8 * MIB) await new Promise<void>((resolve) => wake = resolve);
      }
      while (back < MEBIBYTES * MIB) await new Promise<void>((resolve) => wake = resolve);
      assert.equal(received, MEBIBYTES * MIB);
      const grown = memory(pid) - before;
      assert.ok(grown < 64 * MIB, `memory grew by ${(grown / MIB).toFixed(0)} MiB`);
      await closed(socket);
    } finally {
      await server.close();
    }
  },
});
