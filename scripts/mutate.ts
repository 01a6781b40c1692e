/**
 * Takes one protection away after the other, in a copy of the sources, and requires that some test fails each time.
 *
 * ```sh
 * deno run -A scripts/mutate.ts              # all of them, some minutes
 * deno run -A scripts/mutate.ts framing      # those whose protection or file holds this word
 * deno run -A scripts/mutate.ts --fit        # only looks whether each edit still fits its source; runs no test
 * ```
 *
 * Exits with 1 if a protection was taken away and no test noticed, or if an edit no longer fits the source. An edit that
 * leaves something that is no program does not fit either: every test would fail, whatever it looks at. So do tests that
 * fail in the copy before anything was taken away, which is why they are run once without any edit.
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
type Verdict = "noticed" | "survived" | "does not fit" | "fits" | "fails anyway";

/** Tests that take longer than this with nothing taken away are not waited for, milliseconds. */
const MOST_MS = 180_000;
/** Tests may hang without their protection, which is noticed, too: when they take so many times as long as with it. */
const SLOWER = 4;
/** Whatever they take with it, milliseconds. */
const LEAST_MS = 20_000;

/** What Deno says of a source that cannot be parsed. */
const NO_PROGRAM = /^error: SyntaxError\b|could not be parsed/m;

/** All of them. */
export const MUTATIONS: readonly Mutation[] = [
  ...DATA_PATH,
  ...ANSWERS,
  ...VAULT_AND_DAEMON,
  ...POLICIES_AND_PEOPLE,
];

/** What tests read of a checkout. */
const COPIED: readonly string[] = [
  ...["deno.json", "deno.lock", "main.ts", "src", "tests", "scripts", "docs", "plugin"],
  ...["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "LICENSE"],
];

/** A copy of the checkout to be edited. */
async function copySources(directory: string): Promise<void> {
  const { success } = await new Deno.Command("cp", {
    args: ["-r", ...COPIED.map((name) => join(ROOT, name)), directory],
  }).output();
  if (!success) throw new Error("cannot copy the sources");
  // Some tests start a program as another user, who must be able to read it.
  await Deno.chmod(directory, 0o755);
}

/** Whether an edit still has exactly one place in its source. */
export async function fits({ file, find }: Mutation): Promise<Verdict> {
  const source = await Deno.readTextFile(join(ROOT, file));
  return source.split(find).length === 2 ? "fits" : "does not fit";
}

/** Edits a copy of the sources and runs tests in it. */
class Trial {
  readonly #directory: string;
  /** How long a list of tests takes in the copy as it is, milliseconds; null if it does not pass. */
  readonly #takes = new Map<string, number | null>();

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Takes one protection away, runs its tests, and puts it back. */
  async verdictOn({ file, find, replace, tests }: Mutation): Promise<Verdict> {
    const path = join(this.#directory, file);
    const source = await Deno.readTextFile(path);
    if (source.split(find).length !== 2) return "does not fit";
    const takes = await this.#timeOf(tests);
    if (takes === null) return "fails anyway";
    await Deno.writeTextFile(path, source.replace(find, () => replace));
    try {
      const { success, stderr } = await this.#run(tests, Math.max(LEAST_MS, SLOWER * takes));
      if (!success && NO_PROGRAM.test(new TextDecoder().decode(stderr))) return "does not fit";
      return success ? "survived" : "noticed";
    } finally {
      await Deno.writeTextFile(path, source);
    }
  }

  async #timeOf(tests: readonly string[]): Promise<number | null> {
    const key = tests.join(" ");
    const known = this.#takes.get(key);
    if (known !== undefined) return known;
    const start = performance.now();
    const { success } = await this.#run(tests, MOST_MS);
    const takes = success ? performance.now() - start : null;
    this.#takes.set(key, takes);
    return takes;
  }

  async #run(tests: readonly string[], mostMs: number): Promise<Deno.CommandOutput> {
    const vectors = Deno.env.get("WISPKEY_TEST_VECTORS");
    return await new Deno.Command(Deno.execPath(), {
      args: ["test", "--quiet", "--no-check", "--fail-fast", "--allow-all", ...tests],
      cwd: this.#directory,
      clearEnv: true,
      env: {
        ...bareEnvironment(),
        NO_COLOR: "1",
        ...(vectors === undefined ? {} : { WISPKEY_TEST_VECTORS: vectors }),
      },
      stdin: "null",
      stdout: "null",
      stderr: "piped",
      signal: AbortSignal.timeout(mostMs),
    }).output();
  }
}

async function main(args: readonly string[]): Promise<number> {
  const words = args.filter((word) => word !== "--fit");
  const onlyFit = args.includes("--fit");
  const chosen = MUTATIONS.filter(({ protection, file }) =>
    words.length === 0 || words.some((word) => protection.includes(word) || file.includes(word))
  );
  const directory = await Deno.makeTempDir({ prefix: "wk-mutate-" });
  const trial = new Trial(directory);
  const left: string[] = [];
  try {
    if (!onlyFit) await copySources(directory);
    for (const [index, mutation] of chosen.entries()) {
      const verdict = onlyFit ? await fits(mutation) : await trial.verdictOn(mutation);
      console.log(
        `${String(index + 1).padStart(3)}/${chosen.length} ${
          verdict.padEnd(12)
        } ${mutation.protection} (${mutation.file})`,
      );
      if (verdict !== "noticed" && verdict !== "fits") {
        left.push(`${verdict}: ${mutation.protection} (${mutation.file})`);
      }
    }
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
  const done = onlyFit ? "edits fit their sources" : "protections are defended by a test";
  console.log(`\n${chosen.length - left.length} of ${chosen.length} ${done}`);
  for (const line of left) console.log(`  ${line}`);
  return left.length === 0 ? 0 : 1;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
