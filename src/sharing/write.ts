/**
 * Writes bundles of version 2, one credential in memory at a time.
 *
 * @module
 */

import { concat, wipe } from "../core/bytes.ts";
import { type BundleCredential, credentialToJson, type Manifest, manifestToJson } from "./content.ts";
import { bundleError } from "./errors.ts";
import { encodeHeader } from "./header.ts";
import { BundleKeys } from "./keys.ts";
import { MAX_BUNDLE_LENGTH, MAX_CREDENTIALS } from "./limits.ts";
import { encodeRecordHead } from "./records.ts";
import { type BundleLock, lockBundle } from "./secrets.ts";
import { ChunkSealer } from "./stream.ts";

/** A credential with its value, which is wiped once it is written. */
export interface CredentialWithValue extends BundleCredential {
  /** The secret. */
  value: Uint8Array;
}

/** Where a bundle is written to. */
export interface BundleSink {
  /** Takes the next bytes. */
  write(bytes: Uint8Array): Promise<void>;
}

/**
 * Writes a bundle.
 *
 * @param credentials exactly as many as the manifest says
 * @throws {UsageError} `weak_passphrase`, `invalid_recipient`; {FailedError} `bundle_too_large`, and what `credentials`
 * and `sink` throw.
 */
export async function writeBundle(
  sink: BundleSink,
  lock: BundleLock,
  manifest: Manifest,
  credentials: AsyncIterable<CredentialWithValue> | Iterable<CredentialWithValue>,
): Promise<void> {
  if (manifest.credentials > MAX_CREDENTIALS) {
    throw bundleError("bundle_too_large", `it would have more than ${MAX_CREDENTIALS} credentials`);
  }
  const { secret, key } = await lockBundle(lock);
  const keys = new BundleKeys(secret);
  wipe(secret);
  try {
    const header = encodeHeader(manifest.kind, key);
    const mac = keys.headerMac(header);
    let length = 0;
    const write = async (bytes: Uint8Array) => {
      length += bytes.length;
      if (length > MAX_BUNDLE_LENGTH) {
        throw bundleError(
          "bundle_too_large",
          `it would be larger than ${MAX_BUNDLE_LENGTH / 1024 / 1024} MiB`,
        );
      }
      await sink.write(bytes);
    };
    await write(concat(header, mac));
    const sealer = new ChunkSealer(keys.content, mac, write);
    try {
      await writeRecords(sealer, manifest, credentials);
      await sealer.end();
    } finally {
      sealer.wipe();
    }
  } finally {
    keys.wipe();
  }
}

async function writeRecords(
  sealer: ChunkSealer,
  manifest: Manifest,
  credentials: AsyncIterable<CredentialWithValue> | Iterable<CredentialWithValue>,
): Promise<void> {
  await sealer.push(encodeRecordHead(manifestToJson(manifest), 0));
  let count = 0;
  for await (const credential of credentials) {
    const { value } = credential;
    try {
      await sealer.push(encodeRecordHead(credentialToJson(credential), value.length));
      await sealer.push(value);
      count++;
    } finally {
      wipe(value);
    }
  }
  if (count !== manifest.credentials) {
    throw new RangeError("the manifest counts other credentials than were given");
  }
}
