/**
 * Directories that belong to their owner alone.
 *
 * @module
 */

import { basename } from "node:path";
import { FailedError } from "../core/errors.ts";
import { escapeText } from "../core/name.ts";
import { shellQuote, unusable } from "./file_errors.ts";
import { vaultFiles } from "./paths.ts";
import { protectDirectory } from "./windows_acl.ts";

const PRIVATE_DIRECTORY = 0o700;
const GROUP_AND_OTHER = 0o077;
const windows = Deno.build.os === "windows";

/**
 * Makes sure that a directory exists and is its owner's alone. A missing one is created 0700 (on Windows with a
 * protected access list); an existing one is judged, never changed.
 *
 * @throws {FailedError} `directory_is_symlink`, `not_a_directory`, `directory_not_private`, `directory_unusable`.
 */
export async function ensurePrivateDir(path: string): Promise<void> {
  let info: Deno.FileInfo;
  try {
    info = await Deno.lstat(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw unusable(path, error);
    await Deno.mkdir(path, { recursive: true, mode: PRIVATE_DIRECTORY }).catch((cause) => {
      throw unusable(path, cause);
    });
    if (windows) await protectDirectory(path);
    info = await Deno.lstat(path);
  }
  const shown = escapeText(path);
  if (info.isSymlink) {
    throw new FailedError(`cannot use '${shown}': it is a symbolic link`, {
      code: "directory_is_symlink",
      hint: "name the directory itself in WISPKEY_VAULT_PATH",
    });
  }
  if (!info.isDirectory) {
    throw new FailedError(`cannot use '${shown}': it is not a directory`, {
      code: "not_a_directory",
      hint: "name another place in WISPKEY_VAULT_PATH",
    });
  }
  if (!windows && ((info.mode ?? 0) & GROUP_AND_OTHER) !== 0) {
    throw new FailedError(`cannot use '${shown}': other users have access to it`, {
      code: "directory_not_private",
      hint: isForeign(path)
        ? "name a directory of its own in WISPKEY_VAULT_PATH"
        : `chmod 700 ${shellQuote(path)}`,
    });
  }
}

/** Whether a directory holds other things and no vault, so that nobody should be told to close it to others. */
function isForeign(path: string): boolean {
  try {
    const names = [...Deno.readDirSync(path)].map(({ name }) => name);
    return names.length > 0 && !names.includes(basename(vaultFiles(path).database));
  } catch {
    // It cannot be looked into, so it is hardly ours.
    return true;
  }
}
