/**
 * The keys of an open vault. One random data key is wrapped by the key that the password gives; everything else is
 * derived from it by HKDF-SHA256 (RFC 5869), one key per purpose, so that no two uses can be played against each other.
 *
 * @module
 */

import { hkdfSync } from "node:crypto";
import { canonical } from "../core/canonical.ts";
import { utf8, wipe } from "../core/bytes.ts";
import { KEY_LENGTH, NONCE_LENGTH } from "./aead.ts";
import { HMAC_LENGTH, HmacKey } from "./hmac.ts";
import type { KdfParameters } from "./kdf.ts";

/** Version of everything that is authenticated: key labels, additional data, row encodings. */
export const FORMAT_VERSION = 1;

/** What each derived key is for. `ca` is reserved for the private key of the local certificate authority. */
export const KEY_PURPOSES = ["values", "rows", "state", "audit", "acts", "tokens", "ca"] as const;

/** One of {@linkcode KEY_PURPOSES}. */
export type KeyPurpose = typeof KEY_PURPOSES[number];

/** Length of a MAC in bytes (HMAC-SHA256, not truncated). */
export const MAC_LENGTH: number = HMAC_LENGTH;

/** HKDF-SHA256 (RFC 5869). */
export function hkdf(
  inputKey: Uint8Array,
  salt: Uint8Array,
  info: Uint8Array,
  length: number,
): Uint8Array<ArrayBuffer> {
  return new Uint8Array(hkdfSync("sha256", inputKey, salt, info, length));
}

/** A fresh random data key; the caller wipes it. */
export function newDataKey(): Uint8Array<ArrayBuffer> {
  return crypto.getRandomValues(new Uint8Array(KEY_LENGTH));
}

/** The data key as it is stored. */
export interface WrappedKey {
  /** 12 bytes. */
  nonce: Uint8Array;
  /** 32 bytes and the 16-byte tag. */
  wrapped: Uint8Array;
}

/** Wraps the data key; bound to the vault and to the parameters that lead to the wrapping key. */
export async function wrapDataKey(
  kek: CryptoKey,
  dataKey: Uint8Array,
  vaultId: string,
  kdf: KdfParameters,
): Promise<WrappedKey> {
  const nonce = crypto.getRandomValues(new Uint8Array(NONCE_LENGTH));
  const copy = new Uint8Array(dataKey);
  try {
    const wrapped = await crypto.subtle.encrypt(wrapping(nonce, vaultId, kdf), kek, copy);
    return { nonce, wrapped: new Uint8Array(wrapped) };
  } finally {
    wipe(copy);
  }
}

/** Unwraps the data key, which the caller wipes; `undefined` if the password was wrong or anything was changed. */
export async function unwrapDataKey(
  kek: CryptoKey,
  stored: WrappedKey,
  vaultId: string,
  kdf: KdfParameters,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    const key = new Uint8Array(
      await crypto.subtle.decrypt(
        wrapping(stored.nonce, vaultId, kdf),
        kek,
        new Uint8Array(stored.wrapped),
      ),
    );
    return key.length === KEY_LENGTH ? key : undefined;
  } catch (error) {
    if (error instanceof DOMException && error.name === "OperationError") return undefined;
    throw error;
  }
}

function wrapping(nonce: Uint8Array, vaultId: string, kdf: KdfParameters): AesGcmParams {
  return {
    name: "AES-GCM",
    iv: new Uint8Array(nonce),
    additionalData: canonical([
      "wispkey data key",
      FORMAT_VERSION,
      vaultId,
      kdf.memoryKiB,
      kdf.passes,
      kdf.parallelism,
      kdf.salt,
    ]),
  };
}

/** What authenticates the log: all that its store needs of the keys. */
export interface LogKeys {
  /** HMAC-SHA256 under the key of a purpose. */
  mac(purpose: LogKeyPurpose, message: Uint8Array): Uint8Array<ArrayBuffer>;
}

/** Purposes of the keys of {@linkcode LogKeys}: the rows' chain, and the points that anchor it. */
export type LogKeyPurpose = Extract<KeyPurpose, "audit" | "rows">;

/** Owns the data key and what is derived from it, until it is wiped. */
export class VaultKeys implements LogKeys {
  readonly #dataKey: Uint8Array<ArrayBuffer>;
  readonly #derived = new Map<KeyPurpose, Uint8Array<ArrayBuffer>>();
  readonly #macs = new Map<KeyPurpose, HmacKey>();

  /** Copies the data key and derives the keys of a vault. */
  constructor(dataKey: Uint8Array, vaultId: string) {
    if (dataKey.length !== KEY_LENGTH) throw new RangeError(`a data key has ${KEY_LENGTH} bytes`);
    this.#dataKey = new Uint8Array(dataKey);
    const salt = utf8(vaultId);
    for (const purpose of KEY_PURPOSES) {
      const info = utf8(`wispkey/v${FORMAT_VERSION}/${purpose}`);
      this.#derived.set(purpose, hkdf(dataKey, salt, info, KEY_LENGTH));
    }
  }

  /** A key for use with `aead.ts`; valid until {@linkcode wipe}, never to be kept. */
  key(purpose: KeyPurpose): Uint8Array<ArrayBuffer> {
    const key = this.#derived.get(purpose);
    if (key === undefined) throw new Error("the keys are wiped");
    return key;
  }

  /** HMAC-SHA256 under the key of a purpose. */
  mac(purpose: KeyPurpose, message: Uint8Array): Uint8Array<ArrayBuffer> {
    let mac = this.#macs.get(purpose);
    if (mac === undefined) this.#macs.set(purpose, mac = new HmacKey(this.key(purpose)));
    return mac.mac(message);
  }

  /** A copy of the data key; the caller wipes it. */
  exportDataKey(): Uint8Array<ArrayBuffer> {
    this.key("values");
    return new Uint8Array(this.#dataKey);
  }

  /** Overwrites all keys; every later use throws. */
  wipe(): void {
    wipe(this.#dataKey, ...this.#derived.values());
    for (const mac of this.#macs.values()) mac.wipe();
    this.#derived.clear();
    this.#macs.clear();
  }
}
