import assert from "node:assert/strict";
import fc from "fast-check";
import { METHODS } from "node:http";
import { latin1Bytes, latin1Text } from "../../../src/proxy/http/mod.ts";
import { frameByUs, type Framed, Oracle } from "./oracle.ts";

const CASES = Number(Deno.env.get("WISPKEY_FUZZ_CASES") ?? 2_000);

const lineEnd = fc.constantFrom(
  "\r\n",
  "\r\n",
  "\r\n",
  "\r\n",
  "\r\n",
  "\r\n",
  "\r\n",
  "\n",
  "\r",
  "\r\r\n",
  "\n\r\n",
);
const startLine = fc.constantFrom(
  "GET / HTTP/1.1",
  "POST /a?b HTTP/1.1",
  "POST http://a.test/x HTTP/1.1",
  "PUT /a HTTP/1.0",
  "OPTIONS * HTTP/1.1",
  "GET  / HTTP/1.1",
  "GET /\t HTTP/1.1",
  "GET / HTTP/1.1 ",
  "GET / HTTP/1.2",
  "get / HTTP/1.1",
  "GET / HTTP/0.9",
  "GET /",
);
const framingField = fc.constantFrom(
  "Content-Length: 5",
  "Content-Length: 5",
  "Content-Length: 05",
  "Content-Length: 0",
  "Content-Length: 3",
  "content-length: 6",
  "Content-Length: +5",
  "Content-Length: -5",
  "Content-Length: 5, 5",
  "Content-Length: 5,6",
  "Content-Length:5 ",
  "Content-Length: 5 5",
  "Content-Length: 0x5",
  "Content-Length:\t5",
  "Content-Length : 5",
  " Content-Length: 5",
  "Content-Length: ",
  "Content-Length: 18446744073709551616",
  "Transfer-Encoding: chunked",
  "Transfer-Encoding: chunked",
  "transfer-encoding: CHUNKED",
  "Transfer-Encoding: chunked ",
  "Transfer-Encoding:\x0bchunked",
  "Transfer-Encoding: xchunked",
  "Transfer-Encoding: chunked, identity",
  "Transfer-Encoding: gzip, chunked",
  "Transfer-Encoding: identity",
  "Transfer-Encoding : chunked",
  "Transfer-Encoding:",
  "Transfer-Encoding\n: chunked",
  "X: y\r\n Transfer-Encoding: chunked",
  "X: y\rTransfer-Encoding: chunked",
  "X: y\nTransfer-Encoding: chunked",
);
const plainField = fc.constantFrom(
  "X: y",
  "X:",
  "X:\t \x80\xff",
  "X_y: z",
  "X: a\0b",
  "X y: z",
  ": z",
  "X",
  "Connection: keep-alive",
  "Connection: close",
  "Expect: 100-continue",
);
const goodField = fc.oneof(
  plainField,
  fc.constantFrom(
    "Content-Length: 5",
    "Transfer-Encoding: chunked",
    "X: y",
    "A: b",
    "Connection: keep-alive",
  ),
);
const body = fc.constantFrom(
  "",
  "hello",
  "hello!",
  "abc",
  "0\r\n\r\n",
  "5\r\nhello\r\n0\r\n\r\n",
  "5\r\nhello\r\n0\r\nA: b\r\n\r\n",
  "005;x=y\r\nhello\r\n0\r\n\r\n",
  '5;x="a b"\r\nhello\r\n0\r\n\r\n',
  "5\nhello\n0\n\n",
  "5 \r\nhello\r\n0\r\n\r\n",
  "5\r\nhello0\r\n\r\n",
  "5\r\nhello\r\n0\r\n",
  "0x5\r\nhello\r\n0\r\n\r\n",
  "5\r\nhello\r\n00\r\n\r\n",
  "5;\nx\r\nhello\r\n0\r\n\r\n",
  "10000000000000005\r\nhello\r\n0\r\n\r\n",
  "5\r\nhello\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n",
);
const message = fc.tuple(
  startLine,
  fc.array(fc.oneof({ weight: 1, arbitrary: framingField }, { weight: 3, arbitrary: goodField }), {
    maxLength: 4,
  }),
  lineEnd,
  body,
)
  .map(([start, fields, end, content]) => [start, "Host: a", ...fields, ""].join("\r\n") + end + content);
const mutation = fc.tuple(
  fc.nat(),
  fc.constantFrom("insert", "replace", "delete", "swap"),
  fc.constantFrom(..."\r\n\0 \t:;,0159aF+-\x7f\x80\xff/"),
);
const stream = fc.tuple(
  fc.array(message, { minLength: 1, maxLength: 3 }),
  fc.array(mutation, { maxLength: 2 }),
)
  .map(([messages, mutations]) => {
    let text = messages.join("");
    for (const [place, kind, character] of mutations) {
      const at = place % (text.length + 1);
      const skipped = kind === "insert" ? 0 : kind === "swap" ? 2 : 1;
      const put = kind === "delete"
        ? ""
        : kind === "swap"
        ? text.slice(at, at + 2).split("").reverse().join("")
        : character;
      text = text.slice(0, at) + put + text.slice(at + skipped);
    }
    return latin1Bytes(text);
  });

function describe(requests: Framed[]): string {
  return JSON.stringify(requests, undefined, 1);
}

Deno.test(`no request that llhttp frames differently is accepted (${CASES} streams)`, async () => {
  await using oracle = new Oracle();
  await oracle.start();
  const seed = Number(Deno.env.get("WISPKEY_FUZZ_SEED") ?? Date.now() % 1_000_000_000);
  const samples = fc.sample(stream, { numRuns: CASES, seed });
  let accepted = 0;
  const check = async (bytes: Uint8Array): Promise<void> => {
    const found = await frameByUs(bytes);
    // llhttp knows its methods by name, and has nothing to say of others.
    const unknown = found.findIndex(({ method }) => !METHODS.includes(method) || method === "CONNECT");
    const ours = unknown < 0 ? found : found.slice(0, unknown);
    const theirs = await oracle.frame(bytes);
    accepted += ours.length;
    assert.deepEqual(
      theirs.slice(0, ours.length),
      ours,
      `seed ${seed}: ${JSON.stringify(latin1Text(bytes))}\nours ${describe(ours)}\nllhttp ${
        describe(theirs)
      }`,
    );
  };
  for (let from = 0; from < samples.length; from += 64) {
    await Promise.all(samples.slice(from, from + 64).map(check));
  }
  assert.ok(accepted > CASES / 20, `only ${accepted} requests were accepted: the streams test nothing`);
});
