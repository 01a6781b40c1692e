/**
 * PEM files of certificates (RFC 7468): found, checked for form, and written in one way. Whether one is a certificate
 * that can be trusted is not judged here.
 *
 * @module
 */

const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----\s*([A-Za-z0-9+/=\s]*?)\s*-----END \1-----/g;
const LINE_LENGTH = 64;
/** A DER SEQUENCE of at least 128 bytes: each certificate is one, no key file is mistaken for one by accident. */
const DER_LONG_SEQUENCE = 0x30;

/** A PEM file, read. */
export interface PemFile {
  /** Each certificate, as PEM in one spelling, without repetitions. */
  readonly certificates: readonly string[];
  /** Whether a private key was among them, which belongs in no list of trusted authorities. */
  readonly holdsPrivateKey: boolean;
}

/** Reads the certificates of a PEM file; null if a block is broken. Text between the blocks is ignored. */
export function readPem(text: string): PemFile | null {
  const certificates = new Set<string>();
  let holdsPrivateKey = false;
  let blocks = 0;
  for (const [, label = "", body = ""] of text.matchAll(BLOCK)) {
    blocks++;
    if (label.endsWith("PRIVATE KEY")) holdsPrivateKey = true;
    if (label !== "CERTIFICATE") continue;
    const der = decode(body.replaceAll(/\s/g, ""));
    if (der === null || der.length < 128 || der[0] !== DER_LONG_SEQUENCE) return null;
    certificates.add(encodeCertificate(der));
  }
  // A block without its end, or with letters of no base64, is not skipped but refused.
  if ((text.match(/-----BEGIN /g)?.length ?? 0) !== blocks) return null;
  return { certificates: [...certificates], holdsPrivateKey };
}

/** A certificate's DER as PEM, lines of 64 characters, with a line break at its end. */
export function encodeCertificate(der: Uint8Array): string {
  const base64 = der.toBase64();
  const lines = base64.match(new RegExp(`.{1,${LINE_LENGTH}}`, "g")) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}

function decode(base64: string): Uint8Array | null {
  try {
    return Uint8Array.fromBase64(base64);
  } catch {
    // Not base64, which is all the caller wants to know.
    return null;
  }
}
