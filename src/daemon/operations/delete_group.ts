/**
 * Operations that delete a project or a partition. What moves where is worked out first, so that it can be shown before
 * anybody says yes; then it is done as one transaction.
 *
 * @module
 */

import { DEFAULT_PARTITION, DEFAULT_PROJECT, type Partition, type Project } from "../../core/credential.ts";
import { MAX_NAME_LENGTH } from "../../core/name.ts";
import type { Vault } from "../../vault/mod.ts";
import type { MovedCredential } from "../api/groups.ts";
import { keepsItsName } from "./groups.ts";
import { type CheckedCredential, partitionNamed, projectNamed } from "./lookup.ts";
import type { Need, Operation } from "./types.ts";

interface Move {
  credential: CheckedCredential;
  from: string;
  to: { project: Project; partition: string; name: string } | null;
}

const need = (_context: unknown, { dryRun }: { dryRun: boolean }): Need => dryRun ? "key" : "password";

/** `project.delete`: its credentials move to partitions of the same name in `default`, or go with it. */
export const deleteProject: Operation<"project.delete"> = {
  shape: { name: "string", removeCredentials: "boolean", dryRun: "boolean" },
  need,
  run({ vault, credentialChanged }, { name, removeCredentials, dryRun }) {
    const project = projectNamed(vault, name);
    if (project.name === DEFAULT_PROJECT) throw keepsItsName("project", DEFAULT_PROJECT);
    const partitions = new Map(vault.partitions.list(project.id).map((each) => [each.id, each]));
    const target = projectNamed(vault, DEFAULT_PROJECT);
    const names = removeCredentials ? undefined : new FreeNames(vault, target, project.name);
    const moves = vault.credentials.list({ projectId: project.id }).map((credential): Move => {
      const from = partitions.get(credential.partitionId)?.name ?? DEFAULT_PARTITION;
      const to = names && { project: target, partition: from, name: names.take(credential.name) };
      return { credential, from, to: to ?? null };
    });
    if (!dryRun) {
      vault.transaction(() => {
        carryOut(vault, moves, [...partitions.values()]);
        vault.projects.remove(project.id);
      });
      for (const { credential } of moves) credentialChanged(credential.id);
    }
    return {
      result: { moved: moves.map(shown), partitions: [...partitions.values()].map((each) => each.name) },
    };
  },
};

/** `partition.delete`: its credentials move to `personal` of the same project, or go with it. */
export const deletePartition: Operation<"partition.delete"> = {
  shape: { project: "string", name: "string", removeCredentials: "boolean", dryRun: "boolean" },
  need,
  run({ vault, credentialChanged }, { project: projectName, name, removeCredentials, dryRun }) {
    const project = projectNamed(vault, projectName);
    const partition = partitionNamed(vault, project, name);
    if (partition.name === DEFAULT_PARTITION) throw keepsItsName("partition", DEFAULT_PARTITION);
    const moves = vault.credentials.list({ projectId: project.id, partitionId: partition.id }).map((
      credential,
    ): Move => ({
      credential,
      from: partition.name,
      to: removeCredentials ? null : { project, partition: DEFAULT_PARTITION, name: credential.name },
    }));
    if (!dryRun) {
      vault.transaction(() => {
        carryOut(vault, moves, []);
        vault.partitions.remove(partition.id);
      });
      for (const { credential } of moves) credentialChanged(credential.id);
    }
    return { result: { moved: moves.map(shown) } };
  },
};

/** Moves or removes; a partition that the target project lacks is made there, with its description. */
function carryOut(vault: Vault, moves: readonly Move[], sources: readonly Partition[]): void {
  for (const { credential, to } of moves) {
    if (to === null) {
      vault.credentials.remove(credential.id);
      continue;
    }
    const { project, partition, name } = to;
    const known = vault.partitions.getByName(project.id, partition);
    const description = sources.find((each) => each.name === partition)?.description ?? "";
    const { id } = known ?? vault.partitions.create({ projectId: project.id, name: partition, description });
    const patch = { projectId: project.id, partitionId: id, ...(name === credential.name ? {} : { name }) };
    vault.credentials.edit(credential.id, patch);
  }
}

function shown({ credential, from, to }: Move): MovedCredential {
  return { name: credential.name, from, to: to === null ? null : { ...to, project: to.project.name } };
}

/** Names for credentials that come into a project: their own, or one with the old project's name behind it. */
class FreeNames {
  readonly #taken: Set<string>;
  readonly #suffix: string;

  constructor(vault: Vault, target: Project, suffix: string) {
    this.#taken = new Set(vault.credentials.list({ projectId: target.id }).map((each) => each.name));
    this.#suffix = suffix;
  }

  take(name: string): string {
    let free = name;
    for (let n = 1; this.#taken.has(free); n++) {
      const tail = n === 1 ? `-${this.#suffix}` : `-${this.#suffix}-${n}`;
      free = name.slice(0, MAX_NAME_LENGTH - Math.min(tail.length, MAX_NAME_LENGTH / 2)).trimEnd() +
        tail.slice(-MAX_NAME_LENGTH / 2);
    }
    this.#taken.add(free);
    return free;
  }
}
