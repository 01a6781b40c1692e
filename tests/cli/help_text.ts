/**
 * All help of the program in one text. Run as a program it writes `help.txt` anew, after a change that is meant:
 *
 * ```sh
 * deno run --allow-write=tests/cli/help.txt tests/cli/help_text.ts
 * ```
 *
 * @module
 */

import { COMMANDS } from "../../src/cli/commands.ts";
import { helpFor } from "../../src/cli/program/help.ts";

/** Where the text that was agreed on lies. */
export const SNAPSHOT: URL = new URL("help.txt", import.meta.url);

/** Help of the program, of each group and of each command, under a line that says how it is asked for. */
export function allHelp(): string {
  const groups = new Set(COMMANDS.filter(({ path }) => path.length > 1).map(({ path }) => path[0] ?? ""));
  const subjects = [[], ...[...groups].map((group) => [group]), ...COMMANDS.map(({ path }) => path)];
  return subjects.map((words) => `$ ${["wispkey", "help", ...words].join(" ")}\n${helpFor(words)}`).join(
    "\n",
  );
}

if (import.meta.main) await Deno.writeTextFile(SNAPSHOT, allHelp());
