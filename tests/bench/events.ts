/**
 * How late server-sent events arrive.
 *
 * @module
 */

import type { Peer } from "./peers.ts";
import { quantile } from "./statistics.ts";

/** Medians of one stream, milliseconds. */
export interface EventTimes {
  /** From sending the request to the head of the answer. */
  readonly firstMs: number;
  /** From the upstream's write of an event to its arrival. */
  readonly eventMs: number;
}

/** Reads a stream of `count` events, each of which says when it was written; see `upstream.ts`. */
export async function eventTimes(peer: Pick<Peer, "port" | "head">, count: number): Promise<EventTimes> {
  const socket = await Deno.connect({ hostname: "127.0.0.1", port: peer.port });
  socket.setNoDelay(true);
  const buffer = new Uint8Array(65_536);
  const delays: number[] = [];
  let text = "";
  let firstMs = 0;
  const started = now();
  await socket.write(new TextEncoder().encode(`${peer.head("GET", `/events/${count}`)}\r\n`));
  while (delays.length < count) {
    const read = await socket.read(buffer);
    if (read === null) throw new Error(`the stream ended after ${delays.length} events`);
    const arrived = now();
    if (firstMs === 0) firstMs = arrived - started;
    text += new TextDecoder("latin1").decode(buffer.subarray(0, read));
    for (const [, at] of text.matchAll(/data: (\d+\.\d+)\n\n/g)) delays.push(arrived - Number(at));
    text = text.slice(text.lastIndexOf("\n\n") + 1);
  }
  socket.close();
  return { firstMs, eventMs: quantile(Float64Array.from(delays).sort(), 0.5) };
}

/** The clock that all processes of a machine share, milliseconds with fractions. */
export function now(): number {
  return performance.timeOrigin + performance.now();
}
