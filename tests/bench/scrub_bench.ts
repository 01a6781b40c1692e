/**
 * What searching responses for secrets costs: the matcher alone, and large responses through the proxy.
 *
 * ```sh
 * deno run -A tests/bench/scrub_bench.ts [--quick]
 * ```
 *
 * @module
 */

import { ScrubSet } from "../../src/core/scrub/mod.ts";
import { figure, spreadText } from "./format.ts";
import { startListening } from "./processes.ts";
import { KEY, type Product, startProduct } from "./product.ts";
import { type Section, thisMachine, toMarkdown } from "./report.ts";
import { jsonText } from "./scrub_upstream.ts";
import { ratios, spread } from "./statistics.ts";

const MIB = 1024 * 1024;
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

function random(length: number, alphabet = LETTERS): string {
  let text = "";
  for (let i = 0; i < length; i++) text += alphabet[Math.floor(Math.random() * alphabet.length)];
  return text;
}

/** GB/s of the matcher alone, over texts of 1 MiB, for sets of secrets of two lengths. */
export function matcherSpeed(milliseconds: number): Section {
  const utf8 = (text: string) => new TextEncoder().encode(text);
  const texts: Readonly<Record<string, Uint8Array>> = {
    "JSON": jsonText(MIB),
    "Base64": utf8(random(MIB, `${LETTERS}+/`)),
    "hexadecimal": utf8(random(MIB, "0123456789abcdef")),
  };
  const rows: string[][] = [];
  const data: Record<string, number> = {};
  for (const [kind, secret] of [["48", () => `sk-proj-${random(40)}`], ["20", () => random(20)]] as const) {
    for (const count of [1, 10, 100, 1_000]) {
      const values = Array.from({ length: count }, () => utf8(secret()));
      const started = performance.now();
      const set = new ScrubSet(values.map((value, owner) => ({
        owner,
        token: `wk_bench_${owner}_0123456789abcdef`,
        value,
        kind: { isPair: false, minimum: 16 },
      })));
      const compiled = performance.now() - started;
      const cells = Object.entries(texts).map(([name, text]) => {
        for (let i = 0; i < 20; i++) set.find(text, text.length, -1);
        const from = performance.now();
        let rounds = 0;
        while (performance.now() - from < milliseconds) {
          set.find(text, text.length, -1);
          rounds++;
        }
        const speed = rounds * text.length / 1e6 / (performance.now() - from);
        data[`${count} × ${kind} bytes, ${name}`] = speed;
        return speed.toFixed(2);
      });
      rows.push([`${count} × ${kind} bytes`, String(set.size), compiled.toFixed(1), ...cells]);
      set.release();
    }
  }
  const least = Math.min(data["100 × 48 bytes, JSON"] ?? 0, data["100 × 20 bytes, JSON"] ?? 0);
  return {
    title: "Searching for secrets",
    method:
      "The matcher alone, one thread, over 1 MiB of text again and again, with all spellings of each secret.",
    columns: ["secrets", "patterns", "compile ms", ...Object.keys(texts).map((name) => `${name} GB/s`)],
    rows,
    targets: [{
      text: "100 secrets: at least 1 GB/s on JSON",
      measured: `${least.toFixed(2)} GB/s`,
      reached: least >= 1,
    }],
    data,
  };
}

async function memory(pid: number, name: "VmHWM" | "VmRSS"): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  return Number(new RegExp(`^${name}:\\s*(\\d+) kB`, "m").exec(status)?.[1]) / 1024;
}

/** Fetches a path over a connection of its own; MiB/s of content. */
async function download(port: number, path: string, mebibytes: number): Promise<number> {
  const started = performance.now();
  const socket = await Deno.connect({ hostname: "127.0.0.1", port });
  await socket.write(
    new TextEncoder().encode(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: close\r\n\r\n`),
  );
  const buffer = new Uint8Array(256 * 1024);
  let received = 0;
  for (let read = await socket.read(buffer); read !== null; read = await socket.read(buffer)) {
    received += read;
  }
  socket.close();
  if (received < mebibytes * MIB * 0.9) throw new Error(`only ${received} bytes came`);
  return mebibytes / ((performance.now() - started) / 1000);
}

/** Large responses: of a host with a secret, of one without, and compressed. */
export async function scrubbedTransfers(
  product: Product,
  sizes: { mebibytes: number; rounds: number },
): Promise<Section> {
  const { mebibytes, rounds } = sizes;
  const plain = await startListening("scrub_upstream.ts", [KEY]);
  const scrubbed = await startListening("scrub_upstream.ts", [KEY]);
  await product.command("add", "scrubbed", "--hosts", `127.0.0.1:${scrubbed.port}`, "--value", KEY);
  const figures = {
    unscrubbed: [] as number[],
    scrubbed: [] as number[],
    gzip: [] as number[],
    growth: [] as number[],
  };
  try {
    const through = (port: number, path: string) =>
      download(
        product.port,
        `/to/http/127.0.0.1:${port}/${path}/${mebibytes}`,
        path === "gzip" ? mebibytes * 0.9 : mebibytes,
      );
    const before = await memory(product.pid, "VmRSS");
    for (let round = 0; round < rounds; round++) {
      const unscrubbed = async () => figures.unscrubbed.push(await through(plain.port, "plain"));
      // Who comes first changes from round to round.
      if (round % 2 === 0) await unscrubbed();
      await Deno.writeTextFile(`/proc/${product.pid}/clear_refs`, "5");
      figures.scrubbed.push(await through(scrubbed.port, "plain"));
      figures.gzip.push(await through(scrubbed.port, "gzip"));
      figures.growth.push(Math.max(0, await memory(product.pid, "VmHWM") - before));
      if (round % 2 === 1) await unscrubbed();
    }
  } finally {
    await plain.end();
    await scrubbed.end();
  }
  const ratio = spread(ratios(figures.scrubbed, figures.unscrubbed)).median;
  const gzip = spread(figures.gzip).median * MIB / 1e6;
  const growth = spread(figures.growth).max;
  return {
    title: "Scrubbed responses",
    method:
      `${mebibytes} MiB of JSON text with the secret once in each MiB, ${rounds} rounds, taking turns; load ` +
      "generator, upstream and proxy share the machine's processors.",
    columns: ["response", "MiB/s"],
    rows: [
      ["plain, host without a secret", spreadText(spread(figures.unscrubbed))],
      ["plain, scrubbed", spreadText(spread(figures.scrubbed))],
      ["gzip, decoded and scrubbed", spreadText(spread(figures.gzip))],
    ],
    targets: [
      {
        text: "scrubbed at 0.85 of the rate or more",
        measured: `${ratio.toFixed(2)}`,
        reached: ratio >= 0.85,
      },
      {
        text: "gzip at 150 MB/s of decoded data or more",
        measured: `${figure(gzip)} MB/s`,
        reached: gzip >= 150,
      },
      {
        text: "memory grows by less than 64 MiB",
        measured: `at most ${figure(growth)} MiB`,
        reached: growth < 64,
      },
    ],
    data: figures,
  };
}

if (import.meta.main) {
  const quick = Deno.args.includes("--quick");
  const sections = [matcherSpeed(quick ? 100 : 400)];
  // The host of the credential it begins with is not used here.
  const product = await startProduct(9);
  try {
    sections.push(await scrubbedTransfers(product, { mebibytes: quick ? 128 : 1024, rounds: quick ? 3 : 9 }));
  } finally {
    await product.end();
  }
  console.log(toMarkdown(thisMachine(quick), sections));
}
