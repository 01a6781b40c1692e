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
export function writableFiles(files: readonly string[] = programFiles()): string[] {
  if (runsAsRoot()) return [];
  return files.filter((file) => {
    try {
      accessSync(file, constants.W_OK);
      return true;
    } catch {
      // Not writable, or not there: both are what we hope for.
      return false;
    }
  });
}
