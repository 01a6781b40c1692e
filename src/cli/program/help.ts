/**
 * `wispkey help`.
 *
 * @module
 */

import { ExitCode, UsageError } from "../../core/errors.ts";
import { COMMANDS } from "../commands.ts";
import { commandHelp, groupHelp, helpWidth, programHelp } from "../help.ts";
import { parseCommandLine } from "../parse.ts";
import type { Verb } from "../spec.ts";

/** Shows help, for all or for one command. */
export const help: Verb<{ words: readonly string[] }> = {
  parse(args) {
    return { words: args.rest(0) };
  },

  async run({ words }, io) {
    await io.output.stdout.write(helpFor(words, helpWidth(io.output.stdout)));
    return ExitCode.done;
  },
};

/**
 * Help for some words: none, a group's, a command's.
 *
 * @throws {UsageError} `unknown_command`, with a suggestion.
 */
export function helpFor(words: readonly string[], width?: number): string {
  if (words.length === 0) return programHelp(COMMANDS, width);
  const { command, group } = parseCommandLine(["--help", ...words], COMMANDS);
  if (command === undefined) return groupHelp(group, COMMANDS, width);
  if (command.path.length === words.length) return commandHelp(command, width);
  throw new UsageError(`cannot show help: 'wispkey ${command.path.join(" ")}' has no commands below it`, {
    code: "unknown_command",
    hint: `wispkey help ${command.path.join(" ")}`,
  });
}
