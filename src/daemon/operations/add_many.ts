/**
 * Adding many credentials at once: one call, one transaction.
 *
 * @module
 */

import { checkPlace, type CredentialDraft, isCredentialType } from "../../core/credential.ts";
import { UsageError } from "../../core/errors.ts";
import { formatHostPattern, parseHostList } from "../../core/host_pattern.ts";
import { checkName } from "../../core/name.ts";
import type { NewCredential } from "../api/import.ts";
import { partitionNamed, projectNamed } from "./lookup.ts";
import { checkShape, type Shape } from "./shape.ts";
import type { Operation } from "./types.ts";

/** What is told of a credential whose value lies in the payload. */
export const NEW_CREDENTIAL: Shape = {
  name: "string",
  description: "string",
  type: "type",
  place: "place",
  hosts: "string[]",
  tags: "string[]",
  length: "count",
};

/** `credential.add_many`: new names, so no password; see DESIGN §9, 6. */
export const addMany: Operation<"credential.add_many"> = {
  shape: { project: "string", partition: "string", credentials: "object[]" },
  need: "key",
  run({ vault, credentialChanged }, params, payload, proven) {
    const project = projectNamed(vault, params.project);
    const partition = partitionNamed(vault, project, params.partition);
    let end = 0;
    const entries = params.credentials.map((entry) => {
      const draft = draftOf(entry, project.id, partition.id, proven);
      return { draft, value: payload.subarray(end, end += entry.length) };
    });
    if (end !== payload.length) {
      throw new UsageError("cannot add the credentials: the lengths of their values do not fit", {
        code: "bad_parameters",
      });
    }
    const added = vault.credentials.addMany(entries);
    for (const { id } of added) credentialChanged(id);
    return { result: { added: added.map(({ id, name, token }) => ({ id, name, token })) } };
  },
};

function draftOf(
  entry: NewCredential,
  projectId: string,
  partitionId: string,
  hostsConfirmed: boolean,
): CredentialDraft {
  checkShape("credential.add_many", NEW_CREDENTIAL, entry);
  const { description, type, place, tags } = entry;
  if (!isCredentialType(type)) throw new TypeError("the shape has let a wrong type through");
  checkPlace(type, place);
  const hosts = parseHostList(entry.hosts).map(formatHostPattern);
  const name = checkName(entry.name, "credential");
  return { name, description, type, place, hosts, tags, hostsConfirmed, projectId, partitionId };
}
