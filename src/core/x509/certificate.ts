/**
 * X.509 certificates (RFC 5280) of two kinds: a certificate authority's own, and one for a server. What is to be signed
 * is built here; whoever holds the key signs it.
 *
 * @module
 */

import { parseIPv4, parseIPv6 } from "../address.ts";
import { utf8 } from "../bytes.ts";
import {
  bitString,
  type Der,
  explicit,
  implicit,
  integer,
  objectIdentifier,
  octetString,
  sequence,
  setOf,
  time,
  TRUE,
  utf8String,
} from "./der.ts";

/** Length of a serial number in bytes; RFC 5280 section 4.1.2.2 allows 20. */
export const SERIAL_LENGTH = 16;

/** What both kinds have. */
export interface CertificateFields {
  /** {@linkcode SERIAL_LENGTH} random bytes. */
  serial: Uint8Array;
  /** Common name of the authority that signs. */
  issuer: string;
  /** First moment of validity, ms since the epoch. */
  notBefore: number;
  /** Last moment of validity, ms since the epoch. */
  notAfter: number;
  /** The public key as SubjectPublicKeyInfo, DER. */
  publicKey: Uint8Array;
  /** Identifier of that key, see {@linkcode publicKeyBits}. */
  keyId: Uint8Array;
  /** Identifier of the signing key. */
  issuerKeyId: Uint8Array;
}

/** Signs with ECDSA and SHA-256; answers the signature as DER, `SEQUENCE { r, s }`. */
export type Sign = (toBeSigned: Uint8Array<ArrayBuffer>) => Promise<Uint8Array>;

const OID = {
  commonName: "2.5.4.3",
  organization: "2.5.4.10",
  ecdsaWithSha256: "1.2.840.10045.4.3.2",
  subjectKeyIdentifier: "2.5.29.14",
  keyUsage: "2.5.29.15",
  subjectAltName: "2.5.29.17",
  basicConstraints: "2.5.29.19",
  authorityKeyIdentifier: "2.5.29.35",
  extendedKeyUsage: "2.5.29.37",
  serverAuth: "1.3.6.1.5.5.7.3.1",
} as const;

/** GeneralName choices, RFC 5280 section 4.2.1.6. */
const DNS_NAME = 2;
const IP_ADDRESS = 7;

const VERSION_3 = explicit(0, integer(Uint8Array.of(2)));
const ECDSA_WITH_SHA256 = sequence(objectIdentifier(OID.ecdsaWithSha256));
const ORGANIZATION = "WispKey";
/** Upper bound of a common name, RFC 5280 appendix A.1. */
const MAX_COMMON_NAME = 64;

/** A certificate authority that may sign servers' certificates and no further authorities. DER. */
export function authorityCertificate(fields: CertificateFields, sign: Sign): Promise<Der> {
  return certificate(fields, distinguishedName(fields.issuer), [
    extension(OID.basicConstraints, true, sequence(TRUE, integer(Uint8Array.of(0)))),
    // keyCertSign and cRLSign.
    extension(OID.keyUsage, true, bitString(Uint8Array.of(0b0000_0110), 1)),
    extension(OID.extendedKeyUsage, false, sequence(objectIdentifier(OID.serverAuth))),
  ], sign);
}

/**
 * A certificate for one server. DER.
 *
 * @param host a name in lower case, or an address literal without brackets
 */
export function serverCertificate(fields: CertificateFields, host: string, sign: Sign): Promise<Der> {
  const subject = host.length <= MAX_COMMON_NAME ? distinguishedName(host) : sequence();
  return certificate(fields, subject, [
    extension(OID.basicConstraints, true, sequence()),
    // digitalSignature.
    extension(OID.keyUsage, true, bitString(Uint8Array.of(0b1000_0000), 7)),
    extension(OID.extendedKeyUsage, false, sequence(objectIdentifier(OID.serverAuth))),
    // Critical where there is no subject besides, RFC 5280 section 4.2.1.6.
    extension(OID.subjectAltName, host.length > MAX_COMMON_NAME, sequence(generalName(host))),
  ], sign);
}

/** The bits of the key inside a SubjectPublicKeyInfo of a P-256 key, over whose hash key identifiers are made. */
export function publicKeyBits(publicKey: Uint8Array): Uint8Array {
  return publicKey.subarray(-65);
}

/** An ECDSA signature from its two halves as WebCrypto gives them. */
export function ecdsaSignature(raw: Uint8Array): Der {
  const half = raw.length / 2;
  return sequence(integer(raw.subarray(0, half)), integer(raw.subarray(half)));
}

/** PEM (RFC 7468) of a DER object. */
export function pem(label: string, der: Uint8Array): string {
  const lines = der.toBase64().match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}

async function certificate(
  fields: CertificateFields,
  subject: Der,
  extensions: readonly Der[],
  sign: Sign,
): Promise<Der> {
  const { notBefore, notAfter, issuer, publicKey, keyId, issuerKeyId } = fields;
  const toBeSigned = sequence(
    VERSION_3,
    integer(positiveSerial(fields.serial)),
    ECDSA_WITH_SHA256,
    distinguishedName(issuer),
    sequence(time(notBefore), time(notAfter)),
    subject,
    publicKey,
    explicit(
      3,
      sequence(
        ...extensions,
        extension(OID.subjectKeyIdentifier, false, octetString(keyId)),
        extension(OID.authorityKeyIdentifier, false, sequence(implicit(0, issuerKeyId))),
      ),
    ),
  );
  return sequence(toBeSigned, ECDSA_WITH_SHA256, bitString(await sign(toBeSigned)));
}

/** Never zero, never negative, and always of the same length, whatever the random bytes are. */
function positiveSerial(random: Uint8Array): Uint8Array {
  const serial = random.slice();
  serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40;
  return serial;
}

function distinguishedName(commonName: string): Der {
  const attribute = (type: string, value: string) =>
    setOf(sequence(objectIdentifier(type), utf8String(value)));
  return sequence(attribute(OID.organization, ORGANIZATION), attribute(OID.commonName, commonName));
}

function extension(type: string, critical: boolean, value: Der): Der {
  return sequence(objectIdentifier(type), ...(critical ? [TRUE] : []), octetString(value));
}

function generalName(host: string): Der {
  const address = addressBytes(host);
  return address === null ? implicit(DNS_NAME, utf8(host)) : implicit(IP_ADDRESS, address);
}

function addressBytes(host: string): Uint8Array | null {
  const v4 = parseIPv4(host);
  if (v4 !== null) return Uint8Array.of(v4 >>> 24, v4 >>> 16, v4 >>> 8, v4);
  const groups = parseIPv6(host);
  return groups === null ? null : Uint8Array.from(groups.flatMap((group) => [group >>> 8, group]));
}
