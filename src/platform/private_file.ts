/**
 * Files that belong to their owner alone: created so from the first moment (never opened up and tightened later),
 * written whole, symlinks not followed.
 *
 * @module
 */

import { basename, dirname, join } from "node:path";
import { FailedError } from "../core/errors.ts";
import { escapeText } from "../core/name.ts";
import { shellQuote, unwritable } from "./file_errors.ts";

export { ensurePrivateDir } from "./private_directory.ts";
export { readBounded, readFileBounded } from "./read_file.ts";

const PRIVATE_FILE = 0o600;
const GROUP_AND_OTHER = 0o077;
const TEMPORARY = /^\..+\.[0-9a-f]{16}\.tmp$/;
const windows = Deno.build.os === "windows";

/**
 * Creates an empty file, mode 0600, that did not exist before; a symlink at the path counts as existing.
 *
 * @throws {FailedError} `file_exists`, or `file_unwritable` with the system's reason.
 */
export async function createPrivateFile(path: string): Promise<void> {
  const file = await openNew(path);
  file.close();
}

/**
 * Replaces a file whole: written beside it, synced, renamed over it. After a crash either the old or the new
 * content is there. A symlink at the path is replaced, not followed.
 *
 * @throws {FailedError} `file_unwritable` with the system's reason (disk full, read-only, no permission).
 */
export async function writePrivateFile(path: string, bytes: Uint8Array): Promise<void> {
  const writer = await PrivateFileWriter.create(path);
  try {
    await writer.write(bytes);
    await writer.commit();
  } catch (error) {
    await writer.abort();
    throw error;
  }
}

/** Writes a file piece by piece; it takes its place only when it is whole, as with {@linkcode writePrivateFile}. */
export class PrivateFileWriter {
  readonly #path: string;
  readonly #temporary: string;
  readonly #file: Deno.FsFile;
  #open = true;

  private constructor(path: string, temporary: string, file: Deno.FsFile) {
    this.#path = path;
    this.#temporary = temporary;
    this.#file = file;
  }

  /**
   * Begins a file beside its place.
   *
   * @throws {FailedError} `file_unwritable` with the system's reason.
   */
  static async create(path: string): Promise<PrivateFileWriter> {
    const temporary = join(dirname(path), `.${basename(path)}.${randomHex(8)}.tmp`);
    return new PrivateFileWriter(path, temporary, await openNew(temporary, path));
  }

  /** Appends bytes. */
  async write(bytes: Uint8Array): Promise<void> {
    try {
      await writeWhole(this.#file, bytes);
    } catch (error) {
      throw unwritable(this.#path, error);
    }
  }

  /** Puts the file in its place, over what was there. */
  async commit(): Promise<void> {
    try {
      await this.#file.sync();
      this.#close();
      await Deno.rename(this.#temporary, this.#path);
    } catch (error) {
      throw unwritable(this.#path, error);
    }
    await syncDirectory(dirname(this.#path));
  }

  /** Gives the file up; what is in its place stays. Nothing happens after a commit. */
  async abort(): Promise<void> {
    this.#close();
    // The reason to report is why it was given up; a leftover is removed by `removeLeftovers`.
    await Deno.remove(this.#temporary).catch(() => undefined);
  }

  #close(): void {
    if (this.#open) this.#file.close();
    this.#open = false;
  }
}

/**
 * Opens a file for appending, created 0600 if missing.
 *
 * @throws {FailedError} `file_not_private` if it is a symlink, no regular file, or open to other users;
 * `file_unwritable` otherwise.
 */
export async function openPrivateAppend(path: string): Promise<Deno.FsFile> {
  try {
    return await Deno.open(path, { append: true, createNew: true, mode: PRIVATE_FILE });
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw unwritable(path, error);
  }
  const named = await Deno.lstat(path);
  const notPrivate = new FailedError(
    `cannot write to '${escapeText(path)}': it is not a regular file of its owner alone`,
    { code: "file_not_private", hint: `chmod 600 ${shellQuote(path)}` },
  );
  if (!named.isFile || (!windows && ((named.mode ?? 0) & GROUP_AND_OTHER) !== 0)) throw notPrivate;
  const file = await Deno.open(path, { append: true }).catch((error) => {
    throw unwritable(path, error);
  });
  const opened = await file.stat();
  // Deno has no O_NOFOLLOW: what was opened must be what was looked at.
  if (opened.ino !== named.ino || opened.dev !== named.dev) {
    file.close();
    throw notPrivate;
  }
  return file;
}

/** Removes what writers that were killed left in a directory; a file younger than a minute may be in use and stays. */
export async function removeLeftovers(directory: string, now: number = Date.now()): Promise<void> {
  for await (const entry of Deno.readDir(directory)) {
    if (!entry.isFile || !TEMPORARY.test(entry.name)) continue;
    const path = join(directory, entry.name);
    // Another process may remove it at the same time, which is as good.
    const info = await Deno.lstat(path).catch(() => null);
    if (info?.mtime && now - info.mtime.getTime() > 60_000) await Deno.remove(path).catch(() => undefined);
  }
}

async function openNew(path: string, shown: string = path): Promise<Deno.FsFile> {
  try {
    return await Deno.open(path, { write: true, createNew: true, mode: PRIVATE_FILE });
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) {
      throw new FailedError(`cannot create '${escapeText(path)}': it already exists`, {
        code: "file_exists",
        cause: error,
      });
    }
    throw unwritable(shown, error);
  }
}

async function writeWhole(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  for (let offset = 0; offset < bytes.length;) offset += await file.write(bytes.subarray(offset));
}

async function syncDirectory(path: string): Promise<void> {
  if (windows) return; // Directories cannot be opened there; NTFS journals the rename.
  const directory = await Deno.open(path, { read: true });
  try {
    await directory.sync();
  } catch {
    // Some file systems refuse to sync a directory; the file itself is synced.
  } finally {
    directory.close();
  }
}

function randomHex(bytes: number): string {
  return crypto.getRandomValues(new Uint8Array(bytes)).toHex();
}

/** Whether a path names a symbolic link; false if there is nothing. */
export async function isSymlink(path: string): Promise<boolean> {
  try {
    return (await Deno.lstat(path)).isSymlink;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/**
 * Creates a program file that its owner alone may change and run (mode 0700), with the directory it lies in.
 *
 * @returns false if there is something of that name already
 * @throws {FailedError} `file_unwritable`.
 */
export async function createExecutable(path: string, text: string): Promise<boolean> {
  try {
    await Deno.mkdir(dirname(path), { recursive: true });
    await Deno.writeTextFile(path, text, { createNew: true, mode: 0o700 });
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) return false;
    throw unwritable(path, error);
  }
}
