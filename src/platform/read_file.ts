/**
 * Reading with a limit, without leaving copies of what was read.
 *
 * @module
 */

import { FailedError } from "../core/errors.ts";
import { tooLarge, unreadable } from "./file_errors.ts";

/**
 * Reads a file, or a pipe such as `/dev/fd/3`, of at most `maxBytes` bytes. Buffers used on the way are wiped, so
 * the result may be a secret; the caller wipes that.
 *
 * @throws {NotFoundError} `file_not_found`.
 * @throws {FailedError} `file_too_large`, `file_unreadable`.
 */
export async function readFileBounded(path: string, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  let file: Deno.FsFile;
  try {
    file = await Deno.open(path, { read: true });
  } catch (error) {
    throw unreadable(path, error);
  }
  try {
    const info = await file.stat();
    if (info.isDirectory) throw unreadable(path, new Error("it is a directory"));
    if (info.isFile && info.size > maxBytes) throw tooLarge(path, maxBytes);
    const bytes = await readBounded(file, maxBytes, info.isFile ? info.size : 0);
    if (bytes === null) throw tooLarge(path, maxBytes);
    return bytes;
  } catch (error) {
    throw error instanceof FailedError ? error : unreadable(path, error);
  } finally {
    file.close();
  }
}

/**
 * Reads to the end, at most `maxBytes` bytes; null if there are more. Every buffer but the result is wiped.
 *
 * @param expected size to reserve at first, if it is known
 */
export async function readBounded(
  source: { read(buffer: Uint8Array): Promise<number | null> },
  maxBytes: number,
  expected = 0,
): Promise<Uint8Array<ArrayBuffer> | null> {
  // One byte more than expected, so that the end is found without growing.
  let buffer = new Uint8Array(Math.min(Math.max(expected, 4095), maxBytes) + 1);
  let length = 0;
  for (;;) {
    if (length === buffer.length) {
      if (length > maxBytes) break;
      const larger = new Uint8Array(Math.min(buffer.length * 2, maxBytes + 1));
      larger.set(buffer);
      buffer.fill(0);
      buffer = larger;
    }
    const count = await source.read(buffer.subarray(length));
    if (count === null) {
      const result = buffer.slice(0, length);
      buffer.fill(0);
      return result;
    }
    length += count;
  }
  buffer.fill(0);
  return null;
}
