import assert from "node:assert/strict";
import fc from "fast-check";
import { ChunkedDecoder } from "../../../src/proxy/http/chunked.ts";

/** Decodes a whole body, given in pieces of a length; answers the data. */
function decode(text: string, step = Infinity): string {
  const decoder = new ChunkedDecoder();
  const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));
  let data = "";
  let at = 0;
  while (at < bytes.length && !decoder.done) {
    if (decoder.dataRemaining > 0) {
      const count = Math.min(decoder.dataRemaining, bytes.length - at, step);
      data += String.fromCharCode(...bytes.subarray(at, at + count));
      decoder.consumed(count);
      at += count;
    } else at += decoder.advance(bytes.subarray(at, Math.min(bytes.length, at + step)));
  }
  assert.equal(decoder.done, true, "the body has no end");
  assert.equal(at, bytes.length, "bytes are left");
  return data;
}

Deno.test("property: any data in any chunks is read back, in pieces of any size", () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ minLength: 1, maxLength: 40, unit: "binary-ascii" })),
      fc.nat(9),
      (chunks, step) => {
        const body = chunks.map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`).join("") +
          "0\r\n\r\n";
        assert.equal(decode(body, step + 1), chunks.join(""));
      },
    ),
  );
});

Deno.test("a chunk ends exactly where its size says, with CR LF", () => {
  const wrong = [
    "5\r\nhelloXX0\r\n\r\n",
    "5\r\nhello\n\r0\r\n\r\n",
    "5\r\nhello\r0\r\n\r\n",
    "5\r\nhello\n0\r\n\r\n",
    "5\r\nhello!\r\n0\r\n\r\n",
    "5\rXhello\r\n0\r\n\r\n",
    "4\r\nhello\r\n0\r\n\r\n",
    "6\r\nhello\r\n0\r\n\r\n",
    "0\r\nX\n\r\n",
  ];
  for (const body of wrong) {
    for (const step of [1, 3, Infinity]) assert.throws(() => decode(body, step), JSON.stringify(body));
  }
});
