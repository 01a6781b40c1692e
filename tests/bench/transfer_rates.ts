/**
 * Large bodies and idle connections through any proxy.
 *
 * @module
 */

import type { Peer } from "./peers.ts";

const MIB = 1024 * 1024;

/** MiB a second of one large body. */
export async function transferRate(
  peer: Pick<Peer, "port" | "head">,
  direction: "down" | "up",
  mebibytes: number,
): Promise<number> {
  const socket = await Deno.connect({ hostname: "127.0.0.1", port: peer.port });
  const total = mebibytes * MIB;
  const write = async (bytes: Uint8Array) => {
    for (let at = 0; at < bytes.length;) at += await socket.write(bytes.subarray(at));
  };
  const started = performance.now();
  const head = direction === "down"
    ? `${peer.head("GET", `/down/${mebibytes}`)}\r\n`
    : `${
      peer.head("POST", "/up")
    }Content-Type: application/octet-stream\r\nX-Total: ${total}\r\nContent-Length: ${total}\r\n\r\n`;
  await write(new TextEncoder().encode(head));
  const buffer = new Uint8Array(256 * 1024);
  const read = async () => {
    const count = await socket.read(buffer);
    if (count === null) throw new Error(`the ${direction}load ended early`);
    return count;
  };
  if (direction === "down") {
    for (let received = 0; received < total;) received += await read();
  } else {
    const chunk = new Uint8Array(MIB).fill(0x61);
    for (let sent = 0; sent < total; sent += MIB) await write(chunk);
    for (let answer = ""; !answer.includes(String(total));) {
      answer += new TextDecoder().decode(buffer.subarray(0, await read()));
    }
  }
  socket.close();
  return mebibytes / ((performance.now() - started) / 1000);
}

/** KiB by which the process grows for each kept connection that has served one request. */
export async function idleCost(
  peer: Pick<Peer, "port" | "head" | "pid">,
  connections: number,
): Promise<number> {
  const before = residentKib(peer.pid ?? 0);
  const request = new TextEncoder().encode(`${peer.head("GET", "/small")}\r\n`);
  const sockets: Deno.TcpConn[] = [];
  const buffer = new Uint8Array(65_536);
  for (let i = 0; i < connections; i++) {
    const socket = await Deno.connect({ hostname: "127.0.0.1", port: peer.port });
    await socket.write(request);
    await socket.read(buffer);
    sockets.push(socket);
  }
  const after = residentKib(peer.pid ?? 0);
  for (const socket of sockets) socket.close();
  return Math.max(0, after - before) / connections;
}

function residentKib(pid: number): number {
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  return Number(/^VmRSS:\s*(\d+) kB/m.exec(status)?.[1] ?? NaN);
}
