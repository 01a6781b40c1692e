/**
 * Bundles for the holders of age keys: the bundle's secret as an age file (https://age-encryption.org/v1). The package
 * that does it is loaded only here.
 *
 * @module
 */

import { UsageError, WispKeyError } from "../core/errors.ts";
import { escapeText } from "../core/name.ts";
import { wipe } from "../core/bytes.ts";
import { bundleError } from "./errors.ts";
import { SECRET_LENGTH } from "./keys.ts";

/** Longest age file that fits the header. */
const MAX_WRAPPED = 0xffff;
/** Most recipients or identities. */
const MAX_KEYS = 100;

/**
 * Encrypts a bundle's secret to public keys.
 *
 * @throws {UsageError} `invalid_recipient`.
 */
export async function wrapForRecipients(
  secret: Uint8Array,
  recipients: readonly string[],
): Promise<Uint8Array> {
  const { Encrypter } = await import("age-encryption");
  const encrypter = new Encrypter();
  for (const recipient of recipients) {
    try {
      encrypter.addRecipient(recipient);
    } catch {
      // Neither it nor the library's words are repeated where it may be a private key, given by mistake.
      const shown = /^age1/i.test(recipient) ? ` '${escapeText(recipient)}'` : "";
      throw new UsageError(`cannot export: the recipient${shown} is no age public key`, {
        code: "invalid_recipient",
        hint: "ask the recipient for the line that 'age-keygen' prints: age1…",
      });
    }
  }
  if (recipients.length === 0 || recipients.length > MAX_KEYS) {
    throw new UsageError(`cannot export: it takes 1 to ${MAX_KEYS} recipients`, {
      code: "invalid_recipient",
    });
  }
  const wrapped = await encrypter.encrypt(secret);
  if (wrapped.length > MAX_WRAPPED) {
    throw new UsageError("cannot export: these recipients do not fit into one bundle", {
      code: "invalid_recipient",
      hint: "export once for each",
    });
  }
  return wrapped;
}

/**
 * Decrypts a bundle's secret, which the caller wipes.
 *
 * @throws {UsageError} `invalid_identity`; {FailedError} `bundle_wrong_key`.
 */
export async function unwrapWithIdentities(
  wrapped: Uint8Array,
  identities: readonly string[],
): Promise<Uint8Array> {
  const { Decrypter } = await import("age-encryption");
  const decrypter = new Decrypter();
  for (const identity of identities) {
    try {
      decrypter.addIdentity(identity);
    } catch {
      // The library's words could repeat the key: they are not passed on.
      throw new UsageError("cannot use the identity file: a line of it is no age private key", {
        code: "invalid_identity",
        hint: "give a file as 'age-keygen' writes it, without a passphrase of its own",
      });
    }
  }
  let secret: Uint8Array;
  try {
    secret = await decrypter.decrypt(wrapped);
  } catch (cause) {
    if (cause instanceof WispKeyError) throw cause;
    throw bundleError("bundle_wrong_key", "it was made for other keys, or its header was changed");
  }
  if (secret.length === SECRET_LENGTH) return secret;
  wipe(secret);
  throw bundleError("bundle_damaged", "its header was changed");
}

/** The private keys in an identity file: a line each, `#` begins a comment. */
export function parseIdentities(text: string): string[] {
  return text.split("\n").map((line) => line.trim()).filter((line) => line !== "" && !line.startsWith("#"));
}
