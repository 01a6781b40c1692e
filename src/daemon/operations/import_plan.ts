/**
 * What an import does, worked out before it is done: which credential is new, which gets another name, which replaces one
 * and which stays out.
 *
 * @module
 */

import type { Credential } from "../../core/credential.ts";
import { MAX_NAME_LENGTH } from "../../core/name.ts";
import type { Vault } from "../../vault/mod.ts";
import type { ConflictChoice, ImportedCredential, StagedProject } from "../api/sharing.ts";
import type { StagedEntry } from "./staging.ts";

/** One credential of a plan. */
export interface PlannedCredential {
  /** What was staged. */
  entry: StagedEntry;
  /** What happens to it. */
  action: ImportedCredential["action"];
  /** Its name in the vault. */
  as: string;
  /** The one of its name that is there, where there is one. */
  existing: Credential | undefined;
}

/** A plan. */
export interface ImportPlan {
  /** The credentials, in the order they were staged. */
  credentials: PlannedCredential[];
  /** Names of projects that are made. */
  madeProjects: string[];
  /** Partitions that are made, `project/partition`. */
  madePartitions: string[];
  /** What is replaced, `project/name`. */
  replaced: string[];
}

/** Works out what importing would do to the vault as it is. */
export function planImport(
  vault: Vault,
  entries: readonly StagedEntry[],
  projects: readonly StagedProject[],
  onConflict: ConflictChoice,
): ImportPlan {
  const names = new Map<string, ProjectNames>();
  const namesOf = (project: string) => {
    let known = names.get(project);
    if (known === undefined) names.set(project, known = new ProjectNames(vault, project));
    return known;
  };
  const credentials = entries.map((entry): PlannedCredential => {
    const { project, name } = entry.credential;
    const taken = namesOf(project);
    if (taken.isFree(name)) return { entry, action: "added", as: taken.take(name), existing: undefined };
    const existing = taken.existing(name);
    if (onConflict === "rename" || existing === undefined) {
      return { entry, action: "renamed", as: taken.take(taken.free(name)), existing };
    }
    return { entry, action: onConflict === "replace" ? "replaced" : "skipped", as: name, existing };
  });
  const madeProjects = projects.filter(({ name }) => vault.projects.getByName(name) === undefined);
  const madePartitions = projects.flatMap(({ name, partitions }) => {
    const id = vault.projects.getByName(name)?.id;
    return partitions.filter((each) =>
      id === undefined || vault.partitions.getByName(id, each.name) === undefined
    )
      .map((each) => `${name}/${each.name}`);
  });
  return {
    credentials,
    madeProjects: madeProjects.map(({ name }) => name),
    madePartitions,
    replaced: credentials.filter(({ action }) => action === "replaced")
      .map(({ entry, as }) => `${entry.credential.project}/${as}`),
  };
}

/** The names of one project's credentials, with those that the plan has given out. */
class ProjectNames {
  readonly #existing: Map<string, Credential>;
  readonly #given = new Set<string>();

  constructor(vault: Vault, project: string) {
    const id = vault.projects.getByName(project)?.id;
    const list = id === undefined ? [] : vault.credentials.list({ projectId: id });
    this.#existing = new Map(list.map((each) => [each.name, each]));
  }

  isFree(name: string): boolean {
    return !this.#existing.has(name) && !this.#given.has(name);
  }

  existing(name: string): Credential | undefined {
    return this.#existing.get(name);
  }

  free(name: string): string {
    for (let n = 2;; n++) {
      const tail = `-${n}`;
      const candidate = name.slice(0, MAX_NAME_LENGTH - tail.length).toWellFormed().trimEnd() + tail;
      if (this.isFree(candidate)) return candidate;
    }
  }

  take(name: string): string {
    this.#given.add(name);
    return name;
  }
}
