import { KDF_LIMITS, type VaultOptions } from "../../src/vault/mod.ts";

/** Derives in under a millisecond; below the floor, which is therefore lowered with it. */
export const CHEAP_KDF: VaultOptions = {
  kdf: { memoryKiB: 64, passes: 1, parallelism: 1 },
  kdfLimits: { ...KDF_LIMITS, minMemoryKiB: 8, minPasses: 1, minSaltLength: 8 },
};
