/**
 * The header of a bundle, version 2: what it is and how its key is had. `docs/bundle-format.md` describes the format for
 * other programs.
 *
 * Layout, integers big-endian: `4 magic`, `u8 version`, `u8 key method`, `u16 length of the key section`, key section,
 * `32 MAC over all before`.
 *
 * @module
 */

import { concat, utf8 } from "../core/bytes.ts";
import type { KdfParameters } from "../vault/kdf.ts";
import { bundleError } from "./errors.ts";

/** What a bundle holds. */
export type BundleKind = "project" | "partition" | "credential";

/** The first four bytes by kind; shared with version 1, so that its programs say "newer" and not "no bundle". */
export const MAGIC: Readonly<Record<BundleKind, string>> = {
  project: "WKPJ",
  partition: "WKBX",
  credential: "WKCR",
};

/** The version this program writes. */
const BUNDLE_VERSION = 2;
/** Length of the part before the key section. */
export const PREFIX_LENGTH = 8;
/** Length of the header's MAC. */
export const HEADER_MAC_LENGTH = 32;

/** How the bundle's secret is had. */
export type KeyMethod =
  /** From a passphrase. */
  | { method: "passphrase"; kdf: KdfParameters }
  /** Wrapped in an age file for the keys of recipients. */
  | { method: "age"; wrapped: Uint8Array };

const METHOD_PASSPHRASE = 1;
const METHOD_AGE = 2;
const KDF_ARGON2ID = 1;
const KDF_LENGTH = 26;
const SALT_AT = 10;

/**
 * Between what bounds Argon2id parameters must lie before anything is derived. The floor is OWASP's least sufficient
 * cost; the ceiling keeps a file from a stranger from exhausting the machine.
 */
export const BUNDLE_KDF_LIMITS = {
  minMemoryKiB: 19_456,
  maxMemoryKiB: 262_144,
  minPasses: 2,
  maxPasses: 10,
  maxParallelism: 16,
} as const;

/** Cost of a new bundle: 64 MiB, three passes, four lanes. */
export const BUNDLE_KDF_COST = { memoryKiB: 65_536, passes: 3, parallelism: 4 } as const;

/** Encodes a header without its MAC. */
export function encodeHeader(kind: BundleKind, key: KeyMethod): Uint8Array<ArrayBuffer> {
  const section = key.method === "age" ? key.wrapped : encodeKdf(key.kdf);
  const prefix = new Uint8Array(PREFIX_LENGTH);
  prefix.set(utf8(MAGIC[kind]));
  const view = new DataView(prefix.buffer);
  view.setUint8(4, BUNDLE_VERSION);
  view.setUint8(5, key.method === "age" ? METHOD_AGE : METHOD_PASSPHRASE);
  view.setUint16(6, section.length);
  return concat(prefix, section);
}

function encodeKdf({ memoryKiB, passes, parallelism, salt }: KdfParameters): Uint8Array {
  const section = new Uint8Array(KDF_LENGTH);
  const view = new DataView(section.buffer);
  view.setUint8(0, KDF_ARGON2ID);
  view.setUint32(1, memoryKiB);
  view.setUint32(5, passes);
  view.setUint8(9, parallelism);
  section.set(salt, SALT_AT);
  return section;
}

/** What the first bytes of a file tell. */
export interface BundlePrefix {
  /** What it holds. */
  kind: BundleKind;
  /** 1 or 2. */
  version: 1 | 2;
}

/**
 * Reads the five bytes that both versions share.
 *
 * @throws {FailedError} `bundle_unknown`, `bundle_newer`.
 */
export function readPrefix(bytes: Uint8Array): BundlePrefix {
  const magic = String.fromCharCode(...bytes.subarray(0, 4));
  const kind = (Object.keys(MAGIC) as BundleKind[]).find((each) => MAGIC[each] === magic);
  const version = bytes[4];
  if (kind === undefined || version === undefined || version === 0) {
    throw bundleError("bundle_unknown", "the file is no WispKey bundle");
  }
  if (version === 1 || version === 2) return { kind, version };
  throw bundleError("bundle_newer", `a newer WispKey wrote it (version ${version}, this one knows 1 and 2)`);
}

/** Length of the key section that a version 2 prefix announces. */
export function keySectionLength(prefix: Uint8Array): number {
  return new DataView(prefix.buffer, prefix.byteOffset).getUint16(6);
}

/**
 * Reads the key method; nothing is authenticated yet, so every bound is checked here.
 *
 * @throws {FailedError} `bundle_damaged`, `bundle_newer`, `bundle_kdf_parameters`.
 */
export function readKeyMethod(prefix: Uint8Array, section: Uint8Array): KeyMethod {
  switch (prefix[5]) {
    case METHOD_AGE:
      return { method: "age", wrapped: section };
    case METHOD_PASSPHRASE:
      return { method: "passphrase", kdf: readKdf(section) };
    default:
      throw bundleError("bundle_newer", "its key is had in a way that this WispKey does not know");
  }
}

function readKdf(section: Uint8Array): KdfParameters {
  if (section.length !== KDF_LENGTH) throw bundleError("bundle_damaged", "its header was changed");
  const view = new DataView(section.buffer, section.byteOffset, section.length);
  if (view.getUint8(0) !== KDF_ARGON2ID) {
    throw bundleError("bundle_newer", "its key derivation is one that this WispKey does not know");
  }
  const kdf: KdfParameters = {
    memoryKiB: view.getUint32(1),
    passes: view.getUint32(5),
    parallelism: view.getUint8(9),
    salt: section.slice(SALT_AT),
  };
  checkBundleKdf(kdf);
  return kdf;
}

/**
 * Refuses a derivation outside {@linkcode BUNDLE_KDF_LIMITS}.
 *
 * @throws {FailedError} `bundle_kdf_parameters`.
 */
function checkBundleKdf({ memoryKiB, passes, parallelism }: KdfParameters): void {
  const limits = BUNDLE_KDF_LIMITS;
  const refuse = (what: string, min: number, max: number): never => {
    throw bundleError(
      "bundle_kdf_parameters",
      `its key derivation asks for ${what}, which is not from ${min} to ${max}`,
    );
  };
  if (parallelism < 1 || parallelism > limits.maxParallelism) {
    refuse(`${parallelism} lanes`, 1, limits.maxParallelism);
  }
  if (memoryKiB < limits.minMemoryKiB || memoryKiB > limits.maxMemoryKiB) {
    refuse(`${memoryKiB} KiB of memory`, limits.minMemoryKiB, limits.maxMemoryKiB);
  }
  if (passes < limits.minPasses || passes > limits.maxPasses) {
    refuse(`${passes} passes`, limits.minPasses, limits.maxPasses);
  }
}
