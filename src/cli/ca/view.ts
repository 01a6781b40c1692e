/**
 * How the local authority is shown.
 *
 * @module
 */

import { NotFoundError } from "../../core/errors.ts";
import type { AuthorityView, VaultClient } from "../../daemon/api.ts";

/** The authority in JSON. */
export function authorityJson(ca: AuthorityView): Record<string, unknown> {
  return {
    name: ca.name,
    sha256: ca.fingerprint,
    not_before: new Date(ca.notBefore).toISOString(),
    not_after: new Date(ca.notAfter).toISOString(),
    certificate_path: ca.certificatePath,
    bundle_path: ca.bundlePath,
  };
}

/** The same for people. */
export function authorityLines(ca: AuthorityView): string[] {
  return [
    `Name         ${ca.name}`,
    `SHA-256      ${ca.fingerprint}`,
    `Valid until  ${new Date(ca.notAfter).toISOString().slice(0, 10)}`,
    `Certificate  ${ca.certificatePath}`,
    `Bundle       ${ca.bundlePath}`,
  ];
}

/**
 * Asks for the authority.
 *
 * @throws {NotFoundError} `no_ca` if there is none.
 */
export async function requireAuthority(vault: VaultClient, what: string): Promise<AuthorityView> {
  const { ca } = (await vault.call("ca.show", {})).result;
  if (ca !== null) return ca;
  throw new NotFoundError(`cannot ${what}: there is no local authority yet`, {
    code: "no_ca",
    hint: "wispkey ca init",
  });
}
