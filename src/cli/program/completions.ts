/**
 * `wispkey completions`.
 *
 * @module
 */

import { ExitCode, UsageError } from "../../core/errors.ts";
import { COMMANDS } from "../commands.ts";
import { bashScript } from "../completion/bash.ts";
import { fishScript } from "../completion/fish.ts";
import { powershellScript } from "../completion/powershell.ts";
import { completionTree } from "../completion/tree.ts";
import { zshScript } from "../completion/zsh.ts";
import { NAME_KINDS, type NameKind, type Verb } from "../spec.ts";
import { namesOf } from "./names.ts";
import { type Shell, SHELLS } from "./spec.ts";

const SCRIPTS = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
  powershell: powershellScript,
} as const;

/** Prints a completion script, or the names that one asks for while a line is completed. */
export const completions: Verb<{ shell: Shell } | { names: NameKind }> = {
  parse(args) {
    const names = NAME_KINDS.find((kind) => kind === args.text("names"));
    const word = args.optionalPositional(0);
    if (names !== undefined && word === undefined) return { names };
    const shell = SHELLS.find((known) => known === word);
    if (shell === undefined || names !== undefined) {
      throw new UsageError(`cannot complete for this shell: only for ${SHELLS.join(", ")}`, {
        code: "unknown_shell",
        hint: "wispkey completions --help",
      });
    }
    return { shell };
  },

  async run(options, io) {
    const text = "shell" in options
      ? SCRIPTS[options.shell](completionTree(COMMANDS))
      : (await namesOf(options.names, io)).map((name) => `${name}\n`).join("");
    await io.output.stdout.write(text);
    return ExitCode.done;
  },
};
