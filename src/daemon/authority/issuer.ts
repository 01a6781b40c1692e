/**
 * The local certificate authority as keys and certificates: makes one, and signs servers' certificates with it.
 * All keys are P-256, all signatures ECDSA with SHA-256.
 *
 * @module
 */

import { X509Certificate } from "node:crypto";
import { wipe } from "../../core/bytes.ts";
import {
  authorityCertificate,
  type CertificateFields,
  ecdsaSignature,
  pem,
  publicKeyBits,
  SERIAL_LENGTH,
  serverCertificate,
  type Sign,
} from "../../core/x509/certificate.ts";
import type { LeafCertificate } from "../../proxy/ports.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
/** Clocks of clients may be so far behind ours. */
const SKEW_MS = DAY_MS;
/** How long an authority is good for. */
export const AUTHORITY_DAYS = 5 * 365;
/** How long a server's certificate is good for; clients refuse what is good for more than 397 days. */
export const LEAF_DAYS = 30;
/** A server's certificate is replaced so long before it ends, so that no client with a fast clock sees its end. */
const RENEW_BEFORE_MS = 10 * DAY_MS;
/** Length of a key identifier: SHA-256 cut to 160 bits (RFC 7093 section 2, method 1). */
const KEY_ID_LENGTH = 20;

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;

/** An authority as it is kept. */
export interface AuthorityPair {
  /** The certificate, DER. */
  certificate: Uint8Array<ArrayBuffer>;
  /** The private key, PKCS #8; whoever holds it wipes it. */
  privateKey: Uint8Array<ArrayBuffer>;
}

/** What may be told of an authority. */
export interface AuthorityInfo {
  /** Its common name. */
  name: string;
  /** SHA-256 of its certificate, lower-case hex. */
  fingerprint: string;
  /** First moment of validity, ms since the epoch. */
  notBefore: number;
  /** Last moment of validity, ms since the epoch. */
  notAfter: number;
  /** The certificate, PEM. */
  certificate: string;
}

/** Makes an authority with a fresh key. */
export async function makeAuthority(now: number): Promise<AuthorityPair> {
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]) as CryptoKeyPair;
  const publicKey = await spkiOf(keys.publicKey);
  const keyId = await keyIdOf(publicKey);
  const certificate = await authorityCertificate({
    serial: newSerial(),
    issuer: `WispKey local CA ${keyId.toHex().slice(0, 8)}`,
    notBefore: now - SKEW_MS,
    notAfter: now + AUTHORITY_DAYS * DAY_MS,
    publicKey,
    keyId,
    issuerKeyId: keyId,
  }, signer(keys.privateKey));
  return { certificate, privateKey: new Uint8Array(await crypto.subtle.exportKey("pkcs8", keys.privateKey)) };
}

/** Reads what a certificate, DER, says of its authority. */
export function describeAuthority(certificate: Uint8Array): AuthorityInfo {
  const parsed = new X509Certificate(certificate);
  return {
    name: /^CN=(.*)$/m.exec(parsed.subject)?.[1] ?? "",
    fingerprint: parsed.fingerprint256.replaceAll(":", "").toLowerCase(),
    notBefore: Date.parse(parsed.validFrom),
    notAfter: Date.parse(parsed.validTo),
    certificate: pem("CERTIFICATE", certificate),
  };
}

/** Signs servers' certificates. One key serves all of them: it lives and dies with the process. */
export class Issuer {
  readonly #info: AuthorityInfo;
  readonly #sign: Sign;
  readonly #authorityKeyId: Uint8Array;
  readonly #leaf: Pick<CertificateFields, "publicKey" | "keyId"> & { pem: string };

  private constructor(
    info: AuthorityInfo,
    sign: Sign,
    authorityKeyId: Uint8Array,
    leaf: Pick<CertificateFields, "publicKey" | "keyId"> & { pem: string },
  ) {
    this.#info = info;
    this.#sign = sign;
    this.#authorityKeyId = authorityKeyId;
    this.#leaf = leaf;
  }

  /**
   * Makes one that signs with an authority's key, which cannot be taken out of it again.
   *
   * @param privateKey PKCS #8; the caller wipes it
   */
  static async create(info: AuthorityInfo, privateKey: Uint8Array<ArrayBuffer>): Promise<Issuer> {
    const key = await crypto.subtle.importKey("pkcs8", privateKey, ALGORITHM, false, ["sign"]);
    const authority = new X509Certificate(info.certificate).publicKey.export({ type: "spki", format: "der" });
    const leafKeys = await crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]) as CryptoKeyPair;
    const publicKey = await spkiOf(leafKeys.publicKey);
    const leafKey = new Uint8Array(await crypto.subtle.exportKey("pkcs8", leafKeys.privateKey));
    try {
      return new Issuer(info, signer(key), await keyIdOf(new Uint8Array(authority)), {
        publicKey,
        keyId: await keyIdOf(publicKey),
        // node:tls takes nothing but text; this key is worth nothing beyond this process.
        pem: pem("PRIVATE KEY", leafKey),
      });
    } finally {
      wipe(leafKey);
    }
  }

  /** Makes a certificate for a host: a name in lower case, or an address without brackets. */
  async leafFor(host: string, now: number): Promise<LeafCertificate> {
    const notAfter = Math.min(now + LEAF_DAYS * DAY_MS, this.#info.notAfter);
    const certificate = await serverCertificate(
      {
        serial: newSerial(),
        issuer: this.#info.name,
        notBefore: Math.max(now - SKEW_MS, this.#info.notBefore),
        notAfter,
        publicKey: this.#leaf.publicKey,
        keyId: this.#leaf.keyId,
        issuerKeyId: this.#authorityKeyId,
      },
      host,
      this.#sign,
    );
    return {
      certificate: pem("CERTIFICATE", certificate),
      key: this.#leaf.pem,
      renewAt: Math.min(notAfter, Math.max(now, notAfter - RENEW_BEFORE_MS) + DAY_MS),
    };
  }
}

function newSerial(): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(SERIAL_LENGTH));
}

function signer(key: CryptoKey): Sign {
  return async (bytes) => ecdsaSignature(new Uint8Array(await crypto.subtle.sign(ALGORITHM, key, bytes)));
}

async function spkiOf(key: CryptoKey): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await crypto.subtle.exportKey("spki", key));
}

async function keyIdOf(publicKey: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  const bits = new Uint8Array(publicKeyBits(publicKey));
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bits)).slice(0, KEY_ID_LENGTH);
}
