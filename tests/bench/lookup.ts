/**
 * Finding a token among many credentials, in the index of an open vault.
 *
 * @module
 */

import { join } from "node:path";
import { utf8, wipe } from "../../src/core/bytes.ts";
import { VaultKeyring } from "../../src/daemon/keyring.ts";
import { Vault } from "../../src/vault/mod.ts";
import { figure, spreadText } from "./format.ts";
import type { Section } from "./report.ts";
import { ratios, spread } from "./statistics.ts";

interface Filled {
  vault: Vault;
  keyring: VaultKeyring;
  tokens: string[];
  /** Time to read all rows into the index, milliseconds. */
  indexMs: number;
}

/** A vault with so many credentials. Each is added as a person would, durably, which takes most of the bench's time. */
async function fill(directory: string, count: number): Promise<Filled> {
  const vault = await Vault.create(join(directory, String(count)), utf8("bench only: correct horse battery"));
  const [project] = vault.projects.list();
  const [partition] = project === undefined ? [] : vault.partitions.list(project.id);
  if (project === undefined || partition === undefined) throw new Error("a new vault has no project");
  const tokens: string[] = [];
  for (let index = 0; index < count; index++) {
    const draft = {
      name: `key ${index}`,
      description: "",
      type: "bearer_token" as const,
      place: null,
      hosts: ["api.example.com"],
      tags: [],
      projectId: project.id,
      partitionId: partition.id,
    };
    tokens.push(vault.credentials.add(draft, utf8(`secret ${index}`)).token);
  }
  const started = performance.now();
  const keyring = new VaultKeyring(vault, { check: () => true, touch: () => true });
  return { vault, keyring, tokens, indexMs: performance.now() - started };
}

/** Nanoseconds to find a token and to open its value, over `lookups` picks from `tokens` in turn. */
function lookUp(
  keyring: VaultKeyring,
  tokens: readonly string[],
  lookups: number,
): { find: number; open: number } {
  // A prime step, so that neighbours in the index are not asked for one after the other.
  const chosen = Array.from({ length: lookups }, (_, index) => tokens[(index * 7919) % tokens.length] ?? "");
  let started = performance.now();
  const matches = chosen.map((token) => keyring.find(token));
  const find = (performance.now() - started) * 1e6 / lookups;
  started = performance.now();
  for (const match of matches) {
    if (match.kind !== "live") throw new Error("a token was not found");
    wipe(keyring.openValue(match.credential));
  }
  return { find, open: (performance.now() - started) * 1e6 / lookups };
}

/** Measures with ten credentials and with `many`, taking turns. */
export async function tokenLookup(
  sizes: { many: number; rounds: number; lookups: number },
): Promise<Section> {
  // In memory where there is such a place: the figures are of lookups, not of the disk.
  const memory = Deno.build.os === "linux" ? { dir: "/dev/shm" } : {};
  const directory = await Deno.makeTempDir({ prefix: "wk-bench-", ...memory });
  const vaults: Filled[] = [];
  try {
    const few = await fill(directory, 10);
    vaults.push(few);
    const many = await fill(directory, sizes.many);
    vaults.push(many);
    const ten = Array.from(
      { length: 10 },
      (_, index) => many.tokens[Math.floor(index * sizes.many / 10)] ?? "",
    );
    const cases = [
      { name: "10", ...few, find: [] as number[], open: [] as number[] },
      {
        name: `${figure(sizes.many)}, ten of them used`,
        ...many,
        tokens: ten,
        find: [] as number[],
        open: [] as number[],
      },
      {
        name: `${figure(sizes.many)}, all used in turn`,
        ...many,
        find: [] as number[],
        open: [] as number[],
      },
    ];
    // One round unmeasured, until the engine has compiled what is hot.
    for (let round = -1; round < sizes.rounds; round++) {
      for (const one of cases) {
        const { find, open } = lookUp(one.keyring, one.tokens, sizes.lookups);
        if (round < 0) continue;
        one.find.push(find);
        one.open.push(open);
      }
    }
    const whole = (index: number) =>
      (cases[index]?.find ?? []).map((find, at) => find + (cases[index]?.open[at] ?? 0));
    const ratio = spread(ratios(whole(1), whole(0)));
    return {
      title: "Token lookup",
      method:
        `Finding a token in the daemon's index and opening its value, ${sizes.lookups} times a round, ` +
        `${sizes.rounds} rounds taking turns. Using all credentials in turn also measures the processor's caches. ` +
        "The index is read once, at unlock.",
      columns: ["credentials", "find ns", "open ns", "reading the index ms"],
      rows: cases.map((
        { name, find, open, indexMs },
      ) => [name, spreadText(spread(find)), spreadText(spread(open)), figure(indexMs)]),
      targets: [{
        text: `with ${
          figure(sizes.many)
        } credentials no slower than with 10, find and open together (within a tenth)`,
        measured: `${ratio.median.toFixed(2)} times`,
        reached: ratio.median <= 1.1,
      }],
      data: cases.map(({ name, find, open, indexMs }) => ({ name, find, open, indexMs })),
    };
  } finally {
    for (const { vault } of vaults) vault.close();
    await Deno.remove(directory, { recursive: true });
  }
}
