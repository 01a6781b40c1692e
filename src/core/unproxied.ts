/**
 * Secrets that no proxy can put into a request, told by how they begin. No part of a secret becomes a string: what is
 * decoded is a scheme, or the line that says what kind of key follows.
 *
 * @module
 */

/** Schemes of addresses that are not spoken over HTTP. */
export const DATABASE_SCHEME: RegExp =
  /^(?:postgres(?:ql)?|mysql2?|mariadb|mongodb(?:\+srv)?|rediss?|amqps?|mssql|sqlserver|oracle|cockroachdb|clickhouse|cassandra|neo4j(?:\+s)?|nats|kafka|ldaps?|smtps?|ftps?|sftp|libsql|couchdb|jdbc:[a-z]+|[a-z]+\+[a-z0-9]+):\/\//i;

/** Why programs need such a secret itself. */
export const DATABASES = "databases do not speak HTTP";
/** The same of addresses with a password. */
export const IN_AN_ADDRESS = "its password stands in the middle of an address";
/** The same of private keys. */
export const SIGNED_WITH = "programs sign with it, it is never sent";

/** Longest scheme looked for, and longest first line of a key, in bytes. */
const LONGEST_BEGIN = 64;
const AT = 0x40;
const COLON = 0x3a;
/** What ends the authority of an address: blanks, `/`, `?`, `#`. */
const ENDS_AUTHORITY = new Set([0x20, 0x09, 0x0a, 0x0d, 0x2f, 0x3f, 0x23]);

/** Why no proxy can put a value into a request; null if nothing speaks against it. */
export function whyUnproxied(value: Uint8Array): string | null {
  if (/^-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----/.test(firstLine(value))) return SIGNED_WITH;
  const scheme = schemeOf(value);
  if (scheme === null) return null;
  if (DATABASE_SCHEME.test(scheme)) return DATABASES;
  return hasPassword(value.subarray(scheme.length)) ? IN_AN_ADDRESS : null;
}

/** The first line if it is short enough to be the heading of a key, and is one. */
function firstLine(value: Uint8Array): string {
  if (value[0] !== 0x2d) return "";
  const end = value.indexOf(0x0a);
  return end < 0 || end > LONGEST_BEGIN ? "" : String.fromCharCode(...value.subarray(0, end));
}

/** `https://` of an address; null for everything else. */
function schemeOf(value: Uint8Array): string | null {
  for (let i = 0; i < Math.min(value.length - 2, LONGEST_BEGIN); i++) {
    const byte = value[i] ?? 0;
    if (byte === COLON && value[i + 1] === 0x2f && value[i + 2] === 0x2f) {
      return i === 0 ? null : String.fromCharCode(...value.subarray(0, i + 3));
    }
    if (!/[a-z0-9+.:-]/i.test(String.fromCharCode(byte))) return null;
  }
  return null;
}

/** Whether `user:password@` comes next. */
function hasPassword(rest: Uint8Array): boolean {
  let colon = -1;
  for (let i = 0; i < rest.length; i++) {
    const byte = rest[i] ?? 0;
    if (ENDS_AUTHORITY.has(byte)) return false;
    if (byte === COLON && colon < 0) colon = i;
    if (byte === AT) return colon >= 0 && i > colon + 1;
  }
  return false;
}
