/**
 * Bundles in memory for tests.
 *
 * @module
 */

import assert from "node:assert/strict";
import { concat, utf8 } from "../../src/core/bytes.ts";
import { WispKeyError } from "../../src/core/errors.ts";
import type { Manifest } from "../../src/sharing/content.ts";
import { BUNDLE_KDF_LIMITS } from "../../src/sharing/header.ts";
import { openBundle } from "../../src/sharing/read.ts";
import type { BundleLock, BundleOpener } from "../../src/sharing/secrets.ts";
import type { Readable } from "../../src/sharing/source.ts";
import { type CredentialWithValue, writeBundle } from "../../src/sharing/write.ts";

/** A passphrase that may be used. */
export const PASSPHRASE = "a long enough passphrase";

/** The cheapest derivation that is allowed, so that tests do not wait. */
export const CHEAP = {
  memoryKiB: BUNDLE_KDF_LIMITS.minMemoryKiB,
  passes: BUNDLE_KDF_LIMITS.minPasses,
  parallelism: 1,
};

/** A lock with {@linkcode PASSPHRASE}. */
export function lock(passphrase = PASSPHRASE): BundleLock {
  return { passphrase: utf8(passphrase), kdf: CHEAP };
}

/** What a person would give. */
export function opener(passphrase = PASSPHRASE, identities: readonly string[] = []): BundleOpener {
  return {
    passphrase: () => Promise.resolve(utf8(passphrase)),
    identities: () => Promise.resolve(identities),
  };
}

/** A credential with value. */
export function credential(name: string, changes: Partial<CredentialWithValue> = {}): CredentialWithValue {
  return {
    name,
    description: `the ${name} key`,
    type: "bearer_token",
    place: null,
    hosts: [`${name.toLowerCase().replaceAll(/[^a-z0-9]/g, "x")}.example`],
    tags: ["a", "b"],
    partition: "personal",
    value: utf8(`secret of ${name}`),
    ...changes,
  };
}

/** A manifest that fits credentials. */
export function manifestFor(
  credentials: readonly CredentialWithValue[],
  changes: Partial<Manifest> = {},
): Manifest {
  const partitions = [...new Set(["personal", ...credentials.map(({ partition }) => partition)])];
  return {
    kind: "project",
    exportedAt: "2026-01-31T12:34:56.000Z",
    program: "wispkey test",
    project: { name: "acme", description: "a client" },
    partitions: partitions.map((name) => ({ name, description: "" })),
    credentials: credentials.length,
    ...changes,
  };
}

/** Copies, because writing wipes what it is given. */
export function copies(credentials: readonly CredentialWithValue[]): CredentialWithValue[] {
  return credentials.map((each) => ({ ...each, value: each.value.slice() }));
}

/** Writes a bundle into memory. */
export async function write(
  credentials: readonly CredentialWithValue[],
  options: { lock?: BundleLock; manifest?: Partial<Manifest> } = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  const sink = {
    write: (bytes: Uint8Array) => {
      chunks.push(bytes.slice());
      return Promise.resolve();
    },
  };
  await writeBundle(
    sink,
    options.lock ?? lock(),
    manifestFor(credentials, options.manifest),
    copies(credentials),
  );
  return concat(...chunks);
}

/** Bytes as a file that is read in pieces of at most `piece`. */
export function readable(bytes: Uint8Array, piece = Infinity): Readable {
  let at = 0;
  return {
    read: (buffer) => {
      if (at === bytes.length) return Promise.resolve(null);
      const count = Math.min(piece, buffer.length, bytes.length - at);
      buffer.set(bytes.subarray(at, at + count));
      at += count;
      return Promise.resolve(count);
    },
  };
}

/** Reads a whole bundle. */
export async function read(bytes: Uint8Array, from: BundleOpener = opener(), piece = Infinity) {
  const bundle = await openBundle(readable(bytes, piece), from);
  const credentials: CredentialWithValue[] = [];
  try {
    for await (const each of bundle.credentials()) credentials.push(each);
  } finally {
    bundle.close();
  }
  return { version: bundle.version, manifest: bundle.manifest, notes: bundle.notes, credentials };
}

/** Code of the error that reading ends with; fails if it does not. */
export async function faultOf(bytes: Uint8Array, from: BundleOpener = opener()): Promise<string> {
  try {
    await read(bytes, from);
  } catch (error) {
    assert(error instanceof WispKeyError, `not one of our errors: ${error}`);
    assert.ok(error.hint, "it says what to do");
    return error.code;
  }
  assert.fail("it was read");
}
