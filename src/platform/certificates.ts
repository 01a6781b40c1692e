/**
 * What certificates say of themselves, for people who are to trust them.
 *
 * @module
 */

import { X509Certificate } from "node:crypto";
import { UsageError } from "../core/errors.ts";
import { escapeText } from "../core/name.ts";

/** What is told of a certificate. */
export interface CertificateFacts {
  /** Its subject on one line, safe for a terminal. */
  readonly subject: string;
  /** SHA-256 of its DER, lower-case hex. */
  readonly sha256: string;
  /** Last moment it is valid, milliseconds since the epoch; NaN if it says none that can be read. */
  readonly expiresAt: number;
  /** Whether it says that it may sign others. */
  readonly authority: boolean;
}

/**
 * Reads certificates.
 *
 * @param pems each one certificate as PEM
 * @throws {UsageError} `invalid_certificate` if one cannot be parsed.
 */
export function describeCertificates(pems: readonly string[]): CertificateFacts[] {
  return pems.map((pem, index) => {
    try {
      const certificate = new X509Certificate(pem);
      return {
        subject: escapeText(certificate.subject.replaceAll("\n", ", ")),
        sha256: certificate.fingerprint256.replaceAll(":", "").toLowerCase(),
        expiresAt: Date.parse(certificate.validTo),
        authority: certificate.ca,
      };
    } catch (error) {
      throw new UsageError(`cannot read certificate ${index + 1} of ${pems.length}: it is none`, {
        code: "invalid_certificate",
        hint: "openssl x509 -in FILE -noout -subject",
        cause: error,
      });
    }
  });
}
