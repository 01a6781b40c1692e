/**
 * How long commands take from their start to their end.
 *
 * @module
 */

import { join } from "node:path";
import { bareEnvironment, run } from "../../scripts/lib/program.ts";
import { spreadText } from "./format.ts";
import type { Product } from "./product.ts";
import type { Section } from "./report.ts";
import { ratios, spread } from "./statistics.ts";

/** Measures `version` and `list` against a Deno program that does nothing, and `unlock`. */
export async function commandTimes(product: Product, rounds: number): Promise<Section> {
  const directory = await Deno.makeTempDir({ prefix: "wk-bench-" });
  const empty = join(directory, "empty.ts");
  await Deno.writeTextFile(empty, "");
  const ways: Record<string, () => Promise<unknown>> = {
    "empty Deno program": () =>
      run(Deno.execPath(), ["run", "--no-prompt", empty], { env: bareEnvironment() }),
    "wispkey version": () => product.command("version"),
    "wispkey list": () => product.command("list"),
  };
  const times: Record<string, number[]> = {};
  const timed = async (name: string, work: () => Promise<unknown>) => {
    const started = performance.now();
    await work();
    (times[name] ??= []).push(performance.now() - started);
  };
  try {
    // Once unmeasured: the first start of a program compiles it into Deno's cache.
    for (const work of Object.values(ways)) await work();
    for (let round = 0; round < rounds; round++) {
      for (const [name, work] of Object.entries(ways)) await timed(name, work);
    }
    for (let round = 0; round < Math.ceil(rounds / 3); round++) {
      await timed("wispkey unlock", () => product.command("unlock"));
    }
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
  const against = times["empty Deno program"] ?? [];
  return {
    title: "Commands",
    method:
      "Wall-clock time of whole processes from source, taking turns. `list` asks the running daemon; `unlock` derives " +
      "the key (Argon2id, 64 MiB, three passes), starts a fresh daemon and waits until it serves.",
    columns: ["command", "ms", "against an empty program"],
    rows: Object.entries(times).map((
      [name, values],
    ) => [name, spreadText(spread(values)), spreadText(spread(ratios(values, against)))]),
    targets: [],
    data: times,
  };
}
