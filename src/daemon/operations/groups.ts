/**
 * Operations that list, make and rename projects and partitions. Deleting is in `delete_group.ts`.
 *
 * @module
 */

import { DEFAULT_PARTITION, DEFAULT_PROJECT, type Partition, type Project } from "../../core/credential.ts";
import { UsageError } from "../../core/errors.ts";
import { checkName } from "../../core/name.ts";
import type { Vault } from "../../vault/mod.ts";
import type { PartitionView, ProjectView } from "../api/groups.ts";
import { partitionNamed, projectNamed } from "./lookup.ts";
import type { Operation } from "./types.ts";

/** `project.list`: all projects. */
export const listProjects: Operation<"project.list"> = {
  shape: {},
  need: "key",
  run: ({ vault }) => ({
    result: { projects: vault.projects.list().map((each) => viewProject(vault, each)) },
  }),
};

/** `project.create`: a new project with its first partition. */
export const createProject: Operation<"project.create"> = {
  shape: { name: "string", description: "string" },
  need: "key",
  run: ({ vault }, draft) => ({ result: { project: viewProject(vault, vault.projects.create(draft)) } }),
};

/** `project.rename`: policies and scopes go by id, so they follow. */
export const renameProject: Operation<"project.rename"> = {
  shape: { name: "string", to: "string" },
  need: "password",
  run({ vault }, { name, to }) {
    const project = projectNamed(vault, name);
    if (project.name === DEFAULT_PROJECT) throw keepsItsName("project", DEFAULT_PROJECT);
    return { result: { project: viewProject(vault, vault.projects.rename(project.id, to)) } };
  },
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

/** `partition.list`: the partitions of a project, or of all. */
export const listPartitions: Operation<"partition.list"> = {
  shape: { project: "string|null" },
  need: "key",
  run({ vault }, { project }) {
    const projects = project === null ? vault.projects.list() : [projectNamed(vault, project)];
    const partitions = projects.flatMap((each) =>
      vault.partitions.list(each.id).map((partition) => viewPartition(vault, each, partition))
    );
    return { result: { partitions } };
  },
};

/** `partition.rename`. */
export const renamePartition: Operation<"partition.rename"> = {
  shape: { project: "string", name: "string", to: "string" },
  need: "password",
  run({ vault }, { project: projectName, name, to }) {
    const project = projectNamed(vault, projectName);
    const partition = partitionNamed(vault, project, name);
    if (partition.name === DEFAULT_PARTITION) throw keepsItsName("partition", DEFAULT_PARTITION);
    const renamed = vault.partitions.rename(partition.id, to);
    return { result: { partition: viewPartition(vault, project, renamed) } };
  },
};

/** The error that a first group cannot be renamed or deleted: everything else falls back to it. */
export function keepsItsName(kind: "project" | "partition", name: string): UsageError {
  return new UsageError(
    `cannot rename or delete ${kind} '${name}': it is where everything else falls back to`,
    {
      code: `${kind}_is_needed`,
      hint: `wispkey ${kind} create NAME`,
    },
  );
}

function viewProject(vault: Vault, project: Project): ProjectView {
  const { id, name, description, createdAt, updatedAt } = project;
  return {
    id,
    name,
    description,
    createdAt,
    updatedAt,
    partitionCount: vault.partitions.list(id).length,
    credentialCount: vault.credentials.count({ projectId: id }),
  };
}

function viewPartition(vault: Vault, project: Project, partition: Partition): PartitionView {
  const { id, projectId, name, description, createdAt, updatedAt } = partition;
  return {
    id,
    projectId,
    name,
    description,
    createdAt,
    updatedAt,
    project: project.name,
    credentialCount: vault.credentials.count({ partitionId: id }),
  };
}
