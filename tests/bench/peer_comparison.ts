/**
 * The same work through every proxy that is installed: small requests, middle-sized answers, event streams, large bodies,
 * and idle connections.
 *
 * @module
 */

import { type EventTimes, eventTimes } from "./events.ts";
import { figure, spreadText } from "./format.ts";
import type { LoadResult } from "./load.ts";
import { type Peer, startPeers } from "./peers.ts";
import { measure } from "./processes.ts";
import type { Product } from "./product.ts";
import type { Section, Target } from "./report.ts";
import { ratios, spread } from "./statistics.ts";
import { idleCost, transferRate } from "./transfer_rates.ts";

/** Sizes of a run. */
export interface PeerSizes {
  /** How often each cell is measured; the peers take turns. */
  readonly rounds: number;
  /** Length of one measurement of requests. */
  readonly seconds: number;
  /** Size of a large body. */
  readonly mebibytes: number;
  /** Events of a stream. */
  readonly events: number;
  /** Idle connections. */
  readonly idle: number;
}

interface Figures {
  small1: LoadResult[];
  small32: LoadResult[];
  medium32: LoadResult[];
  down: number[];
  up: number[];
  events: EventTimes[];
  idleKib: number[];
}

/** Requests a second at 32 connections, by proxy, for the chart. */
export type ChartData = readonly { readonly name: string; readonly value: number }[];

/** Measures all; the peers take turns in every round. */
export async function comparePeers(
  product: Product,
  upstreamPort: number,
  sizes: PeerSizes,
): Promise<Section & { chart: ChartData }> {
  const { peers, absent } = await startPeers(product, upstreamPort);
  const all = new Map<Peer, Figures>(
    peers.map((
      peer,
    ) => [peer, { small1: [], small32: [], medium32: [], down: [], up: [], events: [], idleKib: [] }]),
  );
  try {
    for (let round = 0; round < sizes.rounds; round++) {
      for (const [peer, figures] of all) await measureOnce(peer, figures, sizes, round === 0);
    }
  } finally {
    for (const peer of peers) await peer.end();
  }
  return { ...toSection(all, absent, sizes), chart: chartOf(all) };
}

async function measureOnce(peer: Peer, figures: Figures, sizes: PeerSizes, isFirst: boolean): Promise<void> {
  const request = (path: string) => `${peer.head("GET", path)}\r\n`;
  const load = (path: string, connections: number) =>
    measure({ port: peer.port, request: request(path), connections, seconds: sizes.seconds });
  figures.small1.push(await load("/small", 1));
  figures.small32.push(await load("/small", 32));
  figures.medium32.push(await load("/medium", 32));
  figures.events.push(await eventTimes(peer, sizes.events));
  // Large bodies and idle connections hardly vary; once is enough for programs that take long.
  if (isFirst && peer.pid !== null) figures.idleKib.push(await idleCost(peer, sizes.idle));
  figures.down.push(await transferRate(peer, "down", sizes.mebibytes));
  figures.up.push(await transferRate(peer, "up", sizes.mebibytes));
}

function toSection(all: Map<Peer, Figures>, absent: readonly string[], sizes: PeerSizes): Section {
  const median = (values: readonly number[]) => figure(spread(values).median);
  const rows = [...all].map(([peer, figures]) => [
    peer.name,
    spreadText(spread(figures.small32.map(({ perSecond }) => perSecond))),
    median(figures.small1.map(({ p50 }) => p50)),
    median(figures.small32.map(({ p99 }) => p99)),
    median(figures.medium32.map(({ perSecond }) => perSecond)),
    median(figures.events.map(({ firstMs }) => firstMs)),
    median(figures.events.map(({ eventMs }) => eventMs)),
    median(figures.down),
    median(figures.up),
    figures.idleKib.length === 0 ? "–" : median(figures.idleKib),
  ]);
  const said = [...all.keys()].map(({ name, work }) => `${name}: ${work}`).join("; ");
  return {
    title: "Side by side",
    method:
      "The same requests through each proxy in turn, all on the same processors, load generator and upstream " +
      `included. What they do differs: ${said}. “small” is a GET answered with 47 bytes of JSON, “medium” one answered ` +
      `with 100 KiB of JSON, “event” the time from a server's write of a server-sent event to its arrival (median of ` +
      `${sizes.events}), “first” the same for the head of the answer; bodies have ${sizes.mebibytes} MiB; “idle” is what ` +
      `the process grows by for each of ${sizes.idle} kept connections.` +
      (absent.length > 0 ? ` Left out: ${absent.join("; ")}.` : ""),
    columns: [
      "proxy",
      "small/s, 32 conn.",
      "small median µs, 1 conn.",
      "small p99 µs, 32 conn.",
      "medium/s, 32 conn.",
      "first ms",
      "event ms",
      "down MiB/s",
      "up MiB/s",
      "idle KiB",
    ],
    rows,
    targets: targetsOf(all),
    data: Object.fromEntries([...all].map(([{ name }, figures]) => [name, figures])),
  };
}

function targetsOf(all: Map<Peer, Figures>): Target[] {
  const byName = new Map([...all].map(([{ name }, figures]) => [name, figures]));
  const ours = byName.get("wispkey");
  const targets: Target[] = [];
  if (ours === undefined) return targets;
  const rate = (figures: Figures) => figures.small32.map(({ perSecond }) => perSecond);
  const compare = (name: string, least: number, text: string) => {
    const other = byName.get(name);
    if (other === undefined) return;
    const factor = spread(ratios(rate(ours), rate(other))).median;
    targets.push({ text, measured: `${factor.toFixed(2)} times`, reached: factor >= least });
  };
  compare("Deno.serve + fetch", 1, "32 connections: at least the requests per second of a bare pass-through");
  compare("mitmproxy", 10, "32 connections: at least 10 times the requests per second of mitmproxy");
  compare("squid", 1, "32 connections: more requests per second than squid");
  const bare = byName.get("Deno.serve + fetch");
  const direct = byName.get("direct");
  if (bare !== undefined) {
    const p50 = (figures: Figures) => figures.small1.map((result) => result.p50);
    const factor = spread(ratios(p50(ours), p50(bare))).median;
    targets.push({
      text: "1 connection: at the median within 1.15 times the pass-through",
      measured: `${factor.toFixed(2)} times`,
      reached: factor <= 1.15,
    });
  }
  if (direct !== undefined) {
    const added = spread(ours.events.map(({ eventMs }) => eventMs)).median -
      spread(direct.events.map(({ eventMs }) => eventMs)).median;
    targets.push({
      text: "server-sent events: less than 5 ms later than without a proxy",
      measured: `${added.toFixed(2)} ms`,
      reached: added < 5,
    });
  }
  return targets;
}

function chartOf(all: Map<Peer, Figures>): ChartData {
  return [...all].filter(([{ name }]) => name !== "direct").map(([{ name }, { small32 }]) => ({
    name,
    value: spread(small32.map(({ perSecond }) => perSecond)).median,
  }));
}
