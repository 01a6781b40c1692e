/**
 * From the master password to the key that wraps the data key: Argon2id (RFC 9106), by the runtime's own
 * implementation, off the event loop, into a key that JavaScript cannot read.
 *
 * @module
 */

import { FailedError } from "../core/errors.ts";
import { wipe } from "../core/bytes.ts";

/** How much work one derivation costs. */
export interface KdfCost {
  /** Memory in KiB. */
  memoryKiB: number;
  /** Passes over the memory (t). */
  passes: number;
  /** Lanes (p). */
  parallelism: number;
}

/** Everything a derivation depends on besides the password; stored beside the wrapped key. */
export interface KdfParameters extends KdfCost {
  /** Random salt, 16 bytes. */
  salt: Uint8Array;
}

/** Between what bounds parameters must lie, whoever wrote them. */
export interface KdfLimits {
  /** Least memory in KiB. */
  minMemoryKiB: number;
  /** Greatest memory in KiB. */
  maxMemoryKiB: number;
  /** Least number of passes. */
  minPasses: number;
  /** Greatest number of passes. */
  maxPasses: number;
  /** Greatest number of lanes. */
  maxParallelism: number;
  /** Least salt in bytes. */
  minSaltLength: number;
}

/** What a new vault uses: 64 MiB, three passes, four lanes (the second choice of RFC 9106, section 4). */
export const DEFAULT_KDF_COST: Readonly<KdfCost> = { memoryKiB: 65_536, passes: 3, parallelism: 4 };

/**
 * The floor is the least cost that OWASP's password storage guide calls sufficient (19 MiB, two passes); the ceiling
 * keeps a rewritten vault from exhausting the machine before the password is even looked at.
 */
export const KDF_LIMITS: Readonly<KdfLimits> = {
  minMemoryKiB: 19_456,
  maxMemoryKiB: 1_048_576,
  minPasses: 2,
  maxPasses: 32,
  maxParallelism: 16,
  minSaltLength: 16,
};

/** Length of a new salt in bytes. */
export const SALT_LENGTH = 16;

const MAX_SALT_LENGTH = 64;

/** A fresh random salt under a cost. */
export function newKdfParameters(cost: KdfCost = DEFAULT_KDF_COST): KdfParameters {
  const { memoryKiB, passes, parallelism } = cost;
  return { memoryKiB, passes, parallelism, salt: crypto.getRandomValues(new Uint8Array(SALT_LENGTH)) };
}

/**
 * Refuses parameters that are too cheap to protect a password or dear enough to stop the machine.
 *
 * @throws {FailedError} `kdf_parameters`.
 */
export function checkKdfParameters(parameters: KdfParameters, limits: KdfLimits = KDF_LIMITS): void {
  const { memoryKiB, passes, parallelism, salt } = parameters;
  const within = (value: number, min: number, max: number) =>
    Number.isSafeInteger(value) && value >= min && value <= max;
  const why = !within(parallelism, 1, limits.maxParallelism)
    ? `parallelism ${parallelism} is not from 1 to ${limits.maxParallelism}`
    : !within(memoryKiB, Math.max(limits.minMemoryKiB, 8 * parallelism), limits.maxMemoryKiB)
    ? `memory of ${memoryKiB} KiB is not from ${limits.minMemoryKiB} to ${limits.maxMemoryKiB}`
    : !within(passes, limits.minPasses, limits.maxPasses)
    ? `${passes} passes are not from ${limits.minPasses} to ${limits.maxPasses}`
    : !within(salt.length, limits.minSaltLength, MAX_SALT_LENGTH)
    ? `a salt of ${salt.length} bytes is not from ${limits.minSaltLength} to ${MAX_SALT_LENGTH}`
    : undefined;
  if (why === undefined) return;
  throw new FailedError(`cannot derive the key: ${why}`, {
    code: "kdf_parameters",
    hint: "the vault was written by another program or changed: put back a copy you trust",
  });
}

/**
 * Derives the key-encryption key: AES-256-GCM, not extractable. The password's bytes stay the caller's to wipe.
 *
 * @throws {FailedError} `kdf_parameters` before any work if the parameters are outside the limits.
 */
export async function deriveKek(
  password: Uint8Array,
  parameters: KdfParameters,
  limits: KdfLimits = KDF_LIMITS,
): Promise<CryptoKey> {
  checkKdfParameters(parameters, limits);
  const copy = new Uint8Array(password);
  try {
    const base = await importPassword(copy);
    return base === undefined
      ? await deriveWithWasm(copy, parameters)
      : await deriveNatively(base, parameters);
  } finally {
    wipe(copy);
  }
}

/**
 * Derives bytes instead of a key, for formats that derive more than one key from them; the caller wipes them. Whether
 * the parameters are acceptable is the caller's to check.
 */
export async function deriveBytes(
  password: Uint8Array,
  parameters: KdfParameters,
  length: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const copy = new Uint8Array(password);
  try {
    const base = await importPassword(copy, "deriveBits");
    if (base === undefined) return await bytesWithWasm(copy, parameters, length);
    return new Uint8Array(await crypto.subtle.deriveBits(algorithmOf(parameters), base, length * 8));
  } finally {
    wipe(copy);
  }
}

// "raw-secret" and Argon2id are newer than the type library: https://wicg.github.io/webcrypto-modern-algos/
const RAW_SECRET = "raw-secret" as "raw";

async function importPassword(
  password: Uint8Array<ArrayBuffer>,
  use: "deriveKey" | "deriveBits" = "deriveKey",
): Promise<CryptoKey | undefined> {
  try {
    return await crypto.subtle.importKey(RAW_SECRET, password, "Argon2id", false, [use]);
  } catch (error) {
    // An older runtime knows neither the format (TypeError) nor the algorithm; the caller then computes it itself.
    if (error instanceof TypeError || (error instanceof DOMException && error.name === "NotSupportedError")) {
      return undefined;
    }
    throw error;
  }
}

async function deriveNatively(base: CryptoKey, parameters: KdfParameters): Promise<CryptoKey> {
  const target = { name: "AES-GCM", length: 256 };
  return await crypto.subtle.deriveKey(algorithmOf(parameters), base, target, false, ["encrypt", "decrypt"]);
}

function algorithmOf({ memoryKiB, passes, parallelism, salt }: KdfParameters) {
  return { name: "Argon2id", memory: memoryKiB, passes, parallelism, nonce: salt };
}

/** The same derivation in WebAssembly, for runtimes without Argon2id; exported as a cross-check. */
export async function deriveWithWasm(password: Uint8Array, parameters: KdfParameters): Promise<CryptoKey> {
  const key = await bytesWithWasm(password, parameters, 32);
  try {
    return await crypto.subtle.importKey("raw", new Uint8Array(key), "AES-GCM", false, [
      "encrypt",
      "decrypt",
    ]);
  } finally {
    wipe(key);
  }
}

async function bytesWithWasm(
  password: Uint8Array,
  parameters: KdfParameters,
  length: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const { argon2id } = await import("hash-wasm");
  const bytes = await argon2id({
    password,
    salt: parameters.salt,
    memorySize: parameters.memoryKiB,
    iterations: parameters.passes,
    parallelism: parameters.parallelism,
    hashLength: length,
    outputType: "binary",
  });
  return new Uint8Array(bytes);
}
