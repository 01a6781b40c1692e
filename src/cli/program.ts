/**
 * The command line as a whole: arguments in, exit code out. Errors end here and nowhere else.
 *
 * @module
 */

import { ExitCode } from "../core/errors.ts";
import { VERSION } from "../core/version.ts";
import type { Backend } from "./backend.ts";
import { COMMANDS } from "./commands.ts";
import { commandHelp, groupHelp, helpWidth, programHelp } from "./help.ts";
import type { CliIo, Files, Interrupt, Programs, Terminal } from "./io.ts";
import { Output, type Sink } from "./output.ts";
import { type GlobalOptions, type Invocation, parseCommandLine, wantsJson } from "./parse.ts";

/** What the program is joined to. `real.ts` gives the operating system; tests give stand-ins. */
export interface Surroundings {
  /** The two output streams, colour decided by `noColor` and the environment. */
  sinks(noColor: boolean): { stdout: Sink; stderr: Sink };
  /** Questions to the person. */
  readonly terminal: Terminal;
  /** Files and standard input. */
  readonly files: Files;
  /** Programs to be run. */
  readonly programs: Programs;
  /** Directory of the vault, absolute. */
  vaultDir(): string;
  /** The vault and its daemon; their code is loaded only when a command calls them. */
  backend(vaultDir: string): Backend;
  /** Starts logging as the options and the environment say. */
  startLogging(globals: GlobalOptions): Promise<void>;
  /** An environment variable; undefined if it is unset or empty. */
  env(name: string): string | undefined;
  /** Wall time, ms since the epoch. */
  now(): number;
  /** Takes Ctrl-C over until released. */
  catchInterrupt(): Interrupt;
  /** Closes this process to other programs of the same user; before a password or a key is used in it. */
  harden(): Promise<void>;
}

/**
 * Runs one command line.
 *
 * @param argv arguments without the program's own name
 * @returns the exit code; every error has been printed
 */
export async function runProgram(argv: readonly string[], around: Surroundings): Promise<ExitCode> {
  let output = makeOutput(around, {
    format: wantsJson(argv) ? "json" : "text",
    quiet: false,
    noColor: false,
  });
  let debug = false;
  try {
    const invocation = parseCommandLine(argv, COMMANDS);
    output = makeOutput(around, invocation.globals);
    debug = invocation.globals.logLevel === "debug";
    return await runInvocation(invocation, around, output);
  } catch (error) {
    const { exit_code } = await output.error(error);
    if (debug && error instanceof Error) await output.stderr.write(`${error.stack ?? ""}\n`);
    return exit_code as ExitCode;
  }
}

async function runInvocation(
  invocation: Invocation,
  around: Surroundings,
  output: Output,
): Promise<ExitCode> {
  const { globals, command, group, args } = invocation;
  if (globals.version) {
    await output.stdout.write(`wispkey ${VERSION}\n`);
    return ExitCode.done;
  }
  if (command === undefined) {
    // Asked for, help is the result; otherwise it says what was called wrongly.
    const sink = globals.help ? output.stdout : output.stderr;
    const width = helpWidth(sink);
    await sink.write(group.length === 0 ? programHelp(COMMANDS, width) : groupHelp(group, COMMANDS, width));
    return globals.help ? ExitCode.done : ExitCode.usage;
  }
  if (args === undefined) {
    await output.stdout.write(commandHelp(command, helpWidth(output.stdout)));
    return ExitCode.done;
  }
  await around.startLogging(globals);
  const io = makeIo(around, globals, output);
  const verb = await command.load();
  return await verb.run(verb.parse(args, io), io);
}

function makeOutput(
  around: Surroundings,
  options: Pick<GlobalOptions, "format" | "quiet" | "noColor">,
): Output {
  const { stdout, stderr } = around.sinks(options.noColor);
  return new Output(stdout, stderr, options);
}

function makeIo(
  around: Surroundings,
  globals: GlobalOptions,
  output: Output,
): CliIo {
  const { terminal, files, programs } = around;
  // Some commands have no use for a vault, and work where there is no place for one.
  let vaultDir: string | undefined;
  let backend: Backend | undefined;
  const directory = () => vaultDir ??= around.vaultDir();
  return {
    globals,
    output,
    terminal,
    files,
    programs,
    get vaultDir() {
      return directory();
    },
    get backend() {
      return backend ??= around.backend(directory());
    },
    env: (name) => around.env(name),
    now: () => around.now(),
    catchInterrupt: () => around.catchInterrupt(),
    harden: () => around.harden(),
  };
}
