import { Buffer } from "node:buffer";
import { brotliCompressSync, brotliDecompressSync } from "node:zlib";
import { plain, sentSecret, thwarted } from "./echoed.ts";

Deno.test("compression with Brotli does not hide the secret", () =>
  thwarted({
    respond: (request) =>
      plain(brotliCompressSync(Buffer.from(`you are ${sentSecret(request)}`)), "Content-Encoding: br"),
    read: ({ body, field }) =>
      field("content-encoding") === "br"
        ? brotliDecompressSync(Buffer.from(body, "latin1")).toString()
        : body,
  }));
