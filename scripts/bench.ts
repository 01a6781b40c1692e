/**
 * Measures, and writes `results.md`, `results.json` and `requests.svg` to `docs/benchmarks`.
 * Proxies to compare with (squid, mitmproxy, nginx) are measured where they are installed.
 *
 * ```sh
 * deno task bench                     # everything, some minutes
 * deno task bench --quick             # reduced sizes; written to the terminal only
 * deno task bench requests lookup     # two of them; written to the terminal only
 * ```
 *
 * @module
 */

import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { commandTimes } from "../tests/bench/commands.ts";
import { tokenLookup } from "../tests/bench/lookup.ts";
import { eventDelays } from "../tests/bench/events_bench.ts";
import { auditSpeed } from "../tests/bench/audit.ts";
import { policySpeed } from "../tests/bench/policies.ts";
import { startListening } from "../tests/bench/processes.ts";
import { KEY, type Product, startProduct } from "../tests/bench/product.ts";
import { type Section, thisMachine, toMarkdown } from "../tests/bench/report.ts";
import { matcherSpeed, scrubbedTransfers } from "../tests/bench/scrub_bench.ts";
import { smallRequests } from "../tests/bench/small_requests.ts";
import { barChart } from "../tests/bench/chart.ts";
import { type ChartData, comparePeers } from "../tests/bench/peer_comparison.ts";
import { tunnels } from "../tests/bench/tunnels.ts";
import { transfers } from "../tests/bench/transfers.ts";

const CHART_TITLE = "Small requests per second at 32 connections";

interface Run {
  product: Product;
  upstreamPort: number;
  quick: boolean;
}

/** Every benchmark by the word that chooses it. */
const BENCHMARKS: Readonly<Record<string, (run: Run) => Promise<Section & { chart?: ChartData }>>> = {
  // First, on a fresh daemon: what other benchmarks leave in its memory would hide growth.
  transfers: ({ product, upstreamPort, quick }) =>
    transfers(product, upstreamPort, { mebibytes: quick ? 128 : 1024, rounds: 3 }),
  requests: ({ product, upstreamPort, quick }) =>
    smallRequests(product, upstreamPort, {
      connections: quick ? [1, 32] : [1, 32, 256],
      rounds: quick ? 3 : 7,
      seconds: quick ? 1 : 2,
    }),
  peers: ({ product, upstreamPort, quick }) =>
    comparePeers(product, upstreamPort, {
      rounds: quick ? 1 : 5,
      seconds: quick ? 1 : 2,
      mebibytes: quick ? 64 : 512,
      events: quick ? 50 : 200,
      idle: quick ? 200 : 1000,
    }),
  tunnels: ({ product, quick }) =>
    tunnels(product, {
      rounds: quick ? 3 : 5,
      seconds: quick ? 1 : 2,
      mebibytes: quick ? 128 : 1024,
      hosts: quick ? 5 : 10,
    }),
  // deno-lint-ignore require-await -- as the others, which wait
  matcher: async ({ quick }) => matcherSpeed(quick ? 100 : 400),
  scrubbing: ({ product, quick }) =>
    scrubbedTransfers(product, { mebibytes: quick ? 128 : 1024, rounds: quick ? 3 : 9 }),
  events: ({ product, quick }) => eventDelays(product, { events: quick ? 50 : 300, rounds: quick ? 2 : 5 }),
  commands: ({ product, quick }) => commandTimes(product, quick ? 5 : 15),
  audit: ({ quick }) => auditSpeed({ rows: quick ? 100_000 : 1_000_000, rounds: quick ? 10 : 30 }),
  // deno-lint-ignore require-await -- as the others, which wait
  policies: async ({ quick }) =>
    policySpeed({ count: 1000, batches: quick ? 500 : 5000, loads: quick ? 5 : 15 }),
  lookup: ({ quick }) =>
    tokenLookup({ many: quick ? 5_000 : 100_000, rounds: quick ? 5 : 15, lookups: 20_000 }),
};

async function measureAll(
  names: readonly string[],
  quick: boolean,
): Promise<(Section & { chart?: ChartData })[]> {
  const upstream = await startListening("upstream.ts", [KEY]);
  const sections: (Section & { chart?: ChartData })[] = [];
  try {
    const product = await startProduct(upstream.port);
    try {
      for (const name of names) {
        console.error(`measuring ${name} …`);
        const section = await BENCHMARKS[name]?.({ product, upstreamPort: upstream.port, quick });
        if (section !== undefined) sections.push(section);
      }
    } finally {
      await product.end();
    }
  } finally {
    await upstream.end();
  }
  return sections;
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    args: Deno.args,
    allowPositionals: true,
    options: { quick: { type: "boolean", default: false } },
  });
  const unknown = positionals.find((name) => !Object.hasOwn(BENCHMARKS, name));
  if (unknown !== undefined) {
    console.error(`cannot measure '${unknown}': it is none of ${Object.keys(BENCHMARKS).join(", ")}`);
    return 2;
  }
  const names = positionals.length > 0 ? positionals : Object.keys(BENCHMARKS);
  const machine = thisMachine(values.quick);
  const sections = await measureAll(names, values.quick);
  const markdown = toMarkdown(machine, sections);
  console.log(markdown);
  if (!values.quick && positionals.length === 0) {
    const directory = resolve(import.meta.dirname ?? ".", "../docs/benchmarks");
    await Deno.mkdir(directory, { recursive: true });
    await Deno.writeTextFile(join(directory, "results.md"), markdown);
    const chart = sections.find((section) => section.chart !== undefined)?.chart ?? [];
    await Deno.writeTextFile(join(directory, "requests.svg"), barChart(CHART_TITLE, chart, "wispkey"));
    await Deno.writeTextFile(
      join(directory, "results.json"),
      `${JSON.stringify({ machine, sections }, null, 2)}\n`,
    );
  }
  return 0;
}

if (import.meta.main) Deno.exit(await main());
