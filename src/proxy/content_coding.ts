/**
 * Undoes the content codings of request bodies, RFC 9110 section 8.4, up to a size: a few bytes can decode to very many.
 *
 * @module
 */

import type { Transform } from "node:stream";

/** What came out. */
export interface Decoded {
  /** The content, or its beginning. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Whether it is all of it: not cut off by the limit, not broken off by an error. */
  readonly whole: boolean;
}

/** A body that was coded more often is not decoded; nobody does that but to hide something, or by mistake. */
const MAX_CODINGS = 3;

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
    const decoder = await decoderFor(coding, decoded.bytes);
    if (decoder === null) return null;
    const next = await decodeWith(decoder, decoded.bytes, most);
    decoded = { bytes: next.bytes, whole: next.whole && decoded.whole };
  }
  return decoded;
}

async function decoderFor(coding: string, body: Uint8Array): Promise<Transform | null> {
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
    case "zstd":
      return zlib.createZstdDecompress();
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
