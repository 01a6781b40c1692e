/**
 * Why a bundle cannot be read.
 *
 * @module
 */

import { FailedError } from "../core/errors.ts";

/** What is wrong with a bundle; codes of the errors. */
export type BundleFault =
  /** It is no bundle. */
  | "bundle_unknown"
  /** A newer program wrote it. */
  | "bundle_newer"
  /** Its key derivation would cost too much, or protect too little. */
  | "bundle_kdf_parameters"
  /** Passphrase or identity do not open it. */
  | "bundle_wrong_key"
  /** It was cut off or changed. */
  | "bundle_damaged"
  /** It is larger than {@linkcode MAX_BUNDLE_LENGTH} or one of the other limits. */
  | "bundle_too_large"
  /** It opens, but what it says is not allowed. */
  | "bundle_invalid";

const HINTS: Readonly<Record<BundleFault, string>> = {
  bundle_unknown:
    "name a file that 'wispkey project export', 'partition export' or 'credential export' wrote",
  bundle_newer: "update wispkey",
  bundle_kdf_parameters: "do not trust this file; ask for a fresh export",
  bundle_wrong_key: "ask who sent it for the passphrase, or which key it was made for",
  bundle_damaged: "ask for the file again",
  bundle_too_large: "export fewer credentials at once, for instance a partition instead of a project",
  bundle_invalid: "do not trust this file; ask for a fresh export",
};

/** An error that reads `cannot read the bundle: <why>`. */
export function bundleError(fault: BundleFault, why: string, cause?: unknown): FailedError {
  return new FailedError(`cannot read the bundle: ${why}`, { code: fault, hint: HINTS[fault], cause });
}
