/**
 * A load generator, run as a process of its own: kept connections, each sending its next request when the answer to the
 * last is complete. Takes a {@linkcode LoadPlan} as JSON argument and prints a {@linkcode LoadResult} as JSON.
 *
 * @module
 */

import { quantile } from "./statistics.ts";

/** What to send. */
export interface LoadPlan {
  /** Port on 127.0.0.1. */
  readonly port: number;
  /** Connections held at once. */
  readonly connections: number;
  /** How long to measure, seconds, after a fifth of that as warm-up. */
  readonly seconds: number;
  /** The whole request, head and body. */
  readonly request: string;
}

/** What came of it. */
export interface LoadResult {
  /** Requests a second. */
  readonly perSecond: number;
  /** Median time of a request, microseconds. */
  readonly p50: number;
  /** 99th percentile, microseconds. */
  readonly p99: number;
  /** Answers other than 200, and broken connections. */
  readonly failed: number;
}

const latin1 = new TextDecoder("latin1");
/** No head is longer, bytes. */
const MAX_HEAD = 2_048;

/** Length of the complete answer that begins at the buffer's start, or null if more has to be read. */
export function responseLength(bytes: Uint8Array): number | null {
  const head = latin1.decode(bytes.subarray(0, MAX_HEAD));
  const end = head.indexOf("\r\n\r\n");
  if (end < 0) return null;
  const fields = head.slice(0, end).toLowerCase();
  const length = /\r\ncontent-length: *(\d+)/.exec(fields)?.[1];
  if (length !== undefined) {
    const total = end + 4 + Number(length);
    return bytes.length >= total ? total : null;
  }
  if (!/\r\ntransfer-encoding: *chunked/.test(fields)) return end + 4;
  // One answer at a time, so its last chunk is what came last.
  return latin1.decode(bytes.subarray(Math.max(end + 4, bytes.length - 5))) === "0\r\n\r\n"
    ? bytes.length
    : null;
}

async function connection(plan: LoadPlan, begin: number, stop: number, times: number[]): Promise<number> {
  const request = new TextEncoder().encode(plan.request);
  const buffer = new Uint8Array(256 * 1024);
  const socket = await Deno.connect({ hostname: "127.0.0.1", port: plan.port });
  socket.setNoDelay(true);
  let failed = 0;
  try {
    for (let now = performance.now(); now < stop; now = performance.now()) {
      for (let sent = 0; sent < request.length;) sent += await socket.write(request.subarray(sent));
      let filled = 0;
      do {
        const read = await socket.read(buffer.subarray(filled));
        if (read === null) return failed + 1;
        filled += read;
      } while (responseLength(buffer.subarray(0, filled)) === null);
      const done = performance.now();
      // "HTTP/1.1 200": the tenth byte is the status's first digit.
      if (buffer[9] !== 0x32) failed++;
      if (now >= begin && done <= stop) times.push((done - now) * 1000);
    }
    return failed;
  } finally {
    socket.close();
  }
}

/** Runs a plan. */
export async function load(plan: LoadPlan): Promise<LoadResult> {
  const begin = performance.now() + plan.seconds * 200;
  const stop = begin + plan.seconds * 1000;
  const times: number[] = [];
  const runs = Array.from({ length: plan.connections }, () => connection(plan, begin, stop, times));
  const failed = (await Promise.all(runs)).reduce((sum, one) => sum + one, 0);
  const sorted = Float64Array.from(times).sort();
  return {
    perSecond: times.length / plan.seconds,
    p50: quantile(sorted, 0.5),
    p99: quantile(sorted, 0.99),
    failed,
  };
}

if (import.meta.main) console.log(JSON.stringify(await load(JSON.parse(Deno.args[0] ?? "{}"))));
