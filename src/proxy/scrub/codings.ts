/**
 * Content codings (RFC 9110 section 8.4.1): which ones can be undone, and what is asked of upstreams.
 *
 * @module
 */

import zlib from "node:zlib";
import { UpstreamError } from "../http/mod.ts";

/** A content coding that can be undone. */
export type Coding = "gzip" | "deflate" | "br" | "zstd";

/** More codings on top of each other than this are refused. */
const MAX_STACKED = 3;
/** What decoders write into: they give at most about so much at once, bytes. */
export const OUTPUT_CHUNK: number = 64 * 1024;
/** Largest window of a zstd frame, log2 of bytes: RFC 9659 allows 8 MiB. */
const ZSTD_WINDOW_LOG = 23;

const BY_NAME: ReadonlyMap<string, Coding> = new Map([
  ["gzip", "gzip"],
  ["x-gzip", "gzip"],
  ["deflate", "deflate"],
  ["br", "br"],
  ["zstd", "zstd"],
]);

/**
 * The codings of a `Content-Encoding`, in the order in which they were applied; `identity` counts for nothing.
 *
 * @param value all such fields joined by commas, or undefined
 * @throws {UpstreamError} `undecodable_response` for one that is not known, and for more than three.
 */
export function parseCodings(value: string | undefined): Coding[] {
  const codings: Coding[] = [];
  for (const item of value?.split(",") ?? []) {
    const name = item.trim().toLowerCase();
    if (name === "" || name === "identity") continue;
    const coding = BY_NAME.get(name);
    if (coding === undefined) throw undecodable("its content coding is not one of gzip, deflate, br, zstd");
    codings.push(coding);
  }
  if (codings.length > MAX_STACKED) throw undecodable(`it is encoded more than ${MAX_STACKED} times`);
  return codings;
}

/** What is left of an `Accept-Encoding` when only decodable codings may be asked for; weights are kept. */
export function acceptable(value: string): string {
  const kept = value.split(",").map((item) => item.trim()).filter((item) => {
    const name = item.split(";", 1)[0]?.trim().toLowerCase() ?? "";
    return name === "identity" || BY_NAME.has(name);
  });
  return kept.length === 0 ? "identity" : kept.join(", ");
}

/** A decoder as `node:zlib` makes it. Its output waits until it is read. */
export type DecoderStream = zlib.Gunzip | zlib.Inflate | zlib.InflateRaw | zlib.BrotliDecompress;

/**
 * Makes the decoder of a coding.
 *
 * @param firstByte tells the two formats that are called `deflate` apart: zlib's (RFC 1950), which is meant, and the bare one
 */
export function createDecoder(coding: Coding, firstByte: number): DecoderStream {
  const options = { chunkSize: OUTPUT_CHUNK };
  switch (coding) {
    case "gzip":
      return zlib.createGunzip(options);
    case "deflate":
      return (firstByte & 0x0f) === 8 ? zlib.createInflate(options) : zlib.createInflateRaw(options);
    case "br":
      return zlib.createBrotliDecompress(options);
    case "zstd":
      return zlib.createZstdDecompress({
        ...options,
        params: { [zlib.constants.ZSTD_d_windowLogMax]: ZSTD_WINDOW_LOG },
      });
  }
}

/** 502 `undecodable_response`: what cannot be read cannot be searched, and is not passed on. */
export function undecodable(why: string, cause?: unknown): UpstreamError {
  return new UpstreamError("undecodable_response", `cannot search the response for secrets: ${why}`, {
    cause,
  });
}
