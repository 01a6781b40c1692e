/**
 * Operations on projects and partitions.
 *
 * @module
 */

import { checkName } from "../../core/name.ts";
import { projectNamed } from "./lookup.ts";
import type { Operation } from "./types.ts";

/** `project.list`: all projects. */
export const listProjects: Operation<"project.list"> = {
  shape: {},
  need: "key",
  run: ({ vault }) => ({ result: { projects: vault.projects.list() } }),
};

/** `partition.create`: a new partition in a project. */
export const createPartition: Operation<"partition.create"> = {
  shape: { project: "string", name: "string", description: "string" },
  need: "key",
  run({ vault }, { project, name, description }) {
    const { id } = projectNamed(vault, project);
    const partition = vault.partitions.create({
      projectId: id,
      name: checkName(name, "partition"),
      description,
    });
    return { result: { partition } };
  },
};

/** `partition.list`: the partitions of a project. */
export const listPartitions: Operation<"partition.list"> = {
  shape: { project: "string" },
  need: "key",
  run: ({ vault }, { project }) => ({
    result: { partitions: vault.partitions.list(projectNamed(vault, project).id) },
  }),
};
