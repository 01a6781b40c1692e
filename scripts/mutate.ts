/**
 * Takes one protection away after the other, in a copy of the sources, and requires that some test fails each time.
 *
 * ```sh
 * deno run -A scripts/mutate.ts              # all of them, some minutes
 * deno run -A scripts/mutate.ts framing      # those whose protection or file holds this word
 * ```
 *
 * Exits with 1 if a protection was taken away and no test noticed, or if an edit no longer fits the source.
 *
 * @module
 */

import { join } from "node:path";
import { bareEnvironment, ROOT } from "./lib/program.ts";
import { ANSWERS } from "./mutations/answers.ts";
import { DATA_PATH } from "./mutations/data_path.ts";
import type { Mutation } from "./mutations/mutation.ts";
import { POLICIES_AND_PEOPLE } from "./mutations/policies_and_people.ts";
import { VAULT_AND_DAEMON } from "./mutations/vault_and_daemon.ts";

/** How one mutation ended. */
type Verdict = "noticed" | "survived" | "does not fit";

/** Tests may hang without their protection; that is noticed, too, milliseconds. */
const MOST_MS = 180_000;

const ALL: readonly Mutation[] = [...DATA_PATH, ...ANSWERS, ...VAULT_AND_DAEMON, ...POLICIES_AND_PEOPLE];

/** A copy of the checkout to be edited. */
async function copySources(directory: string): Promise<void> {
  const { success } = await new Deno.Command("cp", {
    args: [
      "-r",
      ...["deno.json", "deno.lock", "main.ts", "src", "tests", "scripts"].map((name) => join(ROOT, name)),
      directory,
    ],
  }).output();
  if (!success) throw new Error("cannot copy the sources");
}

async function tryMutation(directory: string, { file, find, replace, tests }: Mutation): Promise<Verdict> {
  const path = join(directory, file);
  const source = await Deno.readTextFile(path);
  if (source.split(find).length !== 2) return "does not fit";
  await Deno.writeTextFile(path, source.replace(find, () => replace));
  try {
    const vectors = Deno.env.get("WISPKEY_TEST_VECTORS");
    const { success } = await new Deno.Command(Deno.execPath(), {
      args: ["test", "--quiet", "--no-check", "--fail-fast", "--allow-all", ...tests],
      cwd: directory,
      clearEnv: true,
      env: { ...bareEnvironment(), ...(vectors === undefined ? {} : { WISPKEY_TEST_VECTORS: vectors }) },
      stdin: "null",
      stdout: "null",
      stderr: "null",
      signal: AbortSignal.timeout(MOST_MS),
    }).output();
    return success ? "survived" : "noticed";
  } finally {
    await Deno.writeTextFile(path, source);
  }
}

async function main(words: readonly string[]): Promise<number> {
  const chosen = ALL.filter(({ protection, file }) =>
    words.length === 0 || words.some((word) => protection.includes(word) || file.includes(word))
  );
  const directory = await Deno.makeTempDir({ prefix: "wk-mutate-" });
  const left: string[] = [];
  try {
    await copySources(directory);
    for (const [index, mutation] of chosen.entries()) {
      const verdict = await tryMutation(directory, mutation);
      console.log(
        `${String(index + 1).padStart(3)}/${chosen.length} ${
          verdict.padEnd(12)
        } ${mutation.protection} (${mutation.file})`,
      );
      if (verdict !== "noticed") left.push(`${verdict}: ${mutation.protection} (${mutation.file})`);
    }
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
  console.log(`\n${chosen.length - left.length} of ${chosen.length} protections are defended by a test`);
  for (const line of left) console.log(`  ${line}`);
  return left.length === 0 ? 0 : 1;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
