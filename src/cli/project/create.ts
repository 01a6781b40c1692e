/**
 * `wispkey project create`.
 *
 * @module
 */

import { ExitCode } from "../../core/errors.ts";
import { checkName, escapeText } from "../../core/name.ts";
import { commandLine } from "../quote.ts";
import { withVault } from "../session.ts";
import type { Verb } from "../spec.ts";
import { activeProject } from "./active.ts";
import { projectJson } from "./view.ts";

/** Options of `project create`. */
export interface ProjectCreateOptions {
  /** Name of the new project. */
  name: string;
  /** What it is for. */
  description: string;
}

/** Makes a project. */
export const projectCreate: Verb<ProjectCreateOptions> = {
  parse(args) {
    return {
      name: checkName(args.positional(0), "project"),
      description: args.text("description") ?? "",
    };
  },

  async run(draft, io) {
    const shown = escapeText(draft.name);
    return await withVault(io, `create project '${shown}'`, async (vault) => {
      const { project } = (await vault.call("project.create", { ...draft })).result;
      const active = (await activeProject(io)).name;
      const json = { ok: true, project: projectJson(project, active) };
      await io.output.result(json, io.output.quiet ? [] : [`Created project ${shown}.`]);
      await io.output.note(`Work in it: ${commandLine("wispkey", "project", "use", project.name)}`);
      return ExitCode.done;
    });
  },
};
