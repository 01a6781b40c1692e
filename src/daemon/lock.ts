/**
 * The lock that makes a daemon the only one of its vault. The system releases it when the process ends, however it ends.
 *
 * @module
 */

import { unreadable } from "../platform/file_errors.ts";
import { createPrivateFile } from "../platform/private_file.ts";

/**
 * Tries to take the lock without waiting, for as long as the returned file is open.
 *
 * @returns `held` if another process has it, `missing` if there is no lock file, so that no daemon can have run here
 * @throws {FailedError} `file_unreadable`.
 */
export async function tryDaemonLock(path: string): Promise<Deno.FsFile | "held" | "missing"> {
  let file: Deno.FsFile;
  try {
    file = await Deno.open(path, { read: true }); // Enough for the lock, and possible in a read-only vault.
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "missing";
    throw unreadable(path, error);
  }
  if (await file.tryLock(true)) return file;
  file.close();
  return "held";
}

/** Makes the lock file if there is none. */
export async function ensureLockFile(path: string): Promise<void> {
  try {
    await Deno.lstat(path);
  } catch {
    // Another starting daemon may make it first; then it is there, which is all we want.
    await createPrivateFile(path).catch(async (error) => {
      await Deno.lstat(path).catch(() => {
        throw error;
      });
    });
  }
}
