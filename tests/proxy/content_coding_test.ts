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
    for (const missing of [1, 2, 5, coded.length >> 1]) {
      const broken = await decodeContent(
        bytes(coded.subarray(0, coded.length - missing)),
        [coding],
        1_000_000,
      );
      assert.equal(broken?.whole, false, `${coding} without its last ${missing} bytes`);
    }
  }
  assert.equal((await decodeContent(bytes("no gzip"), ["gzip"], 100))?.whole, false);
});

Deno.test("what nobody knows, or was coded too often, is not decoded", async () => {
  assert.equal(await decodeContent(bytes("x"), ["compress"], 100), null);
  assert.equal(await decodeContent(bytes("x"), ["aes128gcm"], 100), null);
  assert.equal(await decodeContent(bytes("x"), ["gzip", "gzip", "gzip", "gzip"], 100), null);
});

Deno.test("every frame of zstd is looked into, and what follows a stream makes it less than whole", async () => {
  const first = zstdCompressSync("one ");
  const frames = [first, zstdCompressSync("wk_two "), zstdCompressSync("three")];
  const all = await decodeContent(bytes(Buffer.concat(frames)), ["zstd"], 1_000);
  assert.deepEqual([Buffer.from(all?.bytes ?? []).toString(), all?.whole], ["one wk_two three", true]);
  const cut = await decodeContent(bytes(Buffer.concat(frames).subarray(0, -1)), ["zstd"], 1_000);
  assert.ok(Buffer.from(cut?.bytes ?? []).toString().startsWith("one wk_two "));
  assert.equal(cut?.whole, false);
  assert.equal((await decodeContent(bytes(Buffer.concat(frames)), ["zstd"], 6))?.whole, false);
  const many = Buffer.concat(Array.from({ length: 65 }, () => first));
  assert.equal(await decodeContent(bytes(many), ["zstd"], 1_000), null);
  for (const [coding, stream] of [["br", brotliCompressSync("text")], ["zstd", first]] as const) {
    const trailing = Buffer.concat([stream, Buffer.from("more")]);
    assert.equal((await decodeContent(bytes(trailing), [coding], 1_000))?.whole, false, coding);
  }
});
