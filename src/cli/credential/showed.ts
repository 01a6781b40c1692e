/**
 * Shows where a credential's secret may go before the master password is asked for.
 *
 * @module
 */

import { escapeText } from "../../core/name.ts";
import { describePlace } from "../../core/place.ts";
import { type ShownCredential, shownOf } from "../../core/shown.ts";
import type { CredentialRef, VaultClient } from "../../daemon/api.ts";
import type { CliIo } from "../io.ts";

/**
 * Prints hosts, type and place, and whether anybody vouched for them; answers what was shown, for the act's proof.
 *
 * @throws {NotFoundError} `credential_not_found`.
 */
export async function showed(io: CliIo, vault: VaultClient, ref: CredentialRef): Promise<ShownCredential> {
  const { credential } = (await vault.call("credential.get", { ...ref, token: false })).result;
  const { hosts, type, place } = credential;
  const where = hosts.length === 0 ? "nowhere yet" : hosts.map(escapeText).join(", ");
  const placed = place === null ? "" : `, ${escapeText(describePlace(place))}`;
  await io.output.note(`'${escapeText(ref.name)}' may go to: ${where} (as ${type}${placed})`);
  if (!credential.hostsConfirmed) {
    await io.output.warn(
      "it was added without the master password, so an agent may have chosen these hosts: the password confirms them",
    );
  }
  return shownOf(credential);
}
