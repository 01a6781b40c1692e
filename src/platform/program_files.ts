/**
 * The files this program consists of, and which of them its own user, and so an agent of that user, can write.
 *
 * @module
 */

import { accessSync, constants } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { runsAsRoot } from "./root.ts";

/** Files and directories whose change would change what runs: the executable and, run from source, the sources. */
function programFiles(mainModule: string = Deno.mainModule): string[] {
  const files = [Deno.execPath()];
  if (!Deno.build.standalone && mainModule.startsWith("file:")) {
    const main = fileURLToPath(mainModule);
    files.push(main, `${dirname(main)}/src`);
  }
  return files;
}

/** Those of `files` that this process could write; root can write everything, which says nothing, so root gets none. */
export function writableFiles(
  files: readonly string[] = programFiles(),
  os: typeof Deno.build.os = Deno.build.os,
): string[] {
  if (runsAsRoot()) return [];
  return files.filter(os === "windows" ? opensForWriting : isWritable);
}

function isWritable(file: string): boolean {
  try {
    accessSync(file, constants.W_OK);
    return true;
  } catch {
    // Not writable, or not there: both are what we hope for.
    return false;
  }
}

/** On Windows there are no modes to look at: whether a file can be written, opening it tells. Directories cannot be opened. */
export function opensForWriting(file: string): boolean {
  try {
    Deno.openSync(file, { append: true }).close();
    return true;
  } catch (error) {
    // A program that runs is in use by the system, which says so to those who may write it.
    return ![
      Deno.errors.PermissionDenied,
      Deno.errors.NotFound,
      Deno.errors.NotCapable,
      Deno.errors.IsADirectory,
    ]
      .some((kind) => error instanceof kind);
  }
}
