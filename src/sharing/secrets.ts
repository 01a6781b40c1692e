/**
 * How a bundle is locked and opened: with a passphrase, or for the holders of age keys.
 *
 * @module
 */

import { wipe } from "../core/bytes.ts";
import { UsageError } from "../core/errors.ts";
import { deriveBytes, type KdfCost, newKdfParameters } from "../vault/kdf.ts";
import { countCharacters } from "../vault/password.ts";
import { unwrapWithIdentities, wrapForRecipients } from "./age.ts";
import { BUNDLE_KDF_COST, type KeyMethod } from "./header.ts";
import { SECRET_LENGTH } from "./keys.ts";
import { MIN_PASSPHRASE_LENGTH } from "./limits.ts";

/** What a new bundle is locked with. */
export type BundleLock =
  /** A passphrase, UTF-8; the caller wipes it. The cost is the usual one and the salt random, but in published figures. */
  | { passphrase: Uint8Array; kdf?: KdfCost; salt?: Uint8Array }
  /** Public keys, `age1…`. */
  | { recipients: readonly string[] };

/** What may open a bundle; each is asked for only if the bundle needs it. */
export interface BundleOpener {
  /** The passphrase; it is wiped after use. */
  passphrase: () => Promise<Uint8Array>;
  /** Private keys, `AGE-SECRET-KEY-1…`. */
  identities: () => Promise<readonly string[]>;
}

/**
 * Refuses a passphrase that is too short for a new bundle.
 *
 * @throws {UsageError} `weak_passphrase`.
 */
export function checkNewPassphrase(passphrase: Uint8Array): void {
  if (countCharacters(passphrase) >= MIN_PASSPHRASE_LENGTH) return;
  throw new UsageError(
    `cannot use this bundle passphrase: it must have at least ${MIN_PASSPHRASE_LENGTH} characters`,
    { code: "weak_passphrase", hint: "several random words are strong and can be told over the phone" },
  );
}

/** Makes the secret of a new bundle, which the caller wipes, and what its header says of it. */
export async function lockBundle(lock: BundleLock): Promise<{ secret: Uint8Array; key: KeyMethod }> {
  if ("recipients" in lock) {
    const secret = crypto.getRandomValues(new Uint8Array(SECRET_LENGTH));
    return { secret, key: { method: "age", wrapped: await wrapForRecipients(secret, lock.recipients) } };
  }
  checkNewPassphrase(lock.passphrase);
  const fresh = newKdfParameters(lock.kdf ?? BUNDLE_KDF_COST);
  const kdf = { ...fresh, salt: lock.salt ?? fresh.salt };
  const secret = await deriveBytes(lock.passphrase, kdf, SECRET_LENGTH);
  return { secret, key: { method: "passphrase", kdf } };
}

/**
 * The secret of a bundle, which the caller wipes.
 *
 * @throws {FailedError} `bundle_wrong_key` if no identity fits; a wrong passphrase gives a wrong secret.
 */
export async function unlockBundle(key: KeyMethod, opener: BundleOpener): Promise<Uint8Array> {
  if (key.method === "age") return await unwrapWithIdentities(key.wrapped, await opener.identities());
  const passphrase = await opener.passphrase();
  try {
    return await deriveBytes(passphrase, key.kdf, SECRET_LENGTH);
  } finally {
    wipe(passphrase);
  }
}
