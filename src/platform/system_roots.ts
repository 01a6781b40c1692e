/**
 * The certificate authorities that this system trusts, as one PEM text.
 *
 * @module
 */

import { rootCertificates } from "node:tls";
import { fromUtf8 } from "../core/bytes.ts";
import { readFileBounded } from "./read_file.ts";

/** Where systems keep them in one file: Debian, Red Hat, SUSE, Alpine and macOS, and the older places. */
const BUNDLES = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/ca-bundle.pem",
  "/etc/ssl/cert.pem",
] as const;

/** Larger than any such file, bytes. */
const MAX_BUNDLE_BYTES = 4 * 1024 * 1024;

/**
 * Reads the roots from the first of `paths` that holds any; where none does (Windows), the list that comes with the
 * runtime stands in for it.
 */
export async function systemRoots(paths: readonly string[] = BUNDLES): Promise<string> {
  for (const path of paths) {
    try {
      const text = fromUtf8(await readFileBounded(path, MAX_BUNDLE_BYTES));
      if (text.includes("-----BEGIN CERTIFICATE-----")) return text;
    } catch {
      // Not this one: systems differ in which they have, and one that cannot be read is as good as none.
    }
  }
  return rootCertificates.join("\n");
}
