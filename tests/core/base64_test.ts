import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import { base64Length, decodeBase64Text, writeBase64 } from "../../src/core/base64.ts";

const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");

Deno.test("the vectors of RFC 4648 section 10 are written and read", () => {
  const vectors: [string, string][] = [
    ["", ""],
    ["f", "Zg=="],
    ["fo", "Zm8="],
    ["foo", "Zm9v"],
    ["foob", "Zm9vYg=="],
    ["fooba", "Zm9vYmE="],
    ["foobar", "Zm9vYmFy"],
  ];
  for (const [plain, encoded] of vectors) {
    const out = new Uint8Array(base64Length(plain.length));
    assert.equal(writeBase64(Buffer.from(plain), out, 0), encoded.length);
    assert.equal(latin1(out), encoded);
    assert.equal(decodeBase64Text(encoded), plain);
    assert.equal(decodeBase64Text(encoded.replaceAll("=", "")), plain);
  }
});

Deno.test("property: it agrees with the platform's Base64 in both alphabets, at any offset", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(5), (bytes, offset) => {
    const out = new Uint8Array(offset + base64Length(bytes.length)).fill(0x2e);
    assert.equal(writeBase64(bytes, out, offset), out.length);
    assert.equal(latin1(out), ".".repeat(offset) + Buffer.from(bytes).toString("base64"));
    assert.equal(decodeBase64Text(Buffer.from(bytes).toString("base64")), latin1(bytes));
    assert.equal(decodeBase64Text(Buffer.from(bytes).toString("base64url")), latin1(bytes));
  }));
});

Deno.test("property: any text is either null or decodes as the platform decodes it", () => {
  const text = fc.string({ unit: fc.constantFrom(..."AZaz09+/-_=!"), maxLength: 12 });
  fc.assert(fc.property(text, (text) => {
    const decoded = decodeBase64Text(text);
    if (decoded === null) return;
    assert.equal(decoded, Buffer.from(text, "base64").toString("latin1"));
  }));
});
