/**
 * Reads a command line against the table of commands. `node:util` cuts it into tokens; what the tokens mean is decided
 * here. Messages repeat a word of the command line only where it has the shape of a name, because a misplaced secret may
 * stand anywhere in it.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { UsageError } from "../core/errors.ts";
import { Arguments } from "./arguments.ts";
import { commandName, type CommandSpec, GLOBAL_OPTIONS, type OptionSpec } from "./spec.ts";
import { nearest } from "./suggest.ts";

/** Options that hold for every command. */
export interface GlobalOptions {
  /** What stdout carries. */
  format: "text" | "json";
  /** Results and errors only. */
  quiet: boolean;
  /** Confirmations are answered with yes. */
  yes: boolean;
  /** Colour was forbidden by option (the environment is judged elsewhere). */
  noColor: boolean;
  /** Level of the log, if given. */
  logLevel: string | undefined;
  /** File of the log, if given. */
  logFile: string | undefined;
  /** Help was asked for. */
  help: boolean;
  /** The version was asked for. */
  version: boolean;
}

/** A command line, understood. */
export interface Invocation {
  /** The options every command takes. */
  globals: GlobalOptions;
  /** The command; undefined if none was named. */
  command: CommandSpec | undefined;
  /** Words of a group (`config`) that were named without a verb. */
  group: readonly string[];
  /** The command's own arguments; undefined if there is no command, or help or the version was asked for. */
  args: Arguments | undefined;
}

/**
 * Parses a command line.
 *
 * @param argv without the program's own name
 * @throws {UsageError} with a suggestion where one is near.
 */
export function parseCommandLine(argv: readonly string[], commands: readonly CommandSpec[]): Invocation {
  const { words, indexes } = commandWords(argv, commands);
  const command = findCommand(words, commands);
  const remaining = argv.filter((_, index) => !indexes.includes(index));
  const own = command?.options ?? {};
  const specs = { ...GLOBAL_OPTIONS, ...own };
  const helpHint = ["wispkey", ...words, "--help"].join(" ");
  const { options, positionals } = readTokens(remaining, specs, helpHint);
  const globals = readGlobals(options);
  const invocation = { globals, command, group: command === undefined ? words : [] };
  if (command === undefined || globals.help || globals.version) return { ...invocation, args: undefined };
  const [first] = positionals;
  const isNoun = commands.some((each) => each !== command && words.every((word, i) => each.path[i] === word));
  // `approvals` takes no argument, so what follows it was meant as a verb.
  if (first !== undefined && isNoun && command.positionals.length === 0) {
    findCommand([...words, first], commands);
  }
  checkPositionals(command, positionals, helpHint);
  const declared = new Set(Object.keys(own));
  return { ...invocation, args: new Arguments(options, declared, positionals) };
}

/** Whether these arguments ask for JSON, judged without parsing, for errors of the parsing itself. */
export function wantsJson(argv: readonly string[]): boolean {
  const end = argv.indexOf("--");
  const options = end < 0 ? argv : argv.slice(0, end);
  return options.some((arg, i) =>
    arg === "--json" || arg === "--format=json" || (arg === "--format" && options[i + 1] === "json")
  );
}

function tokensOf(argv: readonly string[], specs: Readonly<Record<string, OptionSpec>>) {
  const options: Record<string, { type: "boolean" | "string"; short?: string }> = {};
  for (const [name, spec] of Object.entries(specs)) {
    options[name] = { type: spec.type === "flag" ? "boolean" : "string" };
    if (spec.short !== undefined) options[name].short = spec.short;
  }
  return parseArgs({ args: [...argv], options, strict: false, allowPositionals: true, tokens: true }).tokens;
}

/** What earlier builds had and this one has not: who looks for it learns what takes its place. */
const ABSENT = {
  word: "cloud",
  message: "unknown command 'cloud': nothing here leaves this machine, so there is no cloud to log in to",
  hint: "to carry credentials to another machine: wispkey project export --help",
};

/** The leading words that name a command or a group, and where they stand. */
function commandWords(
  argv: readonly string[],
  commands: readonly CommandSpec[],
): { words: string[]; indexes: number[] } {
  const words: string[] = [];
  const indexes: number[] = [];
  for (const token of tokensOf(argv, GLOBAL_OPTIONS)) {
    if (token.kind === "option-terminator") break;
    if (token.kind === "option") {
      // An option of the command itself ends its words: `config --x set` is no way to write `config set --x`.
      if (!Object.hasOwn(GLOBAL_OPTIONS, token.name)) break;
      continue;
    }
    const next = [...words, token.value];
    const fits = commands.some((command) => next.every((word, i) => command.path[i] === word));
    if (!fits && words.length > 0 && findExact(words, commands) !== undefined) break;
    words.push(token.value);
    indexes.push(token.index);
    if (!fits) break;
  }
  return { words, indexes };
}

function findExact(words: readonly string[], commands: readonly CommandSpec[]): CommandSpec | undefined {
  return commands.find((command) =>
    command.path.length === words.length && command.path.every((word, i) => word === words[i])
  );
}

function findCommand(words: readonly string[], commands: readonly CommandSpec[]): CommandSpec | undefined {
  const exact = findExact(words, commands);
  if (exact !== undefined || words.length === 0) return exact;
  const group = words.slice(0, -1);
  const isGroup = commands.some((command) => words.every((word, i) => command.path[i] === word));
  if (isGroup) return undefined;
  const siblings = commands.filter((command) => group.every((word, i) => command.path[i] === word))
    .map((command) => command.path[group.length]).filter((word) => word !== undefined);
  const typed = words.at(-1) ?? "";
  if (words[0] === ABSENT.word) throw usage(ABSENT.message, "unknown_command", ABSENT.hint);
  const meant = nearest(typed, siblings);
  const shown = isNameShaped(typed) ? ` '${[...group, typed].join(" ")}'` : "";
  const prefix = ["wispkey", ...group].join(" ");
  throw new UsageError(
    `unknown command${shown}: ${
      meant === undefined ? "there is none of that name" : `did you mean '${meant}'?`
    }`,
    { code: "unknown_command", hint: meant === undefined ? `${prefix} --help` : `${prefix} ${meant} --help` },
  );
}

function readTokens(
  argv: readonly string[],
  specs: Readonly<Record<string, OptionSpec>>,
  hint: string,
): { options: Map<string, true | string[]>; positionals: string[] } {
  const options = new Map<string, true | string[]>();
  const positionals: string[] = [];
  for (const token of tokensOf(argv, specs)) {
    if (token.kind === "positional") positionals.push(token.value);
    if (token.kind !== "option") continue;
    const spec = Object.hasOwn(specs, token.name) ? specs[token.name] : undefined;
    if (spec === undefined) throw unknownOption(token.name, token.rawName, Object.keys(specs), hint);
    if (spec.type === "flag") {
      if (token.value !== undefined) {
        throw usage(
          `invalid --${token.name}: it takes no value`,
          "invalid_option",
          hint,
        );
      }
      options.set(token.name, true);
      continue;
    }
    const value = checkValue(token.name, spec, token.value, token.inlineValue === true, specs, hint);
    const earlier = options.get(token.name);
    if (earlier === undefined || earlier === true) options.set(token.name, [value]);
    else if (spec.type === "list") earlier.push(value);
    else throw usage(`invalid --${token.name}: it was given twice`, "invalid_option", hint);
  }
  return { options, positionals };
}

function checkValue(
  name: string,
  spec: OptionSpec,
  value: string | undefined,
  inline: boolean,
  specs: Readonly<Record<string, OptionSpec>>,
  hint: string,
): string {
  const metavar = spec.metavar ?? "VALUE";
  if (value === undefined) {
    throw usage(`invalid --${name}: it needs a value, --${name} ${metavar}`, "invalid_option", hint);
  }
  if (
    !inline && spec.hyphenValue !== true && value.startsWith("--") && Object.hasOwn(specs, value.slice(2))
  ) {
    throw usage(
      `invalid --${name}: it needs a value, and ${value} is an option (--${name}=${value} would take it as the value)`,
      "invalid_option",
      hint,
    );
  }
  if (spec.choices !== undefined && !spec.choices.includes(value)) {
    const meant = nearest(value, spec.choices);
    throw usage(
      `invalid --${name}: it takes ${spec.choices.join(", ")}` +
        (meant === undefined ? "" : `; did you mean ${meant}?`),
      "invalid_option",
      hint,
    );
  }
  if (spec.type === "integer") checkInteger(name, spec, value, hint);
  return value;
}

function checkInteger(name: string, spec: OptionSpec, value: string, hint: string): void {
  const min = spec.min ?? 0;
  const max = spec.max ?? Number.MAX_SAFE_INTEGER;
  const number = /^\d{1,15}$/.test(value) ? Number(value) : NaN;
  if (number >= min && number <= max) return;
  const range = spec.max === undefined ? `of at least ${min}` : `from ${min} to ${max}`;
  throw usage(`invalid --${name}: it takes a whole number ${range}`, "invalid_option", hint);
}

function unknownOption(name: string, rawName: string, known: readonly string[], hint: string): UsageError {
  const meant = name.length > 1 ? nearest(name, known) : undefined;
  const shown = isNameShaped(name) ? ` ${rawName}` : "";
  const why = meant === undefined ? "this command has none of that name" : `did you mean --${meant}?`;
  return usage(`unknown option${shown}: ${why}`, "unknown_option", hint);
}

function checkPositionals(command: CommandSpec, given: readonly string[], hint: string): void {
  const takes = command.positionals;
  const missing = takes.find((positional, i) => positional.optional !== true && given[i] === undefined);
  if (missing !== undefined) {
    throw usage(
      `cannot run 'wispkey ${commandName(command)}': ${missing.name} is missing`,
      "missing_argument",
      hint,
    );
  }
  if (given.length > takes.length && takes.at(-1)?.rest !== true) {
    const many = takes.length === 0
      ? "no argument"
      : takes.length === 1
      ? "one argument"
      : `${takes.length} arguments`;
    throw usage(
      `cannot run 'wispkey ${commandName(command)}': it takes ${many}, and ${given.length} were given`,
      "too_many_arguments",
      hint,
    );
  }
  takes.forEach((positional, i) => {
    const value = given[i];
    if (value === undefined || positional.choices === undefined || positional.choices.includes(value)) return;
    const noun = positional.noun ?? positional.name;
    const meant = nearest(value, positional.choices);
    throw usage(
      `cannot run 'wispkey ${commandName(command)}': there is no such ${noun}` +
        (meant === undefined ? `; there is ${positional.choices.join(", ")}` : `; did you mean '${meant}'?`),
      `unknown_${noun.toLowerCase()}`,
      hint,
    );
  });
}

function readGlobals(options: ReadonlyMap<string, true | string[]>): GlobalOptions {
  const text = (name: string): string | undefined => {
    const value = options.get(name);
    return value === undefined || value === true ? undefined : value[0];
  };
  return {
    format: options.has("json") || text("format") === "json" ? "json" : "text",
    quiet: options.has("quiet"),
    yes: options.has("yes"),
    noColor: options.has("no-color"),
    logLevel: text("log-level"),
    logFile: text("log-file"),
    help: options.has("help"),
    version: options.has("version"),
  };
}

/** Whether a word looks like a name someone would give to an option or command, not like a secret. */
function isNameShaped(word: string): boolean {
  return /^[a-z][a-z-]{0,23}$/i.test(word);
}

function usage(message: string, code: string, hint: string): UsageError {
  return new UsageError(message, { code, hint });
}
