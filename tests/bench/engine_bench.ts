/**
 * The parts of the HTTP engine that every request passes: `deno bench tests/bench/engine_bench.ts`.
 *
 * @module
 */

import { ChunkedDecoder } from "../../src/proxy/http/chunked.ts";
import {
  endToEndFields,
  latin1Bytes,
  OutputBuffer,
  parseRequestHead,
  requestFraming,
  writeRequestHead,
} from "../../src/proxy/http/mod.ts";

const HEAD = latin1Bytes(
  [
    "POST /v1/chat/completions HTTP/1.1",
    "Host: api.openai.com",
    "User-Agent: OpenAI/JS 7.57.0",
    "Accept: application/json",
    "Content-Type: application/json",
    "Content-Length: 512",
    "Authorization: Bearer wk_openai_prod_a7x9m2k4c1d8e5f0",
    "X-Stainless-Lang: js",
    "X-Stainless-Os: Linux",
    "X-Stainless-Arch: x64",
    "X-Stainless-Runtime: node",
    "X-Stainless-Retry-Count: 0",
    "Accept-Encoding: gzip, deflate",
    "Connection: keep-alive",
    "",
    "",
  ].join("\r\n"),
);
const parsed = parseRequestHead(HEAD);
const fields = endToEndFields(parsed.headers);
const output = new OutputBuffer({
  read: () => Promise.resolve(null),
  write: (bytes) => Promise.resolve(bytes.length),
  closeWrite: () => Promise.resolve(),
  close: () => {},
});
const CHUNKS = latin1Bytes(`${"400\r\n" + "x".repeat(1024) + "\r\n"}`.repeat(60) + "0\r\n\r\n");

Deno.bench("parse a request head of 14 fields", () => {
  parseRequestHead(HEAD);
});

Deno.bench("tell its framing and the fields to pass on", () => {
  requestFraming(parsed);
  endToEndFields(parsed.headers);
});

Deno.bench("write it again", () => {
  writeRequestHead(output, parsed, fields, { kind: "length", length: 512 });
  output.discard();
});

Deno.bench("decode 60 KiB of chunks", () => {
  const decoder = new ChunkedDecoder();
  for (let at = 0; !decoder.done;) {
    at += decoder.advance(CHUNKS.subarray(at));
    const data = decoder.dataRemaining;
    if (data > 0) decoder.consumed(data);
    at += data;
  }
});
