/**
 * Projects and partitions as commands print them.
 *
 * @module
 */

import type { Partition, Project } from "../../core/credential.ts";
import { escapeText } from "../../core/name.ts";
import type { MovedCredential, PartitionView, ProjectView } from "../../daemon/api/groups.ts";
import { rfc3339 } from "../time.ts";

/** What projects and partitions have in common, for programs. Times are RFC 3339, UTC. */
export interface GroupJson {
  /** Random UUID, or `default`. */
  id: string;
  /** Its name. */
  name: string;
  /** Free text. */
  description: string;
  /** When it was made. */
  created_at: string | null;
  /** When it last changed. */
  updated_at: string | null;
}

/** A project for programs. */
export interface ProjectJson extends GroupJson {
  /** Number of its partitions. */
  partition_count: number;
  /** Number of its credentials. */
  credential_count: number;
  /** Whether commands work in it. */
  active: boolean;
}

/** A partition for programs. */
export interface PartitionJson extends GroupJson {
  /** Name of its project. */
  project: string;
  /** Id of its project. */
  project_id: string;
  /** Number of its credentials. */
  credential_count: number;
}

/** What became of a credential, for programs. */
export interface MovedJson {
  /** Its name so far. */
  name: string;
  /** Its partition so far. */
  from_partition: string;
  /** Where it lies now; null = it was removed. */
  moved_to: { project: string; partition: string; name: string } | null;
}

/** The common members of a project or partition. */
export function groupJson(group: Project | Partition): GroupJson {
  return {
    id: group.id,
    name: group.name,
    description: group.description,
    created_at: rfc3339(group.createdAt),
    updated_at: rfc3339(group.updatedAt),
  };
}

/** Describes a project. */
export function projectJson(project: ProjectView, active: string): ProjectJson {
  return {
    ...groupJson(project),
    partition_count: project.partitionCount,
    credential_count: project.credentialCount,
    active: project.name === active,
  };
}

/** Describes a partition. */
export function partitionJson(partition: PartitionView): PartitionJson {
  return {
    ...groupJson(partition),
    project: partition.project,
    project_id: partition.projectId,
    credential_count: partition.credentialCount,
  };
}

/** Describes what became of a credential. */
export function movedJson({ name, from, to }: MovedCredential): MovedJson {
  return {
    name,
    from_partition: from,
    moved_to: to && { project: to.project, partition: to.partition, name: to.name },
  };
}

/** At most so many credentials are named one by one before a deletion. */
const NAMED = 20;

/** What a deletion does, a line a credential. */
export function movedLines(moved: readonly MovedCredential[]): string[] {
  const lines = moved.slice(0, NAMED).map(({ name, to }) => {
    if (to === null) return `  ${escapeText(name)} is removed`;
    const renamed = to.name === name ? "" : `, as ${escapeText(to.name)}, because its name is taken there`;
    return `  ${escapeText(name)} moves to ${escapeText(`${to.project}/${to.partition}`)}${renamed}`;
  });
  if (moved.length > NAMED) lines.push(`  and ${moved.length - NAMED} more`);
  return lines;
}
