/**
 * `wispkey project rename`.
 *
 * @module
 */

import { ExitCode } from "../../core/errors.ts";
import { checkName, escapeText } from "../../core/name.ts";
import { withVault } from "../session.ts";
import type { Verb } from "../spec.ts";
import { activeProject } from "./active.ts";
import { projectJson } from "./view.ts";

/** Renames a project; the choice of `project use` follows. */
export const projectRename: Verb<{ name: string; to: string }> = {
  parse(args) {
    return { name: args.positional(0), to: checkName(args.positional(1), "project") };
  },

  async run({ name, to }, io) {
    return await withVault(io, `rename project '${escapeText(name)}'`, async (vault) => {
      const { project } = (await vault.call("project.rename", { name, to })).result;
      if (await io.backend.readActiveProject() === name) await io.backend.writeActiveProject(project.name);
      const active = (await activeProject(io)).name;
      const json = { ok: true, renamed: name, project: projectJson(project, active) };
      const line = `Project ${escapeText(name)} is called ${escapeText(project.name)} now.`;
      await io.output.result(json, io.output.quiet ? [] : [line]);
      return ExitCode.done;
    });
  },
};
