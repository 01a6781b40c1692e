/**
 * Copies of a vault, and putting one back. A copy is the database itself: values are encrypted in it as they are in the
 * vault, under the same password; names, hosts and the log can be read by whoever has the file.
 *
 * @module
 */

import { backup, DatabaseSync } from "node:sqlite";
import { dirname, join } from "node:path";
import { unwritable } from "../platform/file_errors.ts";
import { createPrivateFile, ensurePrivateDir } from "../platform/private_file.ts";
import { JOURNAL_NAMES } from "./audit/journal.ts";
import { BUSY_TIMEOUT_MS, Database } from "./database.ts";
import { databasePath, requireDatabase } from "./files.ts";
import { describeVault, type VaultDescription } from "./inspect.ts";
import { sqliteError } from "./sqlite_errors.ts";

/**
 * Writes a consistent copy of the vault, while others read and write it. It takes its place only when it is whole.
 *
 * @param target path of the copy; what is there is replaced
 * @throws {NotFoundError} `vault_not_found`; {FailedError} `vault_busy`, `disk_full`, `file_unwritable`.
 */
export async function backUpVault(directory: string, target: string): Promise<VaultDescription> {
  const source = requireDatabase(directory);
  const temporary = await Deno.makeTempDir({ dir: dirname(target), prefix: ".wispkey-backup-" }).catch(
    (cause) => {
      throw unwritable(target, cause);
    },
  );
  try {
    const copy = databasePath(temporary);
    await createPrivateFile(copy);
    await copyDatabase(source, copy);
    const description = describeVault(temporary);
    await sync(copy);
    await Deno.rename(copy, target);
    return description;
  } finally {
    await Deno.remove(temporary, { recursive: true });
  }
}

/** SQLite's own backup: the pages as of one moment. All in one step, so that a busy writer cannot make it begin anew. */
async function copyDatabase(source: string, target: string): Promise<void> {
  const db = new DatabaseSync(source, { readOnly: true, timeout: BUSY_TIMEOUT_MS });
  try {
    await backup(db, target, { rate: 2 ** 31 - 1 });
  } catch (error) {
    throw sqliteError(error, source);
  } finally {
    db.close();
  }
}

/** A copy that is about to take the place of a vault. */
export class Restoration implements AsyncDisposable {
  /** Directory in which the copy can be opened like a vault, to see whether it is good. */
  readonly directory: string;
  readonly #vaultDirectory: string;

  private constructor(directory: string, vaultDirectory: string) {
    this.directory = directory;
    this.#vaultDirectory = vaultDirectory;
  }

  /**
   * Copies a backup beside the vault, where it can be looked at before anything is replaced.
   *
   * @param file the backup; it is read to its end and closed
   * @throws {FailedError} the reasons why the directory cannot be used.
   */
  static async prepare(file: Deno.FsFile, vaultDirectory: string): Promise<Restoration> {
    await ensurePrivateDir(vaultDirectory);
    const directory = await Deno.makeTempDir({ dir: vaultDirectory, prefix: "restoring-" });
    const copy = databasePath(directory);
    await createPrivateFile(copy);
    const target = await Deno.open(copy, { write: true });
    await file.readable.pipeTo(target.writable);
    return new Restoration(directory, vaultDirectory);
  }

  /**
   * Puts the copy in the vault's place; at every moment there is one of the two. No daemon may hold the vault.
   *
   * @param keptName what the replaced database is called from now on
   * @returns path of the replaced database; null if there was none
   */
  async putInPlace(keptName: string): Promise<string | null> {
    const place = databasePath(this.#vaultDirectory);
    let kept: string | null = null;
    if (exists(place)) {
      settle(place);
      kept = join(this.#vaultDirectory, `${keptName}.db`);
      // A second name for the old one, so that the rename below leaves no moment without a vault.
      await Deno.link(place, kept).catch(() => Deno.copyFile(place, kept ?? ""));
    }
    for (const name of JOURNAL_NAMES) {
      const journal = join(this.#vaultDirectory, name);
      const keptJournal = join(this.#vaultDirectory, name.replace("audit", keptName));
      if (exists(journal)) await Deno.rename(journal, keptJournal);
    }
    const copy = databasePath(this.directory);
    settle(copy);
    await sync(copy);
    for (const suffix of ["-wal", "-shm"]) await Deno.remove(place + suffix).catch(() => undefined); // Settled: empty.
    await Deno.rename(copy, place);
    return kept;
  }

  /** Removes what is left of the copy. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.directory, { recursive: true });
  }
}

/** Moves what the write-ahead file holds into the database, so that the one file is all. */
function settle(path: string): void {
  const db = Database.open(path);
  try {
    db.checkpoint();
  } finally {
    db.close();
  }
}

function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

async function sync(path: string): Promise<void> {
  const file = await Deno.open(path, { read: true, write: true });
  try {
    await file.sync();
  } finally {
    file.close();
  }
}
