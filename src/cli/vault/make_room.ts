/**
 * Makes sure that there is a vault to migrate into. Where the earlier one lies in its place, that one is renamed, never
 * changed, and gets its name back if anything fails.
 *
 * @module
 */

import { dirname, join, resolve } from "node:path";
import { FailedError } from "../../core/errors.ts";
import { escapeText } from "../../core/name.ts";
import { EARLIER_DATABASE, KEPT_DATABASE } from "../../sharing/earlier_vault.ts";
import type { CliIo } from "../io.ts";

/** The room that was made. */
export interface Room {
  /** Password of the vault that was made; undefined if there was one. */
  password: Uint8Array | undefined;
  /** Path that the earlier vault has now, if it was renamed. */
  keptAs: string | null;
  /** Takes everything back: removes the vault that was made, gives the earlier one its name. */
  undo(): Promise<void>;
  /** Nothing is to be taken back any more. */
  keep(): Promise<void>;
}

/**
 * Makes room.
 *
 * @param path the earlier vault's database
 * @param newPassword asked for a new vault's password; the caller wipes it
 * @throws {FailedError} `earlier_vault_in_use`, and what making a vault throws.
 */
export async function makeRoom(
  io: CliIo,
  path: string,
  newPassword: () => Promise<Uint8Array>,
): Promise<Room> {
  const inPlace = resolve(path) === resolve(join(io.vaultDir, EARLIER_DATABASE));
  if (inPlace) await refuseIfInUse(path);
  if (!inPlace && await io.backend.exists()) {
    const nothing = () => Promise.resolve();
    return { password: undefined, keptAs: null, undo: nothing, keep: nothing };
  }
  const password = await newPassword();
  const keptAs = inPlace ? join(dirname(path), KEPT_DATABASE) : null;
  if (keptAs !== null) {
    if (await io.files.exists(keptAs)) {
      throw new FailedError(`cannot migrate: there is a file '${escapeText(keptAs)}' already`, {
        code: "file_exists",
        hint: "an earlier migration left it; move it elsewhere",
      });
    }
    await Deno.rename(path, keptAs);
  }
  const undo = async () => {
    for (const suffix of ["", "-wal", "-shm"]) {
      await removeIfThere(join(io.vaultDir, EARLIER_DATABASE) + suffix);
    }
    if (keptAs !== null) await Deno.rename(keptAs, path);
  };
  try {
    await io.backend.create(password);
  } catch (error) {
    if (keptAs !== null) await Deno.rename(keptAs, path);
    throw error;
  }
  return { password, keptAs, undo, keep: () => Promise.resolve() };
}

/** A journal beside the database is of a program that is writing, or died at it: only that program can mend it. */
async function refuseIfInUse(path: string): Promise<void> {
  for (const suffix of ["-journal", "-wal"]) {
    const info = await Deno.stat(path + suffix).catch(() => null); // Not there, as it should be.
    if (info === null || info.size === 0) continue;
    throw new FailedError(`cannot migrate '${escapeText(path)}': another program is writing to it`, {
      code: "earlier_vault_in_use",
      hint: "end the earlier build, run its 'wispkey list' once, and migrate again",
    });
  }
}

async function removeIfThere(path: string): Promise<void> {
  try {
    await Deno.remove(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
