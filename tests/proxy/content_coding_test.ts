import { Buffer } from "node:buffer";
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import assert from "node:assert/strict";
import { codingsOf, decodeContent } from "../../src/proxy/content_coding.ts";

const bytes = (data: Uint8Array | string): Uint8Array<ArrayBuffer> =>
  new Uint8Array(Buffer.from(data as string));

Deno.test("codings are undone in the reverse of their order, identity is none", () => {
  assert.deepEqual(codingsOf([]), []);
  assert.deepEqual(codingsOf(["identity"]), []);
  assert.deepEqual(codingsOf(["GZIP"]), ["gzip"]);
  assert.deepEqual(codingsOf(["gzip, br", " zstd"]), ["zstd", "br", "gzip"]);
});

Deno.test("what is whole, cut off by the limit, or broken is told apart", async () => {
  const text = "a wk_ word ".repeat(10_000);
  for (
    const [coding, coded] of [
      ["gzip", gzipSync(text)],
      ["deflate", deflateSync(text)],
      ["br", brotliCompressSync(text)],
      ["zstd", zstdCompressSync(text)],
    ] as const
  ) {
    const whole = await decodeContent(bytes(coded), [coding], 1_000_000);
    assert.deepEqual([Buffer.from(whole?.bytes ?? []).toString(), whole?.whole], [text, true], coding);
    const cut = await decodeContent(bytes(coded), [coding], 1_000);
    assert.equal(cut?.whole, false, coding);
    assert.ok((cut?.bytes.length ?? 0) >= 1_000 && (cut?.bytes.length ?? 0) <= text.length);
    // The runtime's Brotli and Zstandard decoders end a cut-off stream quietly.
    if (coding === "br" || coding === "zstd") continue;
    const broken = await decodeContent(bytes(coded.subarray(0, coded.length - 5)), [coding], 1_000_000);
    assert.equal(broken?.whole, false, coding);
  }
  assert.equal((await decodeContent(bytes("no gzip"), ["gzip"], 100))?.whole, false);
});

Deno.test("what nobody knows, or was coded too often, is not decoded", async () => {
  assert.equal(await decodeContent(bytes("x"), ["compress"], 100), null);
  assert.equal(await decodeContent(bytes("x"), ["aes128gcm"], 100), null);
  assert.equal(await decodeContent(bytes("x"), ["gzip", "gzip", "gzip", "gzip"], 100), null);
});
