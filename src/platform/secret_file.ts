/**
 * Files that people keep secrets in, and files that are read in pieces.
 *
 * @module
 */

import { FailedError } from "../core/errors.ts";
import { escapeText } from "../core/name.ts";
import { shellQuote, tooLarge, unreadable } from "./file_errors.ts";
import { readBounded } from "./read_file.ts";

const GROUP_AND_OTHER = 0o077;
const windows = Deno.build.os === "windows";

/**
 * Reads a file that holds a secret, such as a passphrase. One that other users may read is refused: on Windows, where
 * there are no modes, what its directory's access list says is not looked at.
 *
 * @returns its bytes; the caller wipes them
 * @throws {FailedError} `file_not_private` with the `chmod` that mends it, `file_too_large`, `file_unreadable`;
 * {NotFoundError} `file_not_found`.
 */
export async function readSecretFile(path: string, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const file = await openForReading(path);
  try {
    // Of the file that was opened, not of whatever the path leads to by now.
    const { mode } = await file.stat();
    if (!windows && ((mode ?? 0) & GROUP_AND_OTHER) !== 0) {
      throw new FailedError(`cannot use '${escapeText(path)}': other users may read it`, {
        code: "file_not_private",
        hint: `chmod 600 ${shellQuote(path)}`,
      });
    }
    const bytes = await readBounded(file, maxBytes);
    if (bytes === null) throw tooLarge(path, maxBytes);
    return bytes;
  } finally {
    file.close();
  }
}

/**
 * Opens a regular file.
 *
 * @throws {FailedError} `file_unreadable`; {NotFoundError} `file_not_found`.
 */
export async function openForReading(path: string): Promise<Deno.FsFile> {
  let file: Deno.FsFile;
  try {
    file = await Deno.open(path, { read: true });
  } catch (error) {
    throw unreadable(path, error);
  }
  if ((await file.stat()).isFile) return file;
  file.close();
  throw unreadable(path, new Error("it is no regular file"));
}

/** Whether there is something at a path, a dangling link included. */
export async function somethingAt(path: string): Promise<boolean> {
  try {
    await Deno.lstat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw unreadable(path, error);
  }
}
