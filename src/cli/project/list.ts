/**
 * `wispkey project list`.
 *
 * @module
 */

import { ExitCode } from "../../core/errors.ts";
import { withVault } from "../session.ts";
import type { Verb } from "../spec.ts";
import { shortTime } from "../time.ts";
import { activeProject } from "./active.ts";
import { projectJson } from "./view.ts";

const COLUMNS = [
  { title: "NAME", shrinks: 24 },
  { title: "PARTS" },
  { title: "CREDS" },
  { title: "DESCRIPTION", shrinks: true },
  { title: "CREATED" },
];

/** Lists projects. */
export const projectList: Verb<undefined> = {
  parse() {
    return undefined;
  },

  async run(_options, io) {
    const active = (await activeProject(io)).name;
    return await withVault(io, "list the projects", async (vault) => {
      const { projects } = (await vault.call("project.list", {})).result;
      const json = { active_project: active, projects: projects.map((each) => projectJson(each, active)) };
      const rows = projects.map((project) => [
        project.name === active ? `${project.name} *` : project.name,
        String(project.partitionCount),
        String(project.credentialCount),
        project.description,
        shortTime(project.createdAt),
      ]);
      await io.output.result(json, io.output.table(COLUMNS, rows));
      return ExitCode.done;
    });
  },
};
