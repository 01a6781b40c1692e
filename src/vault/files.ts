/**
 * Where a vault lies on disk, and how its database file comes into being: built whole beside its place and then
 * linked into it, so that no crash leaves half a vault and nobody's vault is overwritten.
 *
 * @module
 */

import { join } from "node:path";
import { FailedError, NotFoundError } from "../core/errors.ts";
import { escapeText } from "../core/name.ts";
import { shellQuote, unusable } from "../platform/file_errors.ts";
import { createPrivateFile, ensurePrivateDir } from "../platform/private_file.ts";

/** Name of the database in the vault directory. */
export const DATABASE_NAME = "vault.db";

const NEW_PREFIX = `${DATABASE_NAME}.new-`;
const LOCK_NAME = `${DATABASE_NAME}.creating`;

/** Path of the database. */
export function databasePath(directory: string): string {
  return join(directory, DATABASE_NAME);
}

/** Whether there is something in the database's place, a dangling link included. */
export function databaseExists(directory: string): boolean {
  return lstat(databasePath(directory), directory) !== undefined;
}

/**
 * Path of an existing database that is a regular file, as are the files SQLite keeps beside it.
 *
 * @throws {NotFoundError} `vault_not_found`; {FailedError} `vault_not_a_file`, `directory_unusable`.
 */
export function requireDatabase(directory: string): string {
  const path = databasePath(directory);
  if (lstat(path, directory) === undefined) {
    throw new NotFoundError(`cannot open the vault: there is none in '${escapeText(directory)}'`, {
      code: "vault_not_found",
      hint: "wispkey init",
    });
  }
  for (const suffix of ["", "-wal", "-shm", "-journal"]) {
    const info = lstat(path + suffix, directory);
    if (info === undefined || info.isFile) continue;
    throw new FailedError(`cannot open '${escapeText(path + suffix)}': it is not a regular file`, {
      code: "vault_not_a_file",
      hint: "a vault is opened in its own place only, never through a link",
    });
  }
  return path;
}

function lstat(path: string, directory: string): Deno.FileInfo | undefined {
  try {
    return Deno.lstatSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw unusable(directory, error);
  }
}

/** The error that a vault is there already. */
function vaultExists(directory: string): FailedError {
  return new FailedError(`cannot create a vault: there is one in '${escapeText(directory)}'`, {
    code: "vault_exists",
    hint: `wispkey unlock; or for another vault, WISPKEY_VAULT_PATH=DIR wispkey init; this one lies in ${
      shellQuote(directory)
    }`,
  });
}

/**
 * Makes the vault directory if need be.
 *
 * @throws {FailedError} `vault_exists`, or what `ensurePrivateDir` throws.
 */
export async function prepareDirectory(directory: string): Promise<void> {
  await ensurePrivateDir(directory);
  if (databaseExists(directory)) {
    // A process that was killed just after the last step left these behind; nobody can need them any more.
    await removeAll([...leftovers(directory), join(directory, LOCK_NAME)]);
    throw vaultExists(directory);
  }
}

/**
 * Creates the database: `build` fills an empty owner-only file, which must then be complete and closed.
 *
 * @throws {FailedError} `vault_exists`, `vault_busy`, `file_unwritable`, and what `build` throws.
 */
export async function createDatabase(directory: string, build: (path: string) => void): Promise<void> {
  const lock = await lockCreation(directory);
  try {
    // What a killed process left. Nobody else is building: the lock is ours.
    await removeAll(leftovers(directory));
    if (databaseExists(directory)) throw vaultExists(directory);
    const path = join(directory, `${NEW_PREFIX}${crypto.randomUUID()}`);
    try {
      await createPrivateFile(path);
      build(path);
      await sync(path);
      await publish(path, directory);
    } finally {
      await removeAll(leftovers(directory));
    }
    await sync(directory);
  } finally {
    lock.close();
    await removeAll([join(directory, LOCK_NAME)]);
  }
}

async function lockCreation(directory: string): Promise<Deno.FsFile> {
  const path = join(directory, LOCK_NAME);
  const file = await Deno.open(path, { read: true, write: true, create: true, mode: 0o600 }).catch(
    (error) => {
      throw unusable(directory, error);
    },
  );
  // The system releases the lock when its process ends, however it ends.
  if (await file.tryLock(true)) return file;
  file.close();
  throw new FailedError("cannot create a vault: another process is creating it right now", {
    code: "vault_busy",
    hint: "wispkey status",
  });
}

/** Puts the finished file in its place, unless something is there. */
async function publish(path: string, directory: string): Promise<void> {
  // Write-ahead files without their database are of a vault that was deleted; SQLite would mix them into ours.
  await removeAll(["-wal", "-shm", "-journal"].map((suffix) => databasePath(directory) + suffix));
  try {
    await Deno.link(path, databasePath(directory));
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) throw vaultExists(directory);
    // A file system without hard links: the lock already keeps other creators away.
    await Deno.rename(path, databasePath(directory));
  }
}

function leftovers(directory: string): string[] {
  return [...Deno.readDirSync(directory)]
    .filter((entry) => entry.name.startsWith(NEW_PREFIX))
    .map((entry) => join(directory, entry.name));
}

async function removeAll(paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    try {
      await Deno.remove(path);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw unusable(path, error);
    }
  }
}

async function sync(path: string): Promise<void> {
  if (Deno.build.os === "windows") return; // SQLite has flushed the file; directories cannot be opened there.
  const file = await Deno.open(path, { read: true });
  try {
    await file.sync();
  } finally {
    file.close();
  }
}
