/**
 * The commands on the program itself.
 *
 * @module
 */

import { type CommandSpec, NAME_KINDS } from "../spec.ts";

const GROUP = "Program";

/** Shells that completions are written for. */
export const SHELLS = ["bash", "zsh", "fish", "powershell"] as const;

/** One of {@linkcode SHELLS}. */
export type Shell = typeof SHELLS[number];

/** `version`, `completions`, `help`. */
export const programCommands: readonly CommandSpec[] = [
  {
    path: ["version"],
    group: GROUP,
    summary: "show the version",
    positionals: [],
    options: {},
    examples: [{ line: "wispkey version --json", note: "with runtime and platform" }],
    exits: [],
    load: async () => (await import("./version.ts")).version,
  },
  {
    path: ["completions"],
    group: GROUP,
    summary: "print a completion script for a shell",
    positionals: [{
      name: "SHELL",
      description: "the shell",
      noun: "shell",
      choices: SHELLS,
      optional: true,
    }],
    options: {
      names: {
        type: "text",
        metavar: "KIND",
        choices: NAME_KINDS,
        description: "print the names there are, as the scripts ask for them; none while locked",
      },
    },
    examples: [
      { line: 'eval "$(wispkey completions bash)"', note: "in ~/.bashrc" },
      { line: "wispkey completions zsh > ~/.zfunc/_wispkey", note: "in a directory of $fpath" },
      { line: "wispkey completions fish > ~/.config/fish/completions/wispkey.fish", note: "for fish" },
      { line: "wispkey completions powershell | Out-String | Invoke-Expression", note: "in $PROFILE" },
    ],
    exits: [],
    load: async () => (await import("./completions.ts")).completions,
  },
  {
    path: ["help"],
    group: GROUP,
    summary: "show help, for all or for one command",
    positionals: [{
      name: "COMMAND",
      description: "words of the command",
      optional: true,
      rest: true,
      complete: "command",
    }],
    options: {},
    examples: [{ line: "wispkey help config set", note: "the same as wispkey config set --help" }],
    exits: [],
    load: async () => (await import("./help.ts")).help,
  },
];
