/**
 * What a shell needs to complete: for every sequence of command words, what may follow.
 *
 * @module
 */

import { type CommandSpec, type Completion, GLOBAL_OPTIONS, type OptionSpec } from "../spec.ts";

/** A word that may follow. */
export interface CompletionWord {
  /** The word. */
  readonly word: string;
  /** One line about it. */
  readonly summary: string;
}

/** An option with what may be its value. */
export interface CompletionOption {
  /** Long name with its dashes. */
  readonly long: string;
  /** Short form with its dash, if there is one. */
  readonly short: string | undefined;
  /** One line about it. */
  readonly summary: string;
  /** `none`: a flag; `words`: one of `values`; `any`: nothing to offer; else see {@linkcode Completion}. */
  readonly value: "none" | "words" | "any" | Completion;
  /** Words it takes, if it takes only these. */
  readonly values: readonly string[];
}

/** What may follow some command words. */
export interface CompletionNode {
  /** The words so far, joined by blanks; empty for the program itself. */
  readonly path: string;
  /** Next command words, or values of the first positional. */
  readonly words: readonly CompletionWord[];
  /** What else the positionals may be. */
  readonly more: readonly Completion[];
  /** Options, those of every command included. */
  readonly options: readonly CompletionOption[];
}

/**
 * One node for the program, each group and each command; for those that take positionals of which a shell knows
 * something also one with `--` as its last word, after which nothing is an option.
 */
export function completionTree(commands: readonly CommandSpec[]): CompletionNode[] {
  const paths = new Set([""]);
  for (const { path } of commands) path.forEach((_, i) => paths.add(path.slice(0, i + 1).join(" ")));
  return [...paths].flatMap((path) => {
    const words = path === "" ? [] : path.split(" ");
    const command = commands.find((candidate) => candidate.path.join(" ") === path);
    const more = [...new Set(command?.positionals.flatMap(({ complete }) => complete ?? []))]
      .filter((complete) => complete !== "command");
    const node = { path, words: nextWords(words, command, commands), more, options: optionsOf(command) };
    return more.length === 0 ? [node] : [node, { path: `${path} --`, words: [], more, options: [] }];
  });
}

function nextWords(
  words: readonly string[],
  command: CommandSpec | undefined,
  commands: readonly CommandSpec[],
): CompletionWord[] {
  const positional = command?.positionals[0];
  if (positional?.choices !== undefined) {
    return positional.choices.map((word) => ({ word, summary: positional.description }));
  }
  if (positional !== undefined && positional.complete !== "command") return [];
  // `help` takes the words of commands.
  const prefix = positional === undefined ? words : [];
  const found = new Map<string, string>();
  for (const { path, summary } of commands) {
    const word = path[prefix.length];
    if (word === undefined || !prefix.every((part, i) => path[i] === part)) continue;
    found.set(word, path.length === prefix.length + 1 ? summary : `commands on ${word}`);
  }
  return [...found].map(([word, summary]) => ({ word, summary }));
}

function optionsOf(command: CommandSpec | undefined): CompletionOption[] {
  return Object.entries({ ...command?.options, ...GLOBAL_OPTIONS }).map(([name, option]) => ({
    long: `--${name}`,
    short: option.short === undefined ? undefined : `-${option.short}`,
    summary: option.description,
    value: valueKind(option),
    values: option.choices ?? [],
  }));
}

function valueKind(option: OptionSpec): CompletionOption["value"] {
  if (option.type === "flag") return "none";
  if (option.choices !== undefined) return "words";
  return option.complete ?? "any";
}
