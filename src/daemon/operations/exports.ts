/**
 * Operations that give credentials out with their secrets, for bundles. Written down before the first secret leaves.
 *
 * @module
 */

import type { AuditEvent } from "../../core/audit.ts";
import { UsageError } from "../../core/errors.ts";
import type { Vault } from "../../vault/mod.ts";
import type { ExportedCredential, SharingKind } from "../api/sharing.ts";
import { type CheckedCredential, credentialNamed, partitionNamed, projectNamed } from "./lookup.ts";
import type { Operation } from "./types.ts";

const EVENTS: Readonly<Record<SharingKind, AuditEvent>> = {
  project: "ProjectExported",
  partition: "PartitionExported",
  credential: "CredentialExported",
};

/** `export.begin`: what is exported, and the row of the log. */
export const beginExport: Operation<"export.begin"> = {
  shape: {
    kind: "string",
    project: "string",
    partition: "string|null",
    credential: "string|null",
    lock: "string",
  },
  need: "password",
  run({ vault }, { kind, project: projectName, partition, credential, lock }) {
    if (!Object.hasOwn(EVENTS, kind)) {
      throw new UsageError("cannot export: 'kind' does not fit", { code: "bad_parameters" });
    }
    const project = projectNamed(vault, projectName);
    const one = kind === "credential"
      ? credentialNamed(vault, { name: credential ?? "", project: project.name })
      : null;
    const chosen = kind === "partition" ? partitionNamed(vault, project, partition ?? "") : null;
    const partitions = vault.partitions.list(project.id).filter(({ id }) =>
      one !== null ? id === one.partitionId : chosen === null || id === chosen.id
    );
    const names = new Map(partitions.map(({ id, name }) => [id, name]));
    const credentials = one !== null
      ? [one]
      : vault.credentials.list({ projectId: project.id }).filter(({ partitionId }) => names.has(partitionId));
    const what = kind === "partition" ? `partition ${chosen?.name}, ` : "";
    vault.audit.append([{
      event: EVENTS[kind],
      project: project.name,
      ...(one === null ? {} : { credential: one.name }),
      reason: `${what}${credentials.length} with their secrets, for ${lock}`,
    }], Date.now());
    return {
      result: {
        project: { name: project.name, description: project.description },
        partitions: partitions.map(({ name, description }) => ({ name, description })),
        credentials: credentials.map((each) => exported(each, names.get(each.partitionId) ?? "")),
      },
    };
  },
};

/** `export.value`: one secret, as raw payload. */
export const exportValue: Operation<"export.value"> = {
  shape: { id: "string" },
  need: "password",
  run: ({ vault }: { vault: Vault }, { id }) => ({ result: {}, payload: vault.credentials.openValue(id) }),
};

function exported(credential: CheckedCredential, partition: string): ExportedCredential {
  const { id, name, description, type, place, hosts, tags } = credential;
  return { id, name, description, type, place, hosts, tags, partition };
}
