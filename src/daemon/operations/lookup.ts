/**
 * From the names people use to rows of the vault, and from rows to what is shown.
 *
 * @module
 */

import { type Credential, DEFAULT_PARTITION, type Partition, type Project } from "../../core/credential.ts";
import { NotFoundError } from "../../core/errors.ts";
import { escapeText } from "../../core/name.ts";
import { inProject } from "../../core/project_words.ts";
import { shellQuote } from "../../core/shell_quote.ts";
import type { Vault } from "../../vault/mod.ts";
import type { CredentialRef, CredentialView } from "../api.ts";

/** A credential together with whether its row is as it was written. */
export type CheckedCredential = Credential & { intact: boolean };

/**
 * The project of a name.
 *
 * @throws {NotFoundError} `project_not_found`.
 */
export function projectNamed(vault: Vault, name: string): Project {
  const project = vault.projects.getByName(name);
  if (project !== undefined) return project;
  throw new NotFoundError(`cannot find project '${escapeText(name)}': there is no such project`, {
    code: "project_not_found",
    hint: "wispkey project list",
  });
}

/**
 * The partition of a name in a project.
 *
 * @throws {NotFoundError} `partition_not_found`, with the command that creates it.
 */
export function partitionNamed(vault: Vault, project: Project, name: string): Partition {
  const partition = vault.partitions.getByName(project.id, name);
  if (partition !== undefined) return partition;
  throw new NotFoundError(
    `cannot find partition '${escapeText(name)}': project '${
      escapeText(project.name)
    }' has none of that name`,
    {
      code: "partition_not_found",
      hint: `wispkey partition create ${shellQuote(name === "" ? DEFAULT_PARTITION : name)}${
        inProject(project.name)
      }`,
    },
  );
}

/**
 * The credential of a name in a project.
 *
 * @throws {NotFoundError} `credential_not_found` or `project_not_found`.
 */
export function credentialNamed(vault: Vault, ref: CredentialRef): CheckedCredential {
  const project = projectNamed(vault, ref.project);
  const credential = vault.credentials.get(project.id, ref.name.normalize("NFC"));
  if (credential !== undefined) return credential;
  throw new NotFoundError(
    `cannot find credential '${escapeText(ref.name)}': project '${
      escapeText(project.name)
    }' has none of that name`,
    {
      code: "credential_not_found",
      hint: `wispkey list${inProject(project.name)}`,
    },
  );
}

/** Names of all projects and partitions by id, read once for a list. */
export class NameBook {
  readonly #projects: Map<string, string>;
  readonly #partitions: Map<string, string>;

  /** Reads the names of `vault`. */
  constructor(vault: Vault) {
    this.#projects = new Map(vault.projects.list().map((project) => [project.id, project.name]));
    this.#partitions = new Map(vault.partitions.list().map((partition) => [partition.id, partition.name]));
  }

  /** Name of a project; its id if the row is gone. */
  project(id: string): string {
    return this.#projects.get(id) ?? id;
  }

  /** What is shown of a credential; the token only if asked for. */
  view(credential: CheckedCredential, withToken: boolean): CredentialView {
    const { token, ...rest } = credential;
    const view: CredentialView = {
      ...rest,
      project: this.project(credential.projectId),
      partition: this.#partitions.get(credential.partitionId) ?? credential.partitionId,
    };
    if (withToken) view.token = token;
    return view;
  }
}
