/**
 * Private files for a program that is being run, removed when it has ended.
 *
 * @module
 */

import { join } from "node:path";
import { FailedError } from "../core/errors.ts";
import { createPrivateFile } from "./private_file.ts";

/** Files in a directory of their own, mode 0700, made with the first of them. */
export class TemporaryFiles implements AsyncDisposable {
  #directory: string | undefined;

  /** Writes a file, mode 0600; answers its path. */
  async write(name: string, bytes: Uint8Array): Promise<string> {
    this.#directory ??= await makeDirectory();
    const path = join(this.#directory, name);
    await createPrivateFile(path);
    const file = await Deno.open(path, { write: true });
    try {
      for (let offset = 0; offset < bytes.length;) offset += await file.write(bytes.subarray(offset));
    } finally {
      file.close();
    }
    return path;
  }

  /** Overwrites the files and removes them. */
  async [Symbol.asyncDispose](): Promise<void> {
    const directory = this.#directory;
    if (directory === undefined) return;
    this.#directory = undefined;
    for await (const { name, isFile } of Deno.readDir(directory)) {
      if (!isFile) continue;
      const path = join(directory, name);
      const { size } = await Deno.lstat(path);
      // On a disk this is no more than good will; the directory is in memory where the system has one for that.
      await Deno.writeFile(path, new Uint8Array(size), { create: false }).catch(() => undefined);
    }
    await Deno.remove(directory, { recursive: true });
  }
}

/** In the user's own memory file system if there is one, else where temporary files lie. */
async function makeDirectory(): Promise<string> {
  const memory = Deno.build.os === "windows" ? [] : [Deno.env.get("XDG_RUNTIME_DIR"), "/dev/shm"];
  for (const place of [...memory.filter(Boolean).map((dir) => ({ dir })), {}]) {
    try {
      return await Deno.makeTempDir({ prefix: "wispkey-run-", ...place });
    } catch {
      // Not there or not writable: the next one.
    }
  }
  throw new FailedError("cannot make a private file: there is no directory for it", {
    code: "no_temporary_directory",
    hint: "set TMPDIR to a directory you can write",
  });
}
