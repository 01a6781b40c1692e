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
import type { Verb } from "../spec.ts";
import { type Shell, SHELLS } from "./spec.ts";

const SCRIPTS = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
  powershell: powershellScript,
} as const;

/** Prints a completion script. */
export const completions: Verb<{ shell: Shell }> = {
  parse(args) {
    const shell = SHELLS.find((known) => known === args.positional(0));
    if (shell === undefined) {
      throw new UsageError(`cannot complete for this shell: only for ${SHELLS.join(", ")}`, {
        code: "unknown_shell",
        hint: "wispkey completions --help",
      });
    }
    return { shell };
  },

  async run({ shell }, io) {
    await io.output.stdout.write(SCRIPTS[shell](completionTree(COMMANDS)));
    return ExitCode.done;
  },
};
