/**
 * How a command is described: one table from which parsing, help, completions and suggestions are made, so that
 * they cannot disagree. The code of a verb is loaded only when it runs.
 *
 * @module
 */

import type { Arguments } from "./arguments.ts";
import type { CliIo } from "./io.ts";
import type { ExitCode } from "../core/errors.ts";

/** Kinds of names that the open vault knows. */
export const NAME_KINDS = ["credential", "partition", "project"] as const;

/** One of {@linkcode NAME_KINDS}. */
export type NameKind = typeof NAME_KINDS[number];

/** What a shell may offer: paths, a program with its arguments, words of our own commands, or names in the vault. */
export type Completion = "file" | "program" | "command" | NameKind;

/** One option of a command. */
export interface OptionSpec {
  /** `flag` takes no value; `list` is comma separated and may be given more than once. */
  readonly type: "flag" | "text" | "integer" | "list";
  /** One line for the help. */
  readonly description: string;
  /** Name of the value in the help, upper case; required unless `type` is `flag`. */
  readonly metavar?: string;
  /** One-letter form, without its dash. */
  readonly short?: string;
  /** Values it takes; none = any. */
  readonly choices?: readonly string[];
  /** What holds if it is not given, for the help. */
  readonly default?: string;
  /** Environment variable that stands in for it, for the help. */
  readonly env?: string;
  /** Least allowed integer. */
  readonly min?: number;
  /** Greatest allowed integer. */
  readonly max?: number;
  /** Whether a separate value may begin with `-` even if it reads like an option (secrets do). */
  readonly hyphenValue?: boolean;
  /** What a shell may offer as its value. */
  readonly complete?: Completion;
}

/** One positional argument. */
export interface PositionalSpec {
  /** Upper case, as shown in the usage line. */
  readonly name: string;
  /** One line for the help. */
  readonly description: string;
  /** Whether it may be left out. */
  readonly optional?: boolean;
  /** Values it takes; none = any. */
  readonly choices?: readonly string[];
  /** What a value is called when it is not among `choices`: `setting`. */
  readonly noun?: string;
  /** What a shell may offer. */
  readonly complete?: Completion;
  /** Whether it takes all remaining arguments. Only the last one may. */
  readonly rest?: boolean;
}

/** A worked example in the help. */
export interface Example {
  /** The line as typed. */
  readonly line: string;
  /** What it does. */
  readonly note: string;
}

/** What a verb's module exports: arguments become typed options, options run. */
export interface Verb<Options> {
  /** Checks and converts the arguments before anything is opened. */
  parse(args: Arguments, io: CliIo): Options;
  /** Does it. Resolves with the exit code; errors are thrown. */
  run(options: Options, io: CliIo): Promise<ExitCode>;
}

/** One command. */
export interface CommandSpec {
  /** Its words: `["config", "set"]`. */
  readonly path: readonly string[];
  /** Heading under which `wispkey --help` lists it. */
  readonly group: string;
  /** One line. */
  readonly summary: string;
  /** More, if one line is not enough. */
  readonly description?: string;
  /** Positional arguments in order. */
  readonly positionals: readonly PositionalSpec[];
  /** Options by long name. */
  readonly options: Readonly<Record<string, OptionSpec>>;
  /** At least one. */
  readonly examples: readonly Example[];
  /** Exit codes besides 0 and 2 that deserve a word: code and when. */
  readonly exits: readonly (readonly [code: number, when: string])[];
  /** Loads the verb. The import must be a string literal, so that bundling and compiling see it. */
  readonly load: () => Promise<Verb<unknown>>;
}

/** Options that every command takes, before or after its words. */
export const GLOBAL_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  format: {
    type: "text",
    metavar: "FORMAT",
    choices: ["text", "json"],
    default: "text",
    description: "what to print on stdout",
  },
  json: { type: "flag", description: "short for --format json" },
  quiet: { type: "flag", short: "q", description: "print results and errors only" },
  yes: { type: "flag", short: "y", description: "answer yes to confirmations" },
  "no-color": { type: "flag", env: "NO_COLOR", description: "no colours" },
  "log-level": {
    type: "text",
    metavar: "LEVEL",
    choices: ["debug", "info", "warn", "error", "off"],
    default: "off",
    env: "WISPKEY_LOG",
    description: "how much to log",
  },
  "log-file": {
    type: "text",
    metavar: "PATH",
    complete: "file",
    description: "log to this file, not to stderr",
  },
  help: { type: "flag", short: "h", description: "show help" },
  version: { type: "flag", short: "V", description: "show the version" },
};

/** The words of a command as typed: `config set`. */
export function commandName(command: CommandSpec): string {
  return command.path.join(" ");
}
