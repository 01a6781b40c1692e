/**
 * `wispkey guard` as a process.
 *
 * @module
 */

import { ExitCode, WispKeyError } from "../core/errors.ts";
import { readBounded } from "../platform/read_file.ts";
import { guard } from "./guard.ts";
import { type GuardOptions, readOptions } from "./options.ts";

/** A hook's input larger than this is not judged, bytes. */
const LARGEST_INPUT = 8 * 1024 * 1024;

/** Reads a hook's input from standard input, answers on standard output; resolves with the exit code. */
export async function guardMain(args: readonly string[]): Promise<number> {
  let options: GuardOptions;
  try {
    options = readOptions(args);
  } catch (error) {
    if (!(error instanceof WispKeyError)) throw error;
    await write(Deno.stderr, `wispkey: ${error.message}\nhint: ${error.hint ?? ""}\n`);
    return ExitCode.usage;
  }
  const bytes = await readBounded(Deno.stdin, LARGEST_INPUT);
  const answer = await guard(
    bytes === null ? null : new TextDecoder().decode(bytes),
    options,
    async (texts) => {
      const { askVault } = await import("./ask_vault.ts");
      return await askVault(texts);
    },
  );
  await write(Deno.stderr, answer.stderr);
  await write(Deno.stdout, answer.stdout);
  return answer.code;
}

async function write(to: { write(bytes: Uint8Array): Promise<number> }, text: string): Promise<void> {
  const bytes = new TextEncoder().encode(text);
  for (let sent = 0; sent < bytes.length;) sent += await to.write(bytes.subarray(sent));
}
