/**
 * A log file that stays small: owner-only, renamed to `.1`, `.2`, … when it is full, the oldest dropped.
 *
 * @module
 */

import { openPrivateAppend } from "./private_file.ts";

/** Size at which a log file is rotated, bytes. */
const MAX_LOG_BYTES = 5 * 1024 * 1024;
/** Rotated files kept besides the current one. */
export const KEPT_LOG_FILES = 3;

/** Appends lines to a file. */
export class LogFile {
  readonly #path: string;
  readonly #maxBytes: number;
  #file: Deno.FsFile;
  #size: number;

  private constructor(path: string, maxBytes: number, file: Deno.FsFile, size: number) {
    this.#path = path;
    this.#maxBytes = maxBytes;
    this.#file = file;
    this.#size = size;
  }

  /**
   * Opens a log file, created 0600 if missing.
   *
   * @throws {FailedError} `file_not_private`, `file_unwritable`.
   */
  static async open(path: string, maxBytes: number = MAX_LOG_BYTES): Promise<LogFile> {
    const file = await openPrivateAppend(path);
    return new LogFile(path, maxBytes, file, (await file.stat()).size);
  }

  /** Writes a line at once, so that it outlives a crash. A full disk loses the line, never the program. */
  write(line: Uint8Array): void {
    try {
      if (this.#size > 0 && this.#size + line.length > this.#maxBytes) this.#rotate();
      for (let sent = 0; sent < line.length;) sent += this.#file.writeSync(line.subarray(sent));
      this.#size += line.length;
    } catch {
      // There is nowhere left to say it.
    }
  }

  /** Closes the file. */
  close(): void {
    this.#file.close();
  }

  #rotate(): void {
    for (let number = KEPT_LOG_FILES; number > 0; number--) {
      const from = number === 1 ? this.#path : `${this.#path}.${number - 1}`;
      try {
        Deno.renameSync(from, `${this.#path}.${number}`);
      } catch (error) {
        if (!(error instanceof Deno.errors.NotFound)) throw error;
      }
    }
    const file = Deno.openSync(this.#path, { append: true, createNew: true, mode: 0o600 });
    this.#file.close();
    this.#file = file;
    this.#size = 0;
  }
}
