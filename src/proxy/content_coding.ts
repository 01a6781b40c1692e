/**
 * Undoes the content codings of request bodies, RFC 9110 section 8.4, up to a size: a few bytes can decode to very many.
 *
 * @module
 */

import type { Transform } from "node:stream";
import { concat } from "../core/bytes.ts";
import { ZstdFrames } from "./scrub/zstd_frame.ts";

/** What came out. */
export interface Decoded {
  /** The content, or its beginning. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Whether it is all of it: not cut off by the limit, not broken off by an error. */
  readonly whole: boolean;
}

/** A body that was coded more often is not decoded; nobody does that but to hide something, or by mistake. */
const MAX_CODINGS = 3;
/** Most zstd frames that are undone, one after the other. */
const MAX_FRAMES = 64;

/**
 * The codings of a body, in the order they are undone; `identity` is left out.
 *
 * @param values of all `Content-Encoding` fields
 */
export function codingsOf(values: readonly string[]): string[] {
  if (values.length === 0) return [];
  return values.join(",").split(",").map((word) => word.trim().toLowerCase())
    .filter((word) => word !== "" && word !== "identity").reverse();
}

/**
 * Decodes a body.
 *
 * @param most bytes to decode in each step
 * @returns null if a coding is unknown or there are too many
 */
export async function decodeContent(
  body: Uint8Array<ArrayBuffer>,
  codings: readonly string[],
  most: number,
): Promise<Decoded | null> {
  if (codings.length > MAX_CODINGS) return null;
  let decoded: Decoded = { bytes: body, whole: true };
  for (const coding of codings) {
    const next = coding === "zstd"
      ? await decodeFrames(decoded.bytes, most)
      : await decodeOne(coding, decoded.bytes, most);
    if (next === null) return null;
    decoded = { bytes: next.bytes, whole: next.whole && decoded.whole };
  }
  return decoded;
}

/** A decoder of `node:zlib`. */
type Decoder = Transform & {
  /** Encoded bytes that it has made use of. */
  readonly bytesWritten: number;
};

/** Undoes one coding; null if it is unknown. */
async function decodeOne(
  coding: string,
  body: Uint8Array<ArrayBuffer>,
  most: number,
): Promise<Decoded | null> {
  const decoder = await decoderFor(coding, body);
  if (decoder === null) return null;
  if (coding !== "br") return await decodeWith(decoder, body, most);
  // A Brotli stream that was cut off ends quietly; but it takes one byte more, and a whole one does not.
  const longer = new Uint8Array(body.length + 1);
  longer.set(body);
  const decoded = await decodeWith(decoder, longer, most);
  return { bytes: decoded.bytes, whole: decoded.whole && decoder.bytesWritten === body.length };
}

/**
 * Undoes zstd frame by frame: the decoder stops after the first one, and does not tell whether the last is whole. Null if there
 * are more than anybody sends.
 */
async function decodeFrames(body: Uint8Array<ArrayBuffer>, most: number): Promise<Decoded | null> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for (let at = 0; at < body.length;) {
    if (pieces.length >= MAX_FRAMES) return null;
    const frames = new ZstdFrames();
    const end = at + frames.push(body.subarray(at), true);
    const { createZstdDecompress } = await import("node:zlib");
    const next = await decodeWith(createZstdDecompress(), body.subarray(at, end), most - length);
    pieces.push(next.bytes);
    length += next.bytes.length;
    if (!next.whole || !frames.isComplete) return { bytes: concat(...pieces), whole: false };
    at = end;
  }
  return { bytes: concat(...pieces), whole: true };
}

async function decoderFor(coding: string, body: Uint8Array): Promise<Decoder | null> {
  // Loaded at the first compressed request only: most programs never send one.
  const zlib = await import("node:zlib");
  switch (coding) {
    case "gzip":
    case "x-gzip":
      return zlib.createGunzip();
    case "deflate":
      // Some send it without the zlib wrapper; RFC 1950 section 2.2 tells them apart.
      return isZlib(body) ? zlib.createInflate() : zlib.createInflateRaw();
    case "br":
      return zlib.createBrotliDecompress();
    default:
      return null;
  }
}

async function decodeWith(decoder: Transform, body: Uint8Array, most: number): Promise<Decoded> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  let whole = true;
  decoder.on("error", () => {
    // Seen by the loop below, too; without a listener it would end the process.
  });
  decoder.end(body);
  try {
    for await (const piece of decoder as AsyncIterable<Uint8Array>) {
      pieces.push(piece);
      length += piece.length;
      if (length > most) {
        whole = false;
        break;
      }
    }
  } catch {
    // Broken or cut off: what came out so far is what a lenient host would read.
    whole = false;
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return { bytes, whole };
}

function isZlib(body: Uint8Array): boolean {
  const [method = 0, flags = 0] = body;
  return (method & 0x0f) === 8 && ((method << 8) | flags) % 31 === 0;
}
