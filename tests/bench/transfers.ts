/**
 * Large bodies through the proxy, and what they cost in memory.
 *
 * @module
 */

import { figure, spreadText } from "./format.ts";
import { KEY, type Product } from "./product.ts";
import type { Section } from "./report.ts";
import { spread } from "./statistics.ts";

const MIB = 1024 * 1024;

/** A figure of `/proc/<pid>/status` in MiB. */
async function memory(pid: number, name: "VmHWM" | "VmRSS"): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  const kib = new RegExp(`^${name}:\\s*(\\d+) kB`, "m").exec(status)?.[1];
  if (kib === undefined) throw new Error(`no ${name} of process ${pid}`);
  return Number(kib) / 1024;
}

/** Makes the kernel count the peak anew from here; where it does not, the older peak only makes the growth look smaller. */
async function forgetPeak(pid: number): Promise<void> {
  await Deno.writeTextFile(`/proc/${pid}/clear_refs`, "5");
}

async function download(port: number, path: string, key: string, mebibytes: number): Promise<void> {
  const socket = await Deno.connect({ hostname: "127.0.0.1", port });
  const head =
    `GET ${path}/down/${mebibytes} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: Bearer ${key}\r\n\r\n`;
  await socket.write(new TextEncoder().encode(head));
  const buffer = new Uint8Array(256 * 1024);
  let received = 0;
  while (received < mebibytes * MIB) {
    const read = await socket.read(buffer);
    if (read === null) throw new Error(`the download ended after ${received} bytes`);
    received += read;
  }
  socket.close();
}

async function upload(port: number, path: string, key: string, mebibytes: number): Promise<void> {
  const socket = await Deno.connect({ hostname: "127.0.0.1", port });
  const length = mebibytes * MIB;
  const head = `POST ${path}/up HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: Bearer ${key}\r\n` +
    `Content-Type: application/octet-stream\r\nContent-Length: ${length}\r\n\r\n`;
  const write = async (bytes: Uint8Array) => {
    for (let at = 0; at < bytes.length;) at += await socket.write(bytes.subarray(at));
  };
  await write(new TextEncoder().encode(head));
  const chunk = new Uint8Array(MIB).fill(0x61);
  for (let sent = 0; sent < length; sent += MIB) await write(chunk);
  let answer = "";
  const buffer = new Uint8Array(4096);
  while (!answer.includes(`\r\n\r\n${length}`)) {
    const read = await socket.read(buffer);
    if (read === null) throw new Error(`the upload was answered with: ${answer}`);
    answer += new TextDecoder().decode(buffer.subarray(0, read));
  }
  socket.close();
}

/** Measures both directions, direct and through the proxy in turns. */
export async function transfers(
  product: Product,
  upstreamPort: number,
  sizes: { mebibytes: number; rounds: number },
): Promise<Section> {
  const { mebibytes, rounds } = sizes;
  const path = `/to/http/127.0.0.1:${upstreamPort}`;
  const rows: string[][] = [];
  const targets: Section["targets"][number][] = [];
  const data: Record<string, { direct: number[]; wispkey: number[]; growth: number[] }> = {};
  // What the daemon holds before the first large body: buffers that one leaves behind count as growth too.
  const before = await memory(product.pid, "VmRSS");
  for (const [name, transfer] of [["download", download], ["upload", upload]] as const) {
    const figures = { direct: [] as number[], wispkey: [] as number[], growth: [] as number[] };
    for (let round = 0; round < rounds; round++) {
      const timed = async (work: () => Promise<void>) => {
        const started = performance.now();
        await work();
        return mebibytes / ((performance.now() - started) / 1000);
      };
      figures.direct.push(await timed(() => transfer(upstreamPort, "", KEY, mebibytes)));
      await forgetPeak(product.pid);
      figures.wispkey.push(await timed(() => transfer(product.port, path, product.token, mebibytes)));
      figures.growth.push(Math.max(0, await memory(product.pid, "VmHWM") - before));
    }
    data[name] = figures;
    const growth = spread(figures.growth);
    rows.push([
      `${name} ${mebibytes} MiB`,
      ...[figures.direct, figures.wispkey, figures.growth].map((runs) => spreadText(spread(runs))),
    ]);
    targets.push({
      text: `${name}: memory of the daemon grows by less than 64 MiB at its peak`,
      measured: `at most ${figure(growth.max)} MiB`,
      reached: growth.max < 64,
    });
  }
  return {
    title: "Large bodies",
    method:
      `One body of ${mebibytes} MiB over one connection, ${rounds} times. Growth is the daemon's peak resident memory ` +
      "(`VmHWM`, reset before each transfer) less what it held before the first.",
    columns: ["transfer", "direct MiB/s", "wispkey MiB/s", "growth MiB"],
    rows,
    targets,
    data,
  };
}
