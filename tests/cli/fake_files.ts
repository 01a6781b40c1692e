/**
 * Files in memory.
 *
 * @module
 */

import type { FileReader, FileWriter } from "../../src/cli/io.ts";
import { concat } from "../../src/core/bytes.ts";

/** Reads bytes as a file. */
export function readerOf(bytes: Uint8Array): FileReader {
  let at = 0;
  return {
    read: (buffer) => {
      if (at === bytes.length) return Promise.resolve(null);
      const count = Math.min(buffer.length, bytes.length - at);
      buffer.set(bytes.subarray(at, at + count));
      at += count;
      return Promise.resolve(count);
    },
    close: () => {},
  };
}

/** Collects what is written, and hands it over when it is committed. */
export function writerOf(commit: (bytes: Uint8Array) => void): FileWriter {
  const chunks: Uint8Array[] = [];
  return {
    write: (bytes) => Promise.resolve(void chunks.push(bytes.slice())),
    commit: () => Promise.resolve(commit(concat(...chunks))),
    abort: () => Promise.resolve(),
  };
}
