/**
 * The two passwords of a migration: the earlier vault's, and that of a vault made for it.
 *
 * @module
 */

import { utf8, wipe } from "../../core/bytes.ts";
import { UsageError, WispKeyError } from "../../core/errors.ts";
import { checkNewPassword } from "../../vault/password.ts";
import type { CliIo } from "../io.ts";
import { askNewPassword, PASSWORD_VARIABLE } from "../password.ts";

/** Longest password file, in bytes. */
const MAX_PASSWORD_FILE = 16 * 1024;

/** Reads the file of `--earlier-password-file`; the end of its line is not part of the password. */
export async function readEarlierPasswordFile(io: CliIo, path: string): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = path === "-"
    ? await io.files.readStdin(MAX_PASSWORD_FILE)
    : await io.files.readPrivate(path, MAX_PASSWORD_FILE);
  let end = bytes.length;
  if (bytes[end - 1] === 0x0a) end--;
  if (bytes[end - 1] === 0x0d) end--;
  const password = bytes.slice(0, end);
  wipe(bytes);
  return password;
}

/**
 * The earlier vault's master password from the environment or a prompt. It may be empty: earlier builds took any.
 *
 * @throws {UsageError} `no_password`.
 */
export async function earlierPassword(io: CliIo): Promise<Uint8Array<ArrayBuffer>> {
  const given = io.env(PASSWORD_VARIABLE);
  if (given !== undefined) return utf8(given);
  if (io.terminal.interactive) return await io.terminal.readSecret("Master password of the earlier vault: ");
  throw new UsageError(
    "cannot migrate: it needs the earlier vault's master password, and there is no terminal",
    {
      code: "no_password",
      hint: `set ${PASSWORD_VARIABLE}, or add --earlier-password-file FILE`,
    },
  );
}

/** The password for a new vault: the earlier one if it was typed and is good enough, else a new one. */
export async function passwordForNewVault(
  io: CliIo,
  same: Uint8Array | undefined,
): Promise<Uint8Array<ArrayBuffer>> {
  if (same !== undefined && isGoodEnough(same)) return new Uint8Array(same);
  if (same !== undefined) await io.output.note("The earlier master password is too short for a new vault.");
  return await askNewPassword(io, "make a vault", same === undefined);
}

function isGoodEnough(password: Uint8Array): boolean {
  try {
    checkNewPassword(password);
    return true;
  } catch (error) {
    if (error instanceof WispKeyError) return false;
    throw error;
  }
}
