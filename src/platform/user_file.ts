/**
 * Files of other programs that the person has us change: links are followed, as they are often kept elsewhere and linked,
 * and the mode stays.
 *
 * @module
 */

import { basename, dirname, join } from "node:path";
import { unwritable } from "./file_errors.ts";

/**
 * Replaces a file's content, whole: written beside it, then renamed over it. A new one gets mode 0644, and its directories
 * are made.
 *
 * @throws {FailedError} `file_unwritable`.
 */
export async function writeUserFile(path: string, bytes: Uint8Array): Promise<void> {
  try {
    await Deno.mkdir(dirname(path), { recursive: true });
    const real = await Deno.realPath(path).catch((error) => {
      if (error instanceof Deno.errors.NotFound) return path;
      throw error;
    });
    const mode = await Deno.stat(real).then((info) => info.mode ?? 0o644, () => 0o644); // 0644 for one that is new.
    const suffix = crypto.getRandomValues(new Uint8Array(8)).toHex();
    const temporary = join(dirname(real), `.${basename(real)}.${suffix}.tmp`);
    try {
      await Deno.writeFile(temporary, bytes, { createNew: true, mode: mode & 0o777 });
      await Deno.rename(temporary, real);
    } catch (error) {
      await Deno.remove(temporary).catch(() => undefined); // The first failure is the one to report.
      throw error;
    }
  } catch (error) {
    throw unwritable(path, error);
  }
}

/** Removes a file; nothing happens if it is not there. */
export async function removeUserFile(path: string): Promise<void> {
  try {
    await Deno.remove(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw unwritable(path, error);
  }
}
