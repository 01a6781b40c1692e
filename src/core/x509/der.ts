/**
 * The few types of DER (ITU-T X.690) that a certificate is made of.
 *
 * @module
 */

import { concat, utf8 } from "../bytes.ts";

/** Encoded bytes. */
export type Der = Uint8Array<ArrayBuffer>;

/** Identifier octets of the types in use. */
const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectIdentifier: 0x06,
  utf8String: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

const FIRST_YEAR_WITHOUT_UTC_TIME = 2050;

/** Identifier, length and content. */
export function element(tag: number, ...content: readonly Uint8Array[]): Der {
  const body = concat(...content);
  return concat(Uint8Array.of(tag, ...lengthOctets(body.length)), body);
}

/** SEQUENCE. */
export function sequence(...items: readonly Uint8Array[]): Der {
  return element(TAG.sequence, ...items);
}

/** SET of one item; more would have to be sorted. */
export function setOf(item: Uint8Array): Der {
  return element(TAG.set, item);
}

/** A context-specific tag around whole elements: `[number] EXPLICIT`. */
export function explicit(number: number, ...items: readonly Uint8Array[]): Der {
  return element(0xa0 | number, ...items);
}

/** A context-specific tag in the place of a primitive type's own: `[number] IMPLICIT`. */
export function implicit(number: number, content: Uint8Array): Der {
  return element(0x80 | number, content);
}

/** A non-negative INTEGER from big-endian bytes, in its shortest form. */
export function integer(magnitude: Uint8Array): Der {
  let start = 0;
  while (start < magnitude.length - 1 && magnitude[start] === 0) start++;
  const shortest = magnitude.subarray(start);
  const isNegative = (shortest[0] ?? 0) >= 0x80;
  return element(TAG.integer, ...(isNegative ? [Uint8Array.of(0)] : []), shortest);
}

/** BOOLEAN TRUE; FALSE is always a default and therefore never written. */
export const TRUE: Der = element(TAG.boolean, Uint8Array.of(0xff));

/** BIT STRING of whole bytes but for `unused` bits at the end. */
export function bitString(bytes: Uint8Array, unused = 0): Der {
  return element(TAG.bitString, Uint8Array.of(unused), bytes);
}

/** OCTET STRING. */
export function octetString(bytes: Uint8Array): Der {
  return element(TAG.octetString, bytes);
}

/** UTF8String. */
export function utf8String(text: string): Der {
  return element(TAG.utf8String, utf8(text));
}

/** OBJECT IDENTIFIER from its dotted form. */
export function objectIdentifier(dotted: string): Der {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  const octets = [first * 40 + second];
  for (const arc of rest) octets.push(...base128(arc));
  return element(TAG.objectIdentifier, Uint8Array.from(octets));
}

/** A time as RFC 5280 section 4.1.2.5 wants it: UTCTime until 2049, then GeneralizedTime; whole seconds. */
export function time(ms: number): Der {
  const date = new Date(ms);
  const text = `${date.toISOString().slice(0, 19).replaceAll(/[-:T]/g, "")}Z`;
  return date.getUTCFullYear() < FIRST_YEAR_WITHOUT_UTC_TIME
    ? element(TAG.utcTime, utf8(text.slice(2)))
    : element(TAG.generalizedTime, utf8(text));
}

function lengthOctets(length: number): number[] {
  if (length < 0x80) return [length];
  const octets: number[] = [];
  for (let left = length; left > 0; left = Math.floor(left / 256)) octets.unshift(left % 256);
  return [0x80 | octets.length, ...octets];
}

function base128(value: number): number[] {
  const octets = [value % 128];
  for (let left = Math.floor(value / 128); left > 0; left = Math.floor(left / 128)) {
    octets.unshift(0x80 | left % 128);
  }
  return octets;
}
