/**
 * Files in memory.
 *
 * @module
 */

import type { FileReader, Files, FileWriter } from "../../src/cli/io.ts";
import { concat } from "../../src/core/bytes.ts";
import { FailedError, NotFoundError } from "../../src/core/errors.ts";

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

/** The files of a run: `files` by path, which commands may add to, and standard input. */
export function fakeFiles(options: { files?: Record<string, Uint8Array>; stdin?: Uint8Array }): Files {
  const { files = {} } = options;
  const read = (path: string, max: number) =>
    Promise.resolve().then(() => bounded(files[path], `'${path}'`, max));
  return {
    read,
    readPrivate: read,
    exists: (path) => Promise.resolve(files[path] !== undefined),
    open: async (path) => readerOf(await read(path, Infinity)),
    create: (path) => Promise.resolve(writerOf((bytes) => void (files[path] = bytes))),
    writeNew: (path, bytes) => {
      if (files[path] !== undefined) {
        return Promise.reject(
          new FailedError(`cannot create '${path}': it already exists`, { code: "file_exists" }),
        );
      }
      files[path] = bytes;
      return Promise.resolve();
    },
    nearest: (name, max) => {
      const bytes = files[name];
      return Promise.resolve(
        bytes === undefined ? null : { path: `/work/${name}`, bytes: bounded(bytes, name, max) },
      );
    },
    readStdin: (max) => Promise.resolve().then(() => bounded(options.stdin, "standard input", max)),
  };
}

function bounded(bytes: Uint8Array | undefined, what: string, max: number): Uint8Array<ArrayBuffer> {
  if (bytes === undefined) {
    throw new NotFoundError(`cannot read ${what}: there is no such file`, { code: "file_not_found" });
  }
  if (bytes.length > max) {
    throw new FailedError(`cannot read ${what}: too long`, { code: "file_too_large" });
  }
  return bytes.slice();
}
