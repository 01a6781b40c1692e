/**
 * Help, written from the table of commands.
 *
 * @module
 */

import type { Sink } from "./output.ts";
import {
  commandName,
  type CommandSpec,
  GLOBAL_OPTIONS,
  type OptionSpec,
  type PositionalSpec,
} from "./spec.ts";

const WIDTH = 100;
const LEAST_WIDTH = 72;

/** Columns that help takes on a stream: those of a terminal, within reason; {@linkcode WIDTH} where there is none. */
export function helpWidth({ terminal, columns }: Pick<Sink, "terminal" | "columns">): number {
  return terminal ? Math.min(WIDTH, Math.max(LEAST_WIDTH, columns)) : WIDTH;
}

/** Help of the whole program: one line a command. */
export function programHelp(commands: readonly CommandSpec[], width: number = WIDTH): string {
  const lines = [
    "WispKey lets AI agents use API keys that they never see.",
    "",
    "Usage: wispkey <command> [options]",
  ];
  const column = Math.max(...commands.map((command) => synopsis(command).length)) + 4;
  for (const group of new Set(commands.map((command) => command.group))) {
    lines.push("", `${group}:`);
    for (const command of commands.filter((command) => command.group === group)) {
      lines.push(...entry(synopsis(command), column, command.summary, width));
    }
  }
  lines.push("", "Options of every command:", ...optionLines(GLOBAL_OPTIONS, width));
  lines.push(
    "",
    ...wrap(
      "Exit codes: 0 done, 1 failed, 2 called wrongly, 3 locked, 4 not found, 5 denied, 130 interrupted.",
      { width, after: 2 },
    ),
    ...wrap(
      "Environment: WISPKEY_VAULT_PATH (directory of the vault, ~/.wispkey), WISPKEY_PASSWORD (for CI), " +
        "WISPKEY_SESSION_TIMEOUT, WISPKEY_PROJECT, WISPKEY_LOG, NO_COLOR.",
      { width, after: 2 },
    ),
    "",
    "First steps:",
    "  wispkey init                                make a vault",
    "  wispkey add openai --hosts api.openai.com   keep a key, get its token",
    "  wispkey serve                               open the proxy that puts it in",
    "",
    "More: wispkey <command> --help",
  );
  return `${lines.join("\n")}\n`;
}

/** Help of a group that was named without a verb: `wispkey config`. */
export function groupHelp(
  group: readonly string[],
  commands: readonly CommandSpec[],
  width: number = WIDTH,
): string {
  const members = commands.filter((command) => group.every((word, i) => command.path[i] === word));
  const column = Math.max(...members.map((command) => synopsis(command).length)) + 4;
  return [
    `Usage: wispkey ${group.join(" ")} <command> [options]`,
    "",
    ...members.flatMap((command) => entry(synopsis(command), column, command.summary, width)),
    "",
    `More: wispkey ${group.join(" ")} <command> --help`,
    "",
  ].join("\n");
}

/** Help of one command. */
export function commandHelp(command: CommandSpec, width: number = WIDTH): string {
  const lines = wrap(`wispkey ${commandName(command)}: ${command.summary}`, { width });
  if (command.description !== undefined) lines.push("", ...wrap(command.description, { width }));
  lines.push(
    "",
    `Usage: wispkey ${synopsis(command)}${Object.keys(command.options).length > 0 ? " [options]" : ""}`,
  );
  if (command.positionals.length > 0) {
    const column = Math.max(...command.positionals.map((positional) => positional.name.length)) + 4;
    lines.push("", "Arguments:");
    for (const positional of command.positionals) {
      lines.push(...entry(positional.name, column, positional.description + choices(positional), width));
    }
  }
  if (Object.keys(command.options).length > 0) {
    lines.push("", "Options:", ...optionLines(command.options, width));
  }
  lines.push("", "Options of every command:", ...optionLines(GLOBAL_OPTIONS, width));
  lines.push("", "Examples:");
  for (const example of command.examples) {
    lines.push(`  ${example.line}`, ...wrap(example.note, { width, first: 6, after: 6 }));
  }
  const exits = [[0, "done"], ...command.exits, [2, "called wrongly"]] as const;
  lines.push("", "Exit codes:");
  for (const [code, when] of [...exits].sort((a, b) => a[0] - b[0])) {
    lines.push(...entry(String(code), 6, when, width));
  }
  return `${lines.join("\n")}\n`;
}

/** A command with its arguments: `config set KEY VALUE`. */
function synopsis(command: CommandSpec): string {
  return [commandName(command), ...command.positionals.map(spell)].join(" ");
}

function spell(positional: PositionalSpec): string {
  const name = positional.rest === true ? `${positional.name}...` : positional.name;
  return positional.optional === true ? `[${name}]` : name;
}

function optionLines(options: Readonly<Record<string, OptionSpec>>, width: number): string[] {
  const spelled = Object.entries(options).map(([name, option]) => {
    const short = option.short === undefined ? "    " : `-${option.short}, `;
    return { text: `${short}--${name}${option.metavar === undefined ? "" : ` ${option.metavar}`}`, option };
  });
  const column = Math.max(...spelled.map(({ text }) => text.length)) + 4;
  return spelled.flatMap(({ text, option }) => entry(text, column, describe(option), width));
}

function describe(option: OptionSpec): string {
  const notes = [
    option.default === undefined ? "" : `default: ${option.default}`,
    option.env === undefined ? "" : `environment: ${option.env}`,
  ].filter((note) => note !== "");
  return option.description + choices(option) + (notes.length === 0 ? "" : ` [${notes.join("; ")}]`);
}

function choices(of: OptionSpec | PositionalSpec): string {
  return of.choices === undefined ? "" : `: ${of.choices.join(", ")}`;
}

function entry(term: string, column: number, text: string, width: number): string[] {
  const [first = "", ...rest] = wrap(text, { width, first: column, after: column });
  return [`  ${term}`.padEnd(column) + first.slice(column), ...rest];
}

/** Breaks text into lines of at most `width` columns, the first and those after it indented. */
function wrap(
  text: string,
  { width, first = 0, after = 0 }: { width: number; first?: number; after?: number },
): string[] {
  const lines: string[] = [];
  let line = " ".repeat(first);
  let begun = false;
  for (const word of text.split(" ")) {
    if (begun && line.length + 1 + word.length > width) {
      lines.push(line);
      line = " ".repeat(after);
      begun = false;
    }
    line += begun ? ` ${word}` : word;
    begun = true;
  }
  return [...lines, line];
}
