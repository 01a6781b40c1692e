/**
 * Operations on the local certificate authority.
 *
 * @module
 */

/** The authority as it may be told; its key never is. */
export interface AuthorityView {
  /** Its common name. */
  name: string;
  /** SHA-256 of its certificate, lower-case hex. */
  fingerprint: string;
  /** First moment of validity, ms since the epoch. */
  notBefore: number;
  /** Last moment of validity, ms since the epoch. */
  notAfter: number;
  /** The certificate, PEM, from the vault. */
  certificate: string;
  /** A file with the certificate alone, for clients that add it to the roots they have. */
  certificatePath: string;
  /** A file with the system's roots, those of `proxy.extra_ca` and the certificate, for clients that replace theirs. */
  bundlePath: string;
}

/** The operations; each writes the two files anew, so that what somebody made of them meanwhile does not matter. */
export interface AuthorityOperations {
  /** Makes the authority if there is none, or its time is over, and answers it. */
  "ca.init": { params: Record<string, never>; result: { ca: AuthorityView; created: boolean } };
  /** The authority; null if there is none. */
  "ca.show": { params: Record<string, never>; result: { ca: AuthorityView | null } };
  /** Makes another in its place: certificates of the old one are used no more. Needs the password. */
  "ca.renew": { params: Record<string, never>; result: { ca: AuthorityView } };
}
