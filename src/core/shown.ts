/**
 * What a person is shown of a credential before the master password seals an act on it: enough to tell where a secret
 * will be able to go. It goes into the act's proof, so that what was shown is what is done; a row that somebody put
 * under the same name meanwhile is not it.
 *
 * @module
 */

import type { Credential, CredentialType } from "./credential.ts";
import { type Place, samePlace } from "./place.ts";

/** The fields that decide which credential it is and where its secret may go. */
export interface ShownCredential {
  /** Random UUID. */
  id: string;
  /** Its type. */
  type: CredentialType;
  /** The declared place; null = what the type implies. */
  place: Place | null;
  /** Canonical host patterns. */
  hosts: string[];
}

/** These fields of a credential, and no others. */
export function shownOf(
  { id, type, place, hosts }: Pick<Credential, keyof ShownCredential>,
): ShownCredential {
  return { id, type, place, hosts };
}

/** Whether a credential still is what was shown. */
export function isAsShown(
  credential: Pick<Credential, keyof ShownCredential>,
  shown: ShownCredential,
): boolean {
  return credential.id === shown.id && credential.type === shown.type &&
    samePlace(credential.place, shown.place) && credential.hosts.length === shown.hosts.length &&
    credential.hosts.every((host, i) => host === shown.hosts[i]);
}
