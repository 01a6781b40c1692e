/**
 * Builds one executable for each platform into `dist/`, with the permissions of the program compiled in, and writes
 * `SHA256SUMS` beside them.
 *
 * ```sh
 * deno task compile                            # all five
 * deno task compile x86_64-unknown-linux-gnu   # one
 * ```
 *
 * Deno fetches the runtime of each platform once. `DENORT_BIN` names another base, as for `deno compile` itself.
 *
 * @module
 */

import { join, resolve } from "node:path";
import { compileArguments, type Target, TARGETS } from "./compile/targets.ts";

const ROOT = resolve(import.meta.dirname ?? ".", "..");

/**
 * Builds executables.
 *
 * @returns the lines of `SHA256SUMS`, in the order of the targets
 * @throws {Error} if one cannot be built.
 */
export async function compile(targets: readonly Target[], directory: string): Promise<string[]> {
  await Deno.mkdir(directory, { recursive: true });
  const sums: string[] = [];
  for (const target of targets) {
    const output = join(directory, target.file);
    const child = new Deno.Command(Deno.execPath(), {
      args: compileArguments(target, output, join(ROOT, "main.ts")),
      cwd: ROOT,
      stdin: "null",
      stdout: "inherit",
      stderr: "inherit",
    }).spawn();
    const { code } = await child.status;
    if (code !== 0) throw new Error(`cannot build ${target.file}: deno compile ended with exit code ${code}`);
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", await Deno.readFile(output)));
    sums.push(`${digest.toHex()}  ${target.file}`);
  }
  await Deno.writeTextFile(join(directory, "SHA256SUMS"), sums.map((line) => `${line}\n`).join(""));
  return sums;
}

/**
 * Chooses targets by triple or file name; no word = all.
 *
 * @throws {Error} if a word is neither.
 */
export function selectTargets(words: readonly string[]): Target[] {
  if (words.length === 0) return [...TARGETS];
  return words.map((word) => {
    const target = TARGETS.find(({ triple, file }) => word === triple || word === file);
    if (target === undefined) {
      throw new Error(
        `cannot build for '${word}': it is none of ${TARGETS.map(({ triple }) => triple).join(", ")}`,
      );
    }
    return target;
  });
}

if (import.meta.main) {
  try {
    for (const line of await compile(selectTargets(Deno.args), join(ROOT, "dist"))) console.log(line);
  } catch (error) {
    console.error(`error: ${error instanceof Error ? error.message : error}`);
    Deno.exitCode = 1;
  }
}
