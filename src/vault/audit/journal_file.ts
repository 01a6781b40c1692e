/**
 * A file of the log's journal: lines are appended to it, and it is emptied.
 *
 * @module
 */

import { FailedError } from "../../core/errors.ts";
import { escapeText } from "../../core/name.ts";

/** More than a journal ever holds, bytes: a file that somebody made longer must not keep the owner out. */
const MAX_BYTES = 256 * 1024 * 1024;

/** An open file. */
export class JournalFile {
  readonly #path: string;
  readonly #file: Deno.FsFile;
  #size = 0;

  private constructor(path: string, file: Deno.FsFile) {
    this.#path = path;
    this.#file = file;
  }

  /**
   * Begins an empty file in place of what is there: owner-only, and never through a link.
   *
   * @throws {FailedError} `audit_unavailable`.
   */
  static create(path: string): JournalFile {
    try {
      removeIfThere(path);
      return new JournalFile(path, Deno.openSync(path, { append: true, createNew: true, mode: 0o600 }));
    } catch (cause) {
      throw unwritable(path, cause);
    }
  }

  /**
   * Reads what an earlier process left, as far as a journal ever goes; empty if there is none, or if it is no file.
   *
   * @throws {FailedError} `audit_unavailable`.
   */
  static read(path: string): string {
    try {
      const { isFile, size } = Deno.lstatSync(path);
      return isFile ? readBegin(path, Math.min(size, MAX_BYTES)) : "";
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return "";
      throw unwritable(path, error);
    }
  }

  /**
   * Appends bytes, all or none.
   *
   * @throws {FailedError} `audit_unavailable`.
   */
  append(bytes: Uint8Array): void {
    try {
      for (let sent = 0; sent < bytes.length;) sent += this.#file.writeSync(bytes.subarray(sent));
    } catch (cause) {
      this.#cutTo(this.#size);
      throw unwritable(this.#path, cause);
    }
    this.#size += bytes.length;
  }

  /** Empties it. */
  empty(): void {
    if (this.#size > 0) this.#cutTo(0);
  }

  /** Closes it; what is in it stays. */
  close(): void {
    this.#file.close();
  }

  #cutTo(size: number): void {
    try {
      this.#file.truncateSync(size);
      this.#size = size;
    } catch {
      // Its lines are of an older generation now, or lack their end: either way they mean nothing.
    }
  }
}

function readBegin(path: string, length: number): string {
  using file = Deno.openSync(path);
  const bytes = new Uint8Array(length);
  let count = 0;
  while (count < length) {
    const more = file.readSync(bytes.subarray(count));
    if (more === null) break;
    count += more;
  }
  return new TextDecoder().decode(bytes.subarray(0, count));
}

function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

function unwritable(path: string, cause: unknown): FailedError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new FailedError(`cannot write the audit journal '${escapeText(path)}': ${why}`, {
    code: "audit_unavailable",
    hint: "wispkey doctor",
    cause,
  });
}
