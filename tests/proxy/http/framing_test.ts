import assert from "node:assert/strict";
import {
  HttpError,
  latin1Bytes,
  parseRequestHead,
  parseResponseHead,
  requestFraming,
  responseFraming,
} from "../../../src/proxy/http/mod.ts";

function ofRequest(start: string, ...fields: string[]) {
  return requestFraming(parseRequestHead(latin1Bytes([start, "Host: a", ...fields, "", ""].join("\r\n"))));
}

function ofResponse(method: string, start: string, ...fields: string[]) {
  return responseFraming(parseResponseHead(latin1Bytes([start, ...fields, "", ""].join("\r\n"))), method);
}

const isBadFraming = (error: unknown) =>
  error instanceof HttpError && error.code === "bad_framing" && error.status === 400;

Deno.test("a request has no body, a length, or chunks", () => {
  assert.deepEqual(ofRequest("GET / HTTP/1.1"), { kind: "none" });
  assert.deepEqual(ofRequest("POST / HTTP/1.1", "Content-Length: 0"), { kind: "length", length: 0 });
  assert.deepEqual(ofRequest("POST / HTTP/1.1", "Content-Length: 9007199254740991"), {
    kind: "length",
    length: Number.MAX_SAFE_INTEGER,
  });
  assert.deepEqual(ofRequest("POST / HTTP/1.1", "Transfer-Encoding: Chunked"), { kind: "chunked" });
});

const SMUGGLING: [name: string, ...fields: string[]][] = [
  ["CL.TE", "Content-Length: 6", "Transfer-Encoding: chunked"],
  ["TE.CL", "Transfer-Encoding: chunked", "Content-Length: 6"],
  ["CL.0 with TE identity", "Content-Length: 6", "Transfer-Encoding: identity"],
  ["two lengths", "Content-Length: 5", "Content-Length: 6"],
  ["two equal lengths", "Content-Length: 5", "Content-Length: 5"],
  ["a list of lengths", "Content-Length: 5, 5"],
  ["a signed length", "Content-Length: +5"],
  ["a negative length", "Content-Length: -1"],
  ["a hexadecimal length", "Content-Length: 0x5"],
  ["a length with blanks inside", "Content-Length: 1 2"],
  ["a fraction", "Content-Length: 5.0"],
  ["an exponent", "Content-Length: 1e3"],
  ["an empty length", "Content-Length:"],
  ["a length over 2^53", "Content-Length: 9007199254740992"],
  ["a length that overflows 64 bits", "Content-Length: 18446744073709551621"],
  ["Arabic digits as bytes", "Content-Length: \xd9\xa5"],
  ["a quoted length", 'Content-Length: "5"'],
  ["an underscore", "Content-Length: 1_0"],
  ["two codings", "Transfer-Encoding: chunked", "Transfer-Encoding: chunked"],
  ["chunked twice", "Transfer-Encoding: chunked, chunked"],
  ["chunked not last", "Transfer-Encoding: chunked, identity"],
  ["gzip and chunked", "Transfer-Encoding: gzip, chunked"],
  ["identity", "Transfer-Encoding: identity"],
  ["an unknown coding", "Transfer-Encoding: xchunked"],
  ["a quoted coding", 'Transfer-Encoding: "chunked"'],
  ["a parameter", "Transfer-Encoding: chunked;a=b"],
  ["a trailing comma", "Transfer-Encoding: chunked,"],
  ["a leading comma", "Transfer-Encoding: ,chunked"],
  ["an empty coding", "Transfer-Encoding:"],
  ["a non-breaking blank", "Transfer-Encoding: \xa0chunked"],
  ["a lookalike", "Transfer-Encoding: c\xa0hunked"],
];

for (const [name, ...fields] of SMUGGLING) {
  Deno.test(`framing is refused in both directions: ${name}`, () => {
    assert.throws(() => ofRequest("POST / HTTP/1.1", ...fields), isBadFraming);
    assert.throws(() => ofResponse("GET", "HTTP/1.1 200 OK", ...fields), isBadFraming);
  });
}

Deno.test("HTTP/1.0 has no chunks", () => {
  assert.throws(() => ofRequest("POST / HTTP/1.0", "Transfer-Encoding: chunked"), isBadFraming);
  assert.throws(() => ofResponse("GET", "HTTP/1.0 200 OK", "Transfer-Encoding: chunked"), isBadFraming);
});

Deno.test("CONNECT has no body, though it may say so", () => {
  assert.throws(() => ofRequest("CONNECT a:443 HTTP/1.1", "Content-Length: 3"), isBadFraming);
  assert.throws(() => ofRequest("CONNECT a:443 HTTP/1.1", "Transfer-Encoding: chunked"), isBadFraming);
  assert.deepEqual(ofRequest("CONNECT a:443 HTTP/1.1", "Content-Length: 0"), { kind: "length", length: 0 });
});

Deno.test("responses that have no body have none, whatever they say", () => {
  const none = { kind: "none" };
  assert.deepEqual(ofResponse("HEAD", "HTTP/1.1 200 OK", "Content-Length: 10"), none);
  assert.deepEqual(ofResponse("GET", "HTTP/1.1 204 No Content", "Content-Length: 10"), none);
  assert.deepEqual(ofResponse("GET", "HTTP/1.1 304 Not Modified", "Content-Length: 10"), none);
  assert.deepEqual(ofResponse("GET", "HTTP/1.1 103 Early Hints"), none);
  assert.deepEqual(ofResponse("GET", "HTTP/1.1 101 Switching Protocols"), none);
  assert.deepEqual(ofResponse("CONNECT", "HTTP/1.1 200 OK", "Content-Length: 10"), none);
});

Deno.test("what is said of a body that is not there must make sense all the same", () => {
  for (
    const [method, status] of [["HEAD", "200 OK"], ["GET", "204 No Content"], [
      "GET",
      "304 Not Modified",
    ]] as const
  ) {
    const start = `HTTP/1.1 ${status}`;
    assert.throws(() => ofResponse(method, start, "Content-Length: +5"), isBadFraming);
    assert.throws(() => ofResponse(method, start, "Content-Length: 5", "Content-Length: 6"), isBadFraming);
    assert.throws(() => ofResponse(method, start, "Transfer-Encoding: gzip, chunked"), isBadFraming);
  }
});

Deno.test("a response that says nothing ends with its connection", () => {
  assert.deepEqual(ofResponse("GET", "HTTP/1.1 200 OK"), { kind: "close" });
  assert.deepEqual(ofResponse("CONNECT", "HTTP/1.1 403 Forbidden"), { kind: "close" });
  assert.deepEqual(ofResponse("GET", "HTTP/1.1 200 OK", "Content-Length: 3"), { kind: "length", length: 3 });
});
