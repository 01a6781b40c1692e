/**
 * Projects and partitions as commands print them.
 *
 * @module
 */

import type { Partition, Project } from "../../core/credential.ts";
import { escapeText } from "../../core/name.ts";
import type { MovedCredential, PartitionView, ProjectView } from "../../daemon/api/groups.ts";
import { rfc3339 } from "../time.ts";

/** What projects and partitions have in common, for programs. */
export function groupJson(group: Project | Partition) {
  return {
    id: group.id,
    name: group.name,
    description: group.description,
    created_at: rfc3339(group.createdAt),
    updated_at: rfc3339(group.updatedAt),
  };
}

/** A project for programs. */
export function projectJson(project: ProjectView, active: string) {
  return {
    ...groupJson(project),
    partition_count: project.partitionCount,
    credential_count: project.credentialCount,
    active: project.name === active,
  };
}

/** A partition for programs. */
export function partitionJson(partition: PartitionView) {
  return {
    ...groupJson(partition),
    project: partition.project,
    project_id: partition.projectId,
    credential_count: partition.credentialCount,
  };
}

/** What became of a credential, for programs. */
export function movedJson({ name, from, to }: MovedCredential) {
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

/** `1 credential`, `3 credentials`. */
export function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
