/**
 * `wispkey partition create`.
 *
 * @module
 */

import { ExitCode } from "../../core/errors.ts";
import { checkName, escapeText } from "../../core/name.ts";
import { activeProject } from "../project/active.ts";
import { groupJson } from "../project/view.ts";
import { withVault } from "../session.ts";
import type { Verb } from "../spec.ts";

/** Options of `partition create`. */
export interface PartitionCreateOptions {
  /** Name of the new partition. */
  name: string;
  /** What it is for. */
  description: string;
  /** Project; undefined = the active one. */
  project: string | undefined;
}

/** Makes a partition. */
export const partitionCreate: Verb<PartitionCreateOptions> = {
  parse(args) {
    const project = args.text("project");
    return {
      name: checkName(args.positional(0), "partition"),
      description: args.text("description") ?? "",
      project: project === undefined ? undefined : checkName(project, "project"),
    };
  },

  async run({ name, description, project: given }, io) {
    const project = given ?? (await activeProject(io)).name;
    return await withVault(io, `create partition '${escapeText(name)}'`, async (vault) => {
      const { partition } = (await vault.call("partition.create", { project, name, description })).result;
      const json = {
        ok: true,
        project,
        partition: { ...groupJson(partition), project_id: partition.projectId },
      };
      const line = `Created partition ${escapeText(name)} in project ${escapeText(project)}.`;
      await io.output.result(json, io.output.quiet ? [] : [line]);
      return ExitCode.done;
    });
  },
};
