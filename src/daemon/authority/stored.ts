/**
 * The local certificate authority in the vault: one sealed document that holds certificate and key, so that they are
 * replaced together or not at all.
 *
 * @module
 */

import type { AuditEntry } from "../../core/audit.ts";
import { concat, wipe } from "../../core/bytes.ts";
import type { Vault } from "../../vault/mod.ts";
import type { AuthorityPair } from "./issuer.ts";

const KIND = "ca";
const ID = "current";
/** The length of the certificate goes before it, big-endian. */
const LENGTH_BYTES = 4;

/**
 * Whether an open vault has an authority.
 *
 * @throws {LockedError} `vault_locked`; {DeniedError} `document_tampered` if what there is was changed behind our back.
 */
export function hasAuthority(vault: Vault): boolean {
  return vault.documents.list(KIND).some(({ id }) => id === ID);
}

/**
 * Reads the authority of an open vault; the caller wipes its key. `undefined` if there is none.
 *
 * @throws {LockedError} `vault_locked`; {DeniedError} `document_tampered` if it was changed behind our back.
 */
export function readAuthority(vault: Vault): AuthorityPair | undefined {
  const bytes = vault.documents.get(KIND, ID);
  if (bytes === undefined) return undefined;
  try {
    const end = LENGTH_BYTES + new DataView(bytes.buffer, bytes.byteOffset, LENGTH_BYTES).getUint32(0);
    return { certificate: bytes.slice(LENGTH_BYTES, end), privateKey: bytes.slice(end) };
  } finally {
    wipe(bytes);
  }
}

/** Keeps an authority in the place of the one there may be; the caller wipes its key. */
export function writeAuthority(vault: Vault, pair: AuthorityPair, entry: AuditEntry): void {
  const length = new Uint8Array(LENGTH_BYTES);
  new DataView(length.buffer).setUint32(0, pair.certificate.length);
  const bytes = concat(length, pair.certificate, pair.privateKey);
  try {
    vault.documents.put(KIND, ID, bytes, entry);
  } finally {
    wipe(bytes);
  }
}
