/**
 * Runs the tests, each group with the permissions it needs and no others, and ends with `N passed, N failed`.
 *
 * ```sh
 * deno task test                            # everything, reduced sizes
 * deno task test core proxy                 # two groups
 * deno task test tests/core/token_test.ts   # one file, with its group's permissions
 * deno task test --soak                     # everything, full sizes
 * ```
 *
 * @module
 */

import { join, relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import { SEED_VARIABLE, SIZE_VARIABLES, TEST_GROUPS, type TestGroup } from "./test/groups.ts";
import { type GroupResult, runGroup } from "./test/run_group.ts";

/** A group with the files of it that were asked for; none = all. */
export interface Selection {
  /** The group. */
  readonly group: TestGroup;
  /** Paths relative to the checkout. */
  readonly only: readonly string[];
}

function groupOf(path: string): TestGroup | undefined {
  return TEST_GROUPS.find((group) =>
    group.paths.some((owned) => path === owned || path.startsWith(`${owned}/`))
  );
}

/**
 * Chooses groups from the words of the command line: names of groups, or paths under `tests/`.
 *
 * @throws {Error} if a word is neither.
 */
export function selectGroups(words: readonly string[]): Selection[] {
  if (words.length === 0) return TEST_GROUPS.map((group) => ({ group, only: [] }));
  const chosen = new Map<TestGroup, string[]>();
  for (const word of words) {
    const path = word.replace(/^\.\//, "").replace(/\/$/, "");
    const named = TEST_GROUPS.find((group) => group.name === word || group.paths.includes(path));
    const group = named ?? groupOf(path);
    if (group === undefined) {
      const names = TEST_GROUPS.map(({ name }) => name).join(", ");
      throw new Error(`cannot choose tests: '${word}' is no group (${names}) and no path under tests/`);
    }
    const only = chosen.get(group) ?? [];
    chosen.set(group, named === undefined ? [...only, path] : only);
  }
  return [...chosen].map(([group, only]) => ({ group, only }));
}

/** Test files that no group owns; such a file would silently never run. */
export function orphanedTests(root: string, directory = join(root, "tests")): string[] {
  const orphans: string[] = [];
  for (const entry of Deno.readDirSync(directory)) {
    const path = join(directory, entry.name);
    if (entry.isDirectory) orphans.push(...orphanedTests(root, path));
    else if (/_test\.tsx?$/.test(entry.name)) {
      const name = relative(root, path).replaceAll("\\", "/");
      if (groupOf(name) === undefined) orphans.push(name);
    }
  }
  return orphans.sort();
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    // Not there, or not ours to read: either way there is nothing to run.
    return false;
  }
}

function print(name: string, result: GroupResult): void {
  const ignored = result.ignored > 0 ? `, ${result.ignored} ignored` : "";
  const seconds = (result.milliseconds / 1000).toFixed(1);
  console.log(`${name.padEnd(10)} ${result.passed} passed, ${result.failed} failed${ignored} (${seconds} s)`);
  for (const reason of result.ignoredNames) console.log(`           ignored: ${reason}`);
  for (const complaint of result.complaints) console.log(`           failed: ${name} ${complaint}`);
}

async function main(): Promise<number> {
  const root = resolve(import.meta.dirname ?? ".", "..");
  const { values, positionals } = parseArgs({
    args: Deno.args,
    allowPositionals: true,
    options: { soak: { type: "boolean", default: false }, verbose: { type: "boolean", default: false } },
  });
  const selections = selectGroups(positionals);
  const vectors = Deno.env.get("WISPKEY_TEST_VECTORS");
  if (vectors === undefined) {
    console.log("WISPKEY_TEST_VECTORS is not set: the tests that replay published vector files are left out");
  }
  const sizes = [...Object.entries(SIZE_VARIABLES), [SEED_VARIABLE, undefined] as const].flatMap(
    ([name, full]) => {
      const value = Deno.env.get(name) ?? (values.soak ? full : undefined);
      return value === undefined ? [] : [[name, value] as const];
    },
  );
  const total = { passed: 0, failed: 0 };
  if (positionals.length === 0) {
    for (const orphan of orphanedTests(root)) {
      total.failed++;
      console.log(`failed: ${orphan} belongs to no group of scripts/test/groups.ts`);
    }
  }
  const runDirectory = await Deno.makeTempDir({ prefix: "wk-" });
  try {
    for (const { group, only } of selections) {
      if (!group.paths.some((path) => exists(join(root, path)))) continue;
      const result = await runGroup(group, {
        root,
        runDirectory,
        vectors: vectors === undefined ? null : resolve(vectors),
        only,
        variables: Object.fromEntries(sizes),
        timeoutMs: group.seconds * 1000 * (values.soak ? 20 : 1),
        verbose: values.verbose,
      });
      if (result.failed > 0 && !values.verbose) console.log(result.output);
      print(group.name, result);
      total.passed += result.passed;
      total.failed += result.failed;
    }
  } finally {
    await Deno.remove(runDirectory, { recursive: true });
  }
  console.log(`${total.passed} passed, ${total.failed} failed`);
  return total.failed > 0 || total.passed === 0 ? 1 : 0;
}

if (import.meta.main) Deno.exit(await main());
