/**
 * `wispkey project use`.
 *
 * @module
 */

import { ExitCode, NotFoundError } from "../../core/errors.ts";
import { checkName, escapeText } from "../../core/name.ts";
import { withVault } from "../session.ts";
import type { Verb } from "../spec.ts";

/** Chooses the project that commands work in. */
export const projectUse: Verb<{ name: string }> = {
  parse(args) {
    return { name: checkName(args.positional(0), "project") };
  },

  async run({ name }, io) {
    const shown = escapeText(name);
    return await withVault(io, `use project '${shown}'`, async (vault) => {
      const { projects } = (await vault.call("project.list", {})).result;
      if (!projects.some((project) => project.name === name)) {
        throw new NotFoundError(`cannot use project '${shown}': there is no such project`, {
          code: "project_not_found",
          hint: "wispkey project list",
        });
      }
      await io.backend.writeActiveProject(name);
      const lines = io.output.quiet ? [] : [`Commands work in project ${shown} now.`];
      await io.output.result({ ok: true, active_project: name }, lines);
      await io.output.note(
        "A running proxy keeps its project; 'wispkey unlock' starts it afresh with this one.",
      );
      if (io.env("WISPKEY_PROJECT") !== undefined) {
        await io.output.warn("WISPKEY_PROJECT is set and wins over this choice");
      }
      return ExitCode.done;
    });
  },
};
