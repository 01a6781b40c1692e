/**
 * Message heads, RFC 9112 sections 2 to 5, read strictly: whatever two programs could read differently is refused.
 * No I/O here; the reader hands over the bytes of a whole head.
 *
 * @module
 */

import { COLON, CR, HTAB, LF, SP, TARGET_CHARS, TOKEN_CHARS, VALUE_CHARS } from "./chars.ts";
import { HttpError } from "./errors.ts";
import { HeaderList } from "./headers.ts";
import { latin1Text } from "./latin1.ts";

/** The two versions spoken. */
export type HttpVersion = "1.0" | "1.1";

/** Start line and fields of a request. */
export interface RequestHead {
  /** Method as received; methods are case-sensitive. */
  readonly method: string;
  /** Request target as received, visible ASCII. */
  readonly target: string;
  /** Version of the client. */
  readonly version: HttpVersion;
  /** All fields. */
  readonly headers: HeaderList;
}

/** Status line and fields of a response. */
export interface ResponseHead {
  /** Status code, 100 to 999. */
  readonly status: number;
  /** Reason phrase, may be empty. */
  readonly reason: string;
  /** Version of the upstream. */
  readonly version: HttpVersion;
  /** All fields. */
  readonly headers: HeaderList;
}

/** Bounds on what is parsed. */
export interface HeadLimits {
  /** Largest number of fields. */
  maxHeaderFields: number;
  /** Largest request target in bytes. */
  maxTargetBytes: number;
}

/** Bounds that hold where the caller gives none. */
export const DEFAULT_HEAD_LIMITS: HeadLimits = { maxHeaderFields: 256, maxTargetBytes: 32 * 1024 };

/** No method in use is longer than 20 characters. */
const MAX_METHOD_BYTES = 32;
const ABSOLUTE_FORM = /^[A-Za-z]+:\/\/[^/]/;
const SLASH = 0x2f;
const HOST_FORBIDDEN = /[\s,/\\@?#]/;

/**
 * Parses a request head: the bytes from the start line to the empty line, both included. One empty line before the
 * start line is skipped (RFC 9112 section 2.2).
 *
 * @throws {HttpError} 400 `malformed_request`, 414 `target_too_long`, 431 `head_too_large`, 505 `bad_version`.
 */
export function parseRequestHead(bytes: Uint8Array, limits: HeadLimits = DEFAULT_HEAD_LIMITS): RequestHead {
  const start = bytes[0] === CR && bytes[1] === LF ? 2 : 0;
  let at = start;
  while (TOKEN_CHARS[bytes[at]!] === 1) at++;
  if (at === start || at - start > MAX_METHOD_BYTES || bytes[at] !== SP) {
    throw malformed("the method is not a token");
  }
  const method = latin1Text(bytes, start, at);
  const targetStart = ++at;
  while (TARGET_CHARS[bytes[at]!] === 1) at++;
  if (at - targetStart > limits.maxTargetBytes) {
    throw new HttpError(414, "target_too_long", "cannot read the request: its target is too long");
  }
  if (at === targetStart || bytes[at] !== SP) {
    throw malformed("the target is not made of visible ASCII characters between single spaces");
  }
  const target = latin1Text(bytes, targetStart, at);
  if (bytes[targetStart] !== SLASH && method !== "CONNECT" && target !== "*" && !ABSOLUTE_FORM.test(target)) {
    throw malformed("the target is neither a path nor an absolute URL");
  }
  const version = parseVersion(bytes, at + 1);
  at = endOfLine(bytes, at + 9);
  const headers = parseFields(bytes, at, limits.maxHeaderFields);
  const hosts = headers.getAll("host");
  if (hosts.length > 1) throw malformed("there is more than one Host field");
  if (hosts.length === 0 && version === "1.1") throw malformed("the Host field is missing");
  if (hosts[0] !== undefined && HOST_FORBIDDEN.test(hosts[0])) {
    throw malformed("the Host field is not a host");
  }
  return { method, target, version, headers };
}

/**
 * Parses a response head: the bytes from the status line to the empty line, both included. A missing blank before an
 * empty reason phrase is tolerated, as everywhere.
 *
 * @throws {HttpError} `malformed_request`, `head_too_large`, `bad_version`; the caller knows they come from upstream.
 */
export function parseResponseHead(bytes: Uint8Array, limits: HeadLimits = DEFAULT_HEAD_LIMITS): ResponseHead {
  const version = parseVersion(bytes, 0);
  if (bytes[8] !== SP) throw malformed("there is no space after the version");
  const hundreds = digit(bytes[9]);
  const status = hundreds * 100 + digit(bytes[10]) * 10 + digit(bytes[11]);
  if (!(status >= 100)) throw malformed("the status is not a number of three digits");
  let at = 12;
  let reason = "";
  if (bytes[at] === SP) {
    const reasonStart = ++at;
    while (VALUE_CHARS[bytes[at]!] === 1) at++;
    reason = latin1Text(bytes, reasonStart, at);
  }
  at = endOfLine(bytes, at);
  return { status, reason, version, headers: parseFields(bytes, at, limits.maxHeaderFields) };
}

const FRAMING_FIELD = /^(?:content-length|transfer-encoding)$/i;

/**
 * Parses field lines up to and with the empty line, which must be the last two bytes; used for trailers, too.
 *
 * @throws {HttpError} 400 `malformed_request`, 431 `head_too_large`.
 */
export function parseFields(bytes: Uint8Array, start: number, maxFields: number): HeaderList {
  const headers = new HeaderList();
  const last = bytes.length - 2;
  let at = start;
  while (bytes[at] !== CR || at !== last) {
    if (headers.size === maxFields) {
      throw new HttpError(
        431,
        "head_too_large",
        `cannot read the message: it has more than ${maxFields} fields`,
      );
    }
    const nameStart = at;
    while (TOKEN_CHARS[bytes[at]!] === 1) at++;
    // Also meets a folded line, a blank before the colon, an empty name and an empty line in the middle.
    if (at === nameStart || bytes[at] !== COLON) {
      throw malformed("a field name is not a token followed by a colon");
    }
    const name = latin1Text(bytes, nameStart, at);
    at++;
    while (bytes[at] === SP || bytes[at] === HTAB) at++;
    const valueStart = at;
    while (VALUE_CHARS[bytes[at]!] === 1) at++;
    let valueEnd = at;
    while (valueEnd > valueStart && (bytes[valueEnd - 1] === SP || bytes[valueEnd - 1] === HTAB)) valueEnd--;
    // RFC 9110 section 5.6.3 allows it; llhttp refuses it where it frames the message, so hosts may read two things.
    if (valueEnd < at && FRAMING_FIELD.test(name) && bytes.subarray(valueEnd, at).includes(HTAB)) {
      throw malformed("a tab follows the value that says where the message ends");
    }
    at = endOfLine(bytes, at);
    headers.append(name, latin1Text(bytes, valueStart, valueEnd));
  }
  if (bytes[at + 1] !== LF) throw malformed("a line does not end with CR LF");
  return headers;
}

function parseVersion(bytes: Uint8Array, at: number): HttpVersion {
  const text = latin1Text(bytes, at, Math.min(at + 8, bytes.length));
  if (text === "HTTP/1.1") return "1.1";
  if (text === "HTTP/1.0") return "1.0";
  if (/^HTTP\/\d\.\d$/.test(text)) {
    throw new HttpError(505, "bad_version", "cannot read the message: it is neither HTTP/1.1 nor HTTP/1.0");
  }
  throw malformed("the version is not of the form HTTP/1.1");
}

function endOfLine(bytes: Uint8Array, at: number): number {
  if (bytes[at] !== CR || bytes[at + 1] !== LF) {
    throw malformed("a line does not end with CR LF, or holds a control character");
  }
  return at + 2;
}

function digit(byte: number | undefined): number {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39 ? byte - 0x30 : NaN;
}

function malformed(why: string): HttpError {
  return new HttpError(400, "malformed_request", `cannot read the message: ${why}`);
}
