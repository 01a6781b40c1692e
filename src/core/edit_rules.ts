/**
 * Which changes to a credential need the master password: all that could let its secret go anywhere new.
 *
 * @module
 */

import type { Credential, CredentialPatch } from "./credential.ts";
import { isNarrower, parseHostList } from "./host_pattern.ts";
import { samePlace } from "./place.ts";

/**
 * Whether a change needs the password. Descriptions, tags and hosts that provably only get fewer do not; a new name,
 * type, place, project or partition, and any other hosts do. A field that keeps its value is no change.
 *
 * @param before the credential as it is
 * @param patch the change; its hosts are canonical patterns
 * @throws {UsageError} `invalid_host_pattern` if a host cannot be parsed.
 */
export function needsPassword(before: Credential, patch: CredentialPatch): boolean {
  if (patch.name !== undefined && patch.name !== before.name) return true;
  if (patch.type !== undefined && patch.type !== before.type) return true;
  if (patch.projectId !== undefined && patch.projectId !== before.projectId) return true;
  if (patch.partitionId !== undefined && patch.partitionId !== before.partitionId) return true;
  if (patch.place !== undefined && !samePlace(patch.place, before.place)) return true;
  if (patch.hosts === undefined) return false;
  // Whether a wildcard was said aloud is asked elsewhere; here it only matters what it reaches.
  const aloud = { allowPublicSuffix: true };
  return !isNarrower(parseHostList(patch.hosts, aloud), parseHostList(before.hosts, aloud));
}
