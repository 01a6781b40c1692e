/**
 * Where a message's body ends, RFC 9112 section 6. Only the plain cases are taken; everything that two programs along
 * the way could frame differently is refused, because that is how requests are smuggled.
 *
 * @module
 */

import { HttpError } from "./errors.ts";
import type { HeaderList } from "./headers.ts";
import type { RequestHead, ResponseHead } from "./parse_head.ts";
import type { Framing } from "./types.ts";

const NONE: Framing = { kind: "none" };
const CHUNKED: Framing = { kind: "chunked" };
const CLOSE: Framing = { kind: "close" };
const DIGITS = /^[0-9]{1,16}$/;

/**
 * How a request's body is delimited.
 *
 * @throws {HttpError} 400 `bad_framing` for `Content-Length` beside `Transfer-Encoding`, more than one of either, a
 * coding other than `chunked`, any `Transfer-Encoding` in HTTP/1.0, a length that is not a decimal number below
 * 2^53, and a body on CONNECT.
 */
export function requestFraming(head: RequestHead): Framing {
  const framing = declaredFraming(head.headers, head.version) ?? NONE;
  if (
    head.method === "CONNECT" && framing.kind !== "none" &&
    !(framing.kind === "length" && framing.length === 0)
  ) {
    throw badFraming("CONNECT has no body");
  }
  return framing;
}

/**
 * How the body of a response to a request with `requestMethod` is delimited. For 101 and a successful CONNECT it is
 * `none`: what follows is not HTTP. Where there is no body, what is said of it is checked all the same: it is passed on.
 *
 * @throws {HttpError} `bad_framing` as {@linkcode requestFraming}.
 */
export function responseFraming(head: ResponseHead, requestMethod: string): Framing {
  const { status } = head;
  if (status < 200 || (requestMethod === "CONNECT" && status < 300)) return NONE;
  const declared = declaredFraming(head.headers, head.version);
  return requestMethod === "HEAD" || status === 204 || status === 304 ? NONE : declared ?? CLOSE;
}

function declaredFraming(headers: HeaderList, version: string): Framing | undefined {
  let length: string | undefined;
  let coding: string | undefined;
  for (const { lower, value } of headers) {
    if (lower === "content-length") {
      if (length !== undefined) throw badFraming("there is more than one Content-Length");
      length = value;
    } else if (lower === "transfer-encoding") {
      if (coding !== undefined) throw badFraming("there is more than one Transfer-Encoding");
      coding = value;
    }
  }
  if (coding !== undefined) {
    if (length !== undefined) throw badFraming("it has both Content-Length and Transfer-Encoding");
    if (version === "1.0") throw badFraming("HTTP/1.0 has no Transfer-Encoding");
    if (coding.toLowerCase() !== "chunked") {
      throw badFraming("its Transfer-Encoding is not exactly 'chunked'");
    }
    return CHUNKED;
  }
  if (length === undefined) return undefined;
  const bytes = DIGITS.test(length) ? Number(length) : NaN;
  if (!Number.isSafeInteger(bytes)) {
    throw badFraming("its Content-Length is not a decimal number of a sane size");
  }
  return { kind: "length", length: bytes };
}

function badFraming(why: string): HttpError {
  return new HttpError(400, "bad_framing", `cannot tell where the message ends: ${why}`);
}
