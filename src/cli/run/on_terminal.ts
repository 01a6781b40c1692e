/**
 * Gives a program a terminal of its own where its output passes through us: by `script`, which most systems bring.
 *
 * @module
 */

import { shellQuote } from "../../core/shell_quote.ts";
import type { CliIo } from "../io.ts";

/** A program and its arguments. */
export interface CommandLine {
  /** Path or name. */
  command: string;
  /** Arguments. */
  args: readonly string[];
}

/**
 * The command line that runs a program on a terminal of its own, or the program itself: where we have no terminal that it
 * could miss, or the system has no `script`.
 */
export function asOnTerminal(io: CliIo, command: string, args: readonly string[]): CommandLine {
  const script = io.output.stdout.terminal && io.terminal.interactive ? io.programs.scriptCommand() : null;
  if (script === null) return { command, args };
  if (script.takesArguments) return { command: script.path, args: ["-q", "/dev/null", command, ...args] };
  const line = [command, ...args].map(shellQuote).join(" ");
  return {
    command: script.path,
    args: ["--quiet", "--return", "--flush", "--command", `exec ${line}`, "/dev/null"],
  };
}
