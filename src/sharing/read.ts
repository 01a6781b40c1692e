/**
 * Reads bundles of both versions. Nothing is believed before it is authenticated, and a bundle is whole only once its
 * last credential was read: whoever takes them over does it after that.
 *
 * @module
 */

import { concat, wipe } from "../core/bytes.ts";
import { type Manifest, readCredential, readManifest } from "./content.ts";
import { bundleError } from "./errors.ts";
import {
  type BundleKind,
  HEADER_MAC_LENGTH,
  keySectionLength,
  PREFIX_LENGTH,
  readKeyMethod,
  readPrefix,
} from "./header.ts";
import { BundleKeys } from "./keys.ts";
import { MAX_BUNDLE_LENGTH } from "./limits.ts";
import { RecordDecoder } from "./records.ts";
import { type BundleOpener, unlockBundle } from "./secrets.ts";
import { ByteSource, type Readable } from "./source.ts";
import { ChunkOpener, SEALED_CHUNK_LENGTH } from "./stream.ts";
import { openBundleV1 } from "./v1.ts";
import type { CredentialWithValue } from "./write.ts";

/** An open bundle. */
export interface OpenBundle {
  /** Version of its format. */
  version: 1 | 2;
  /** What it holds. */
  manifest: Manifest;
  /** What was left out because it means nothing here, for people; complete after the last credential. */
  notes: string[];
  /** Its credentials, once; the receiver wipes the values. Throws at the end if the bundle is not whole. */
  credentials(): AsyncGenerator<CredentialWithValue, void>;
  /** Wipes its keys. */
  close(): void;
}

/**
 * Opens a bundle.
 *
 * @throws {FailedError} a {@linkcode BundleFault}; what `opener` throws.
 */
export async function openBundle(file: Readable, opener: BundleOpener): Promise<OpenBundle> {
  const source = new ByteSource(file, MAX_BUNDLE_LENGTH);
  const prefix = await source.exactly(PREFIX_LENGTH);
  const { kind, version } = readPrefix(prefix);
  if (version === 1) return await openBundleV1(kind, prefix, source, opener);
  const section = await source.exactly(keySectionLength(prefix));
  const mac = await source.exactly(HEADER_MAC_LENGTH);
  const key = readKeyMethod(prefix, section);
  const secret = await unlockBundle(key, opener);
  const keys = new BundleKeys(secret);
  wipe(secret);
  try {
    if (!keys.verifyHeader(concat(prefix, section), mac)) {
      const what = key.method === "age" ? "the key is wrong" : "the passphrase is wrong";
      throw bundleError("bundle_wrong_key", `${what}, or its header was changed`);
    }
    return await begin(kind, source, keys, mac);
  } catch (error) {
    keys.wipe();
    throw error;
  }
}

async function begin(
  kind: BundleKind,
  source: ByteSource,
  keys: BundleKeys,
  mac: Uint8Array,
): Promise<OpenBundle> {
  const decoder = new RecordDecoder();
  const records = readRecords(source, new ChunkOpener(keys.content, mac), decoder);
  const first = await records.next();
  if (first.done || first.value.value.length > 0) {
    throw bundleError("bundle_invalid", "it begins with no manifest");
  }
  const manifest = readManifest(first.value.json, kind);

  async function* credentials(): AsyncGenerator<CredentialWithValue, void> {
    const names = new Set<string>();
    for await (const { json, value } of records) {
      let credential;
      try {
        credential = readCredential(json, manifest);
        const { name } = credential;
        if (names.has(name)) throw bundleError("bundle_invalid", "it has a credential twice");
        names.add(name);
      } catch (error) {
        wipe(value);
        throw error;
      }
      yield { ...credential, value };
    }
    if (names.size !== manifest.credentials) {
      throw bundleError("bundle_invalid", "it has fewer or more credentials than it says");
    }
  }
  const close = () => {
    decoder.wipe();
    keys.wipe();
  };
  return { version: 2, manifest, notes: [], credentials, close };
}

async function* readRecords(source: ByteSource, opener: ChunkOpener, decoder: RecordDecoder) {
  for (;;) {
    const sealed = await source.upTo(SEALED_CHUNK_LENGTH);
    const last = await source.atEnd();
    const plain = opener.open(sealed, last);
    try {
      yield* decoder.push(plain);
    } finally {
      wipe(plain);
    }
    if (!last) continue;
    if (decoder.midRecord) throw bundleError("bundle_invalid", "it ends inside a credential");
    return;
  }
}
