/**
 * Writes secrets into the values they belong in: bytes to bytes, escaped for the place, everything else untouched. What
 * was put in is never looked at again, so a secret that contains a token's text stays as it is.
 *
 * @module
 */

import { base64Length, writeBase64 } from "./base64.ts";
import { concat, wipe } from "./bytes.ts";
import { DeniedError } from "./errors.ts";
import { isUnreserved } from "./request_path.ts";
import type { BodyEscape } from "./sightings.ts";

/** A secret for the token at `start` to `end` of a text. */
export interface Replacement {
  /** Index of the token's first character. */
  readonly start: number;
  /** Index after its last. */
  readonly end: number;
  /** The secret; wiped by whoever opened it. */
  readonly secret: Uint8Array;
}

/**
 * A header value with its tokens replaced.
 *
 * @param value the client's value, one character per byte
 * @param replacements in order of `start`, not overlapping
 * @throws {DeniedError} `value_not_allowed_here` if a secret holds a control character, such as a line break.
 */
export function headerValue(value: string, replacements: readonly Replacement[]): Uint8Array<ArrayBuffer> {
  let length = value.length;
  for (const { start, end, secret } of replacements) {
    refuseControls(secret, "a header");
    length += secret.length - (end - start);
  }
  return splice(value, replacements, new Uint8Array(length), (secret, out, at) => {
    out.set(secret, at);
    return at + secret.length;
  });
}

/** A query with its tokens replaced by percent-encoded secrets; see {@linkcode headerValue}. Takes every byte value. */
export function queryValue(query: string, replacements: readonly Replacement[]): Uint8Array<ArrayBuffer> {
  let length = query.length;
  for (const { start, end, secret } of replacements) {
    length += percentEncodedLength(secret) - (end - start);
  }
  return splice(query, replacements, new Uint8Array(length), writePercentEncoded);
}

/**
 * The value `Basic <base64>` for a credential of the form `user:password`. A secret without a colon is a password only, for
 * which the client's user is kept.
 *
 * @param user the user that the client wrote, if it wrote one
 * @throws {DeniedError} `value_not_allowed_here` for control characters, or if neither names a user.
 */
export function basicPair(secret: Uint8Array, user: string | null): Uint8Array<ArrayBuffer> {
  refuseControls(secret, "Basic authorization");
  if (secret.includes(0x3a)) return basicOf(secret);
  if (user === null) {
    throw new DeniedError(
      "cannot use the value as Basic authorization: it is not of the form user:password",
      {
        code: "value_not_allowed_here",
        hint: "send it as a password (curl -u user:<token>), or replace it by user:password",
      },
    );
  }
  return basicAround(`${user}:`, { start: user.length + 1, end: user.length + 1, secret });
}

/** The value `Basic <base64>` of a decoded pair with one token in it replaced; see {@linkcode headerValue}. */
export function basicAround(decoded: string, replacement: Replacement): Uint8Array<ArrayBuffer> {
  const plain = headerValue(decoded, [replacement]);
  const value = basicOf(plain);
  wipe(plain);
  return value;
}

/** A secret for the token at `start` to `end` of a body. */
export interface BodyReplacement extends Replacement {
  /** How it is written there. */
  readonly escape: BodyEscape;
}

/**
 * A body with its tokens replaced, every other byte as it was.
 *
 * @param replacements in order of `start`, not overlapping
 * @param boundary of a multipart body, which no secret may hold
 * @throws {DeniedError} `value_not_allowed_here` if a secret for JSON is not UTF-8, or one for multipart holds its boundary.
 */
export function bodyValue(
  body: Uint8Array,
  replacements: readonly BodyReplacement[],
  boundary: string | null = null,
): Uint8Array<ArrayBuffer> {
  let length = body.length;
  for (const { start, end, secret, escape } of replacements) {
    length += escapedLength(secret, escape, boundary) - (end - start);
  }
  const out = new Uint8Array(length);
  let from = 0;
  let at = 0;
  for (const { start, end, secret, escape } of replacements) {
    out.set(body.subarray(from, start), at);
    at += start - from;
    if (escape === "json") at = writeJsonEscaped(secret, out, at);
    else if (escape === "percent") at = writePercentEncoded(secret, out, at);
    else {
      out.set(secret, at);
      at += secret.length;
    }
    from = end;
  }
  out.set(body.subarray(from), at);
  return out;
}

function escapedLength(secret: Uint8Array, escape: BodyEscape, boundary: string | null): number {
  switch (escape) {
    case "json":
      if (!isUtf8(secret)) throw notAllowed("a JSON body", "it is not UTF-8 text");
      return jsonEscapedLength(secret);
    case "percent":
      return percentEncodedLength(secret);
    case "multipart":
      if (boundary !== null && includesText(secret, `--${boundary}`)) {
        throw notAllowed("a multipart body", "it holds the boundary between parts");
      }
      return secret.length;
    case "none":
      return secret.length;
  }
}

function isUtf8(bytes: Uint8Array): boolean {
  // A decoder would make a string of the secret; this reads it where it lies (Unicode, table 3-7).
  for (let i = 0; i < bytes.length;) {
    const lead = bytes[i]!;
    const more = lead < 0x80
      ? 0
      : lead < 0xc2
      ? -1
      : lead < 0xe0
      ? 1
      : lead < 0xf0
      ? 2
      : lead < 0xf5
      ? 3
      : -1;
    if (more < 0 || i + more >= bytes.length) return false;
    const first = bytes[i + 1]!;
    if (lead === 0xe0 && first < 0xa0) return false;
    if (lead === 0xed && first > 0x9f) return false;
    if (lead === 0xf0 && first < 0x90) return false;
    if (lead === 0xf4 && first > 0x8f) return false;
    for (let j = 1; j <= more; j++) if ((bytes[i + j]! & 0xc0) !== 0x80) return false;
    i += more + 1;
  }
  return true;
}

function includesText(bytes: Uint8Array, text: string): boolean {
  search: for (let i = 0; i + text.length <= bytes.length; i++) {
    for (let j = 0; j < text.length; j++) if (bytes[i + j] !== text.charCodeAt(j)) continue search;
    return true;
  }
  return false;
}

function jsonEscapedLength(secret: Uint8Array): number {
  let length = 0;
  for (const byte of secret) length += byte === 0x22 || byte === 0x5c ? 2 : byte < 0x20 ? 6 : 1;
  return length;
}

function writeJsonEscaped(secret: Uint8Array, out: Uint8Array, offset: number): number {
  let at = offset;
  for (const byte of secret) {
    if (byte === 0x22 || byte === 0x5c) {
      out[at++] = 0x5c;
      out[at++] = byte;
    } else if (byte < 0x20) {
      // \u00XX, RFC 8259 section 7.
      out.set(UNICODE_ESCAPE, at);
      at += UNICODE_ESCAPE.length;
      out[at++] = HEX[byte >> 4]!;
      out[at++] = HEX[byte & 15]!;
    } else {
      out[at++] = byte;
    }
  }
  return at;
}

const UNICODE_ESCAPE = Uint8Array.from("\\u00", (character) => character.charCodeAt(0));

const BASIC = Uint8Array.from("Basic ", (character) => character.charCodeAt(0));

function basicOf(pair: Uint8Array): Uint8Array<ArrayBuffer> {
  const out = concat(BASIC, new Uint8Array(base64Length(pair.length)));
  writeBase64(pair, out, BASIC.length);
  return out;
}

function splice(
  text: string,
  replacements: readonly Replacement[],
  out: Uint8Array<ArrayBuffer>,
  write: (secret: Uint8Array, out: Uint8Array, at: number) => number,
): Uint8Array<ArrayBuffer> {
  let from = 0;
  let at = 0;
  for (const { start, end, secret } of replacements) {
    at = copyLatin1(text, from, start, out, at);
    at = write(secret, out, at);
    from = end;
  }
  copyLatin1(text, from, text.length, out, at);
  return out;
}

function copyLatin1(text: string, from: number, to: number, out: Uint8Array, at: number): number {
  for (let i = from; i < to; i++) out[at++] = text.charCodeAt(i);
  return at;
}

function percentEncodedLength(secret: Uint8Array): number {
  let length = 0;
  for (const byte of secret) length += isUnreserved(byte) ? 1 : 3;
  return length;
}

const HEX = Uint8Array.from("0123456789ABCDEF", (character) => character.charCodeAt(0));

function writePercentEncoded(secret: Uint8Array, out: Uint8Array, offset: number): number {
  let at = offset;
  for (const byte of secret) {
    if (isUnreserved(byte)) {
      out[at++] = byte;
    } else {
      out[at++] = 0x25;
      out[at++] = HEX[byte >> 4]!;
      out[at++] = HEX[byte & 15]!;
    }
  }
  return at;
}

function refuseControls(secret: Uint8Array, where: string): void {
  for (const byte of secret) {
    if ((byte < 0x20 && byte !== 0x09) || byte === 0x7f) {
      throw notAllowed(where, "it holds a line break or another control character");
    }
  }
}

function notAllowed(where: string, why: string): DeniedError {
  return new DeniedError(`cannot put the value into ${where}: ${why}`, {
    code: "value_not_allowed_here",
    hint: "replace the value by one without it (a file often ends with a line break)",
  });
}
