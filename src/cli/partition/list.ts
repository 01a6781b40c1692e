/**
 * `wispkey partition list`.
 *
 * @module
 */

import { ExitCode } from "../../core/errors.ts";
import { nameOf } from "../credential/details.ts";
import { activeProject } from "../project/active.ts";
import { partitionJson } from "../project/view.ts";
import { withVault } from "../session.ts";
import type { Verb } from "../spec.ts";
import { shortTime } from "../time.ts";

/** Options of `partition list`. */
export interface PartitionListOptions {
  /** Project; undefined = the active one. */
  project: string | undefined;
  /** Of all projects. */
  allProjects: boolean;
}

const COLUMNS = [
  { title: "NAME", shrinks: 24 },
  { title: "CREDS" },
  { title: "DESCRIPTION", shrinks: true },
  { title: "CREATED" },
];

/** Lists partitions. */
export const partitionList: Verb<PartitionListOptions> = {
  parse(args) {
    args.exclusive("project", "all-projects");
    return { project: nameOf(args, "project", "project"), allProjects: args.flag("all-projects") };
  },

  async run({ project: given, allProjects }, io) {
    const project = allProjects ? null : given ?? (await activeProject(io)).name;
    return await withVault(io, "list the partitions", async (vault) => {
      const { partitions } = (await vault.call("partition.list", { project })).result;
      const json = {
        project: project ?? "*",
        all_projects: allProjects,
        partitions: partitions.map(partitionJson),
      };
      const rows = partitions.map((each) => [
        each.name,
        String(each.credentialCount),
        each.description,
        shortTime(each.createdAt),
        ...(allProjects ? [each.project] : []),
      ]);
      const columns = allProjects ? [...COLUMNS, { title: "PROJECT" }] : COLUMNS;
      await io.output.result(json, io.output.table(columns, rows));
      return ExitCode.done;
    });
  },
};
