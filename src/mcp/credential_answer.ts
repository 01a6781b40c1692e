/**
 * A credential as tools answer it: without its token, its text made safe.
 *
 * @module
 */

import type { CredentialView } from "../daemon/api.ts";
import { foreignText } from "./foreign_text.ts";

/** What a model is told of a credential. */
export interface CredentialAnswer {
  /** Its name; what tools take as `name` or `credential`. */
  name: string;
  /** What it is for, in its owner's words. */
  description: string;
  /** Decides where its token stands. */
  type: string;
  /** Labels. */
  tags: string[];
  /** Host patterns. */
  hosts: string[];
  /** Name of its project. */
  project: string;
  /** Name of its partition. */
  partition: string;
  /** Id of its partition. */
  partition_id: string;
  /** Whether its owner said that the hosts are right. */
  hosts_confirmed: boolean;
  /** False if it was changed outside WispKey, and is refused. */
  intact: boolean;
}

/** Tells of a credential. */
export function credentialAnswer(credential: CredentialView): CredentialAnswer {
  const { name, description, type, tags, hosts, project, partition } = credential;
  return {
    name: foreignText(name),
    description: foreignText(description),
    type,
    tags: tags.map((tag) => foreignText(tag, 64)),
    hosts: hosts.map((host) => foreignText(host)),
    project: foreignText(project),
    partition: foreignText(partition),
    partition_id: credential.partitionId,
    hosts_confirmed: credential.hostsConfirmed,
    intact: credential.intact,
  };
}
