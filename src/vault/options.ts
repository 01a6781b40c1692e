/**
 * Options that all ways of opening a vault share.
 *
 * @module
 */

import type { KdfCost, KdfLimits } from "./kdf.ts";

/** How to create or open a vault. Everything has a default. */
export interface VaultOptions {
  /** Cost of the next derivation that is stored (`create`, `changePassword`); 64 MiB, 3 passes, 4 lanes. */
  kdf?: KdfCost;
  /** Bounds of acceptable cost. Only tests have a reason to change them. */
  kdfLimits?: KdfLimits;
  /** Wall time in milliseconds since the epoch. */
  now?: () => number;
  /** Another process may hold the write lock for so long before an act fails with `vault_busy`, milliseconds. */
  busyTimeoutMs?: number;
}
