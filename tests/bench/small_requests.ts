/**
 * Small requests: through the proxy with a token put in, through a bare pass-through, and direct.
 *
 * @module
 */

import { spreadText } from "./format.ts";
import type { LoadResult } from "./load.ts";
import { measure, startListening } from "./processes.ts";
import { KEY, type Product } from "./product.ts";
import type { Section } from "./report.ts";
import { ratios, spread } from "./statistics.ts";

/** Sizes of a run. */
export interface SmallRequestSizes {
  /** Numbers of connections. */
  readonly connections: readonly number[];
  /** How often each cell is measured. */
  readonly rounds: number;
  /** Length of one measurement. */
  readonly seconds: number;
}

const WAYS = ["direct", "pass-through", "wispkey"] as const;
type Way = typeof WAYS[number];

function request(path: string, host: string, key: string): string {
  return `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${key}\r\nAccept: */*\r\n` +
    "User-Agent: bench\r\n\r\n";
}

/** Measures; the three ways take turns in every round. */
export async function smallRequests(
  product: Product,
  upstreamPort: number,
  sizes: SmallRequestSizes,
): Promise<Section> {
  const passThrough = await startListening("pass_through.ts", [String(upstreamPort)]);
  const upstream = `127.0.0.1:${upstreamPort}`;
  const plans: Record<Way, { port: number; request: string }> = {
    "direct": { port: upstreamPort, request: request("/small", upstream, KEY) },
    "pass-through": {
      port: passThrough.port,
      request: request("/small", `127.0.0.1:${passThrough.port}`, KEY),
    },
    "wispkey": {
      port: product.port,
      request: request(`/to/http/${upstream}/small`, `127.0.0.1:${product.port}`, product.token),
    },
  };
  const rows: string[][] = [];
  const targets: Section["targets"][number][] = [];
  const data: Record<string, Record<Way, LoadResult[]>> = {};
  try {
    for (const connections of sizes.connections) {
      const results: Record<Way, LoadResult[]> = { "direct": [], "pass-through": [], "wispkey": [] };
      for (let round = 0; round < sizes.rounds; round++) {
        for (const way of WAYS) {
          results[way].push(await measure({ ...plans[way], connections, seconds: sizes.seconds }));
        }
      }
      data[String(connections)] = results;
      const pick = (way: Way, name: keyof LoadResult) => results[way].map((result) => result[name]);
      for (const way of WAYS) {
        const against = spread(ratios(pick(way, "perSecond"), pick("pass-through", "perSecond")));
        const cells = [pick(way, "perSecond"), pick(way, "p50"), pick(way, "p99")].map((runs) =>
          spreadText(spread(runs))
        );
        rows.push([`${connections} × ${way}`, ...cells, spreadText(against)]);
      }
      const against = (name: keyof LoadResult) =>
        spread(ratios(pick("wispkey", name), pick("pass-through", name))).median;
      const target = (text: string, factor: number, reached: boolean) =>
        targets.push({
          text: `${connections} connections: ${text}`,
          measured: `${factor.toFixed(2)} times`,
          reached,
        });
      const [rate, median, late] = [against("perSecond"), against("p50"), against("p99")];
      if (connections > 1) target("at least the requests per second of the pass-through", rate, rate >= 1);
      target("a median within 1.15 times the pass-through's", median, median <= 1.15);
      if (connections > 32) target("a 99th percentile under twice the pass-through's", late, late < 2);
    }
  } finally {
    await passThrough.end();
  }
  return {
    title: "Small requests",
    method:
      "A GET with five headers, answered with 47 bytes of JSON, over kept connections. “wispkey” puts the secret in for a " +
      "token, checks hosts and policies, has an audit row on disk before a byte leaves, and searches the answer for " +
      "secrets; “pass-through” is the shortest proxy of `Deno.serve` and `fetch`, which does none of that; “direct” has no " +
      "proxy. Load generator and upstream are our own (`tests/bench/load.ts`, `upstream.ts`), each a process; " +
      `${sizes.rounds} rounds of ${sizes.seconds} s, taking turns.`,
    columns: [
      "connections × way",
      "requests/s",
      "median µs",
      "99th percentile µs",
      "requests/s against pass-through",
    ],
    rows,
    targets,
    data,
  };
}
