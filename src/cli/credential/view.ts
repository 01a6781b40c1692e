/**
 * A credential as commands print it.
 *
 * @module
 */

import type { CredentialView } from "../../daemon/api.ts";
import { escapeText } from "../../core/name.ts";
import { describePlace, type Place } from "../../core/place.ts";
import { inProject } from "../../core/project_words.ts";
import { commandLine } from "../quote.ts";
import { longTime, rfc3339 } from "../time.ts";

/** A credential in JSON. Times are RFC 3339, UTC. */
export interface CredentialJson {
  /** Random UUID. */
  id: string;
  /** Unique in its project. */
  name: string;
  /** Free text. */
  description: string;
  /** One of the five types. */
  type: string;
  /** The wisp token, where it was asked for. */
  wisp_token?: string;
  /** Canonical host patterns; none = nowhere. */
  hosts: string[];
  /** Labels. */
  tags: string[];
  /** Id of its partition. */
  partition_id: string;
  /** Name of its project. */
  project: string;
  /** Name of its partition. */
  partition: string;
  /** The place that was declared; null = what the type implies. */
  place: Place | null;
  /** Whether somebody with the master password said that these hosts are right. */
  hosts_confirmed: boolean;
  /** False if the row was changed behind our back. */
  intact: boolean;
  /** When it was added. */
  created_at: string | null;
  /** When it last changed. */
  updated_at: string | null;
  /** When its secret was last used; null = never. */
  last_used_at: string | null;
}

/** A credential for programs. */
export function credentialJson(credential: CredentialView): CredentialJson {
  return {
    id: credential.id,
    name: credential.name,
    description: credential.description,
    type: credential.type,
    ...(credential.token === undefined ? {} : { wisp_token: credential.token }),
    hosts: credential.hosts,
    tags: credential.tags,
    partition_id: credential.partitionId,
    project: credential.project,
    partition: credential.partition,
    place: credential.place,
    hosts_confirmed: credential.hostsConfirmed,
    intact: credential.intact,
    created_at: rfc3339(credential.createdAt),
    updated_at: rfc3339(credential.updatedAt),
    last_used_at: rfc3339(credential.lastUsedAt),
  };
}

/** The command by which a person with the password says that the hosts are right. */
function confirmCommand({ name, project }: CredentialView): string {
  return commandLine("wispkey", "edit", name, "--confirm") + inProject(project);
}

/** A credential for people, a line a fact. */
export function credentialLines(credential: CredentialView): string[] {
  const facts: [string, string][] = [["Name", credential.name]];
  if (credential.description !== "") facts.push(["Description", credential.description]);
  facts.push(["Type", credential.type]);
  if (credential.place !== null) facts.push(["Place", describePlace(credential.place)]);
  if (credential.token !== undefined) facts.push(["Wisp token", credential.token]);
  facts.push([
    "Hosts",
    credential.hosts.length === 0 ? "none: it can be used nowhere" : credential.hosts.join(", "),
  ]);
  if (credential.tags.length > 0) facts.push(["Tags", credential.tags.join(", ")]);
  facts.push(["Project", credential.project], ["Partition", credential.partition]);
  facts.push(["Created", longTime(credential.createdAt)], ["Updated", longTime(credential.updatedAt)]);
  facts.push(["Last used", credential.lastUsedAt === null ? "never" : longTime(credential.lastUsedAt)]);
  // A row that was changed says of itself whatever its changer liked: it is not to be confirmed.
  if (!credential.intact) facts.push(["Tampered", "this row was changed outside WispKey and is refused"]);
  else if (!credential.hostsConfirmed && credential.hosts.length > 0) {
    facts.push([
      "Unconfirmed",
      `added without the password; if its hosts are right: ${confirmCommand(credential)}`,
    ]);
  }
  return facts.map(([title, text]) => `${`${title}:`.padEnd(14)}${escapeText(text)}`);
}
