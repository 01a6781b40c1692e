/**
 * The projects and partitions of a fake vault: sets of names.
 *
 * @module
 */

import type { OperationName, Params } from "../../src/daemon/api.ts";
import type { MovedCredential, PartitionView, ProjectView } from "../../src/daemon/api/groups.ts";

// The moment all times of the fakes derive from: 2026-01-31 12:34:56 UTC.
const NOW = Date.UTC(2026, 0, 31, 12, 34, 56);
const TIMES = { createdAt: NOW, updatedAt: NOW };

function projectView(name: string): ProjectView {
  return { id: name, name, description: "", ...TIMES, partitionCount: 1, credentialCount: 2 };
}

function partitionView(name: string): PartitionView {
  const project = { projectId: "default", project: "default" };
  return { id: name, ...project, name, description: "", ...TIMES, credentialCount: 2 };
}

/** What the operations work on. */
export interface FakeGroups {
  projects: Set<string>;
  partitions: Set<string>;
  moved: MovedCredential[];
}

/** Runs an operation on projects or partitions. */
export function runGroupOperation(
  { projects, partitions, moved }: FakeGroups,
  name: OperationName,
  params: Params<OperationName>,
): unknown {
  const { name: named = "", to = "", dryRun = false } = params as {
    name?: string;
    to?: string;
    dryRun?: boolean;
  };
  switch (name) {
    case "project.list":
      return { projects: [...projects].map(projectView) };
    case "project.create":
      projects.add(named);
      return { project: projectView(named) };
    case "project.rename":
      projects.delete(named);
      projects.add(to);
      return { project: projectView(to) };
    case "project.delete":
      if (!dryRun) projects.delete(named);
      return { moved, partitions: ["personal"] };
    case "partition.list":
      return { partitions: [...partitions].map(partitionView) };
    case "partition.create":
      partitions.add(named);
      return {
        partition: {
          ...partitionView(named),
          ...params,
          projectId: (params as Params<"partition.create">).project,
        },
      };
    case "partition.rename":
      partitions.delete(named);
      partitions.add(to);
      return { partition: partitionView(to) };
    case "partition.delete":
      if (!dryRun) partitions.delete(named);
      return { moved };
    default:
      throw new TypeError(`the fake vault knows no ${name}`);
  }
}
