/**
 * `wispkey run`.
 *
 * @module
 */

import type { ExitCode } from "../../core/errors.ts";
import { projectForCallers } from "../project/active.ts";
import { requireVault } from "../session.ts";
import type { Verb } from "../spec.ts";
import { startFailure } from "./exit_code.ts";
import { readRunOptions, type RunOptions } from "./options.ts";

/** Runs a program; ends with its exit code. */
export const run: Verb<RunOptions> = {
  parse: readRunOptions,

  async run(options, io) {
    // Before anything is read: the environment of this very process may hold the password.
    const { closed, how } = await io.programs.prepare();
    if (!closed) await io.output.warn(`the program could read this process's memory: ${how}`);
    await requireVault(io, "run a program");
    const project = options.project ?? (await projectForCallers(io)).name;
    try {
      const code = options.reveal
        ? await (await import("./revealed.ts")).runRevealed(io, options, project)
        : await (await import("./with_tokens.ts")).runWithTokens(io, options, project);
      return code as ExitCode; // The program's own code, whatever it is.
    } catch (error) {
      return await startFailure(io, error);
    }
  },
};
