/**
 * A file that belongs to a working tree: in the working directory or in the nearest directory above it.
 *
 * @module
 */

import { dirname, join } from "node:path";
import { homeDirectory } from "./paths.ts";
import { readFileBounded } from "./read_file.ts";

/** A file that was found. */
export interface FoundFile {
  /** Where it lies, absolute. */
  path: string;
  /** What is in it. */
  bytes: Uint8Array<ArrayBuffer>;
}

/**
 * Looks for a file from a directory upwards. A file that belongs neither to this person nor to root is passed over: in
 * a shared place such as `/tmp` anybody could leave one for whoever works below.
 *
 * @param from an absolute directory
 * @throws {FailedError} `file_too_large`, `file_unreadable`.
 */
export async function findNearestFile(
  name: string,
  maxBytes: number,
  from: string = Deno.cwd(),
): Promise<FoundFile | null> {
  for (let directory = from;;) {
    const path = join(directory, name);
    if (await isOurs(path)) return { path, bytes: await readFileBounded(path, maxBytes) };
    const parent = dirname(directory);
    if (parent === directory) return null;
    directory = parent;
  }
}

async function isOurs(path: string): Promise<boolean> {
  try {
    const info = await Deno.stat(path);
    if (!info.isFile) return false;
    if (info.uid === null || info.uid === 0) return true;
    const home = homeDirectory();
    return home === undefined || (await Deno.stat(home)).uid === info.uid;
  } catch (error) {
    // Not there, or not to be looked at: in either case there is nothing for this person here.
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.PermissionDenied) return false;
    if (error instanceof Deno.errors.NotADirectory) return false;
    throw error;
  }
}
