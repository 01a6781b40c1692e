/**
 * From the secret of a bundle to its two keys. One authenticates the header, and so commits the file to its secret: a
 * bundle that opens under two passphrases, which AES-GCM alone would allow, cannot be made. The other seals the content.
 *
 * @module
 */

import { createHmac } from "node:crypto";
import { equalInConstantTime, utf8, wipe } from "../core/bytes.ts";
import { KEY_LENGTH } from "../vault/aead.ts";
import { hkdf } from "../vault/keys.ts";

/** Length of a bundle's secret in bytes, from the passphrase or random. */
export const SECRET_LENGTH = 32;

const NO_SALT = new Uint8Array(0);

/** The keys of one bundle. */
export class BundleKeys {
  readonly #header: Uint8Array<ArrayBuffer>;
  /** AES-256-GCM key of the content. */
  readonly content: Uint8Array<ArrayBuffer>;

  /** Derives the keys from the secret, which the caller wipes. */
  constructor(secret: Uint8Array) {
    this.#header = hkdf(secret, NO_SALT, utf8("wispkey bundle v2 header"), KEY_LENGTH);
    this.content = hkdf(secret, NO_SALT, utf8("wispkey bundle v2 content"), KEY_LENGTH);
  }

  /** HMAC-SHA256 over the header. */
  headerMac(header: Uint8Array): Uint8Array {
    return new Uint8Array(createHmac("sha256", this.#header).update(header).digest());
  }

  /** Whether a header's MAC fits, in constant time. */
  verifyHeader(header: Uint8Array, mac: Uint8Array): boolean {
    return equalInConstantTime(this.headerMac(header), mac);
  }

  /** Overwrites the keys. */
  wipe(): void {
    wipe(this.#header, this.content);
  }
}
