/**
 * `wispkey passwd`.
 *
 * @module
 */

import { wipe } from "../../core/bytes.ts";
import { ExitCode } from "../../core/errors.ts";
import type { CliIo } from "../io.ts";
import { checkNewPassword } from "../../vault/password.ts";
import { askNewPassword, askPassword } from "../password.ts";
import { requireVault } from "../session.ts";
import type { Verb } from "../spec.ts";

/** Longest password file, in bytes. */
const MAX_PASSWORD_FILE = 16 * 1024;
const WHAT = "change the master password";

/** Options of `passwd`. */
export interface PasswdOptions {
  /** File with the new password; undefined = ask for it. */
  newPasswordFile: string | undefined;
}

/** Changes the master password. */
export const passwd: Verb<PasswdOptions> = {
  parse(args) {
    return { newPasswordFile: args.text("new-password-file") };
  },

  async run({ newPasswordFile }, io) {
    await requireVault(io, WHAT);
    const current = await askPassword(io, WHAT);
    let next: Uint8Array | undefined;
    try {
      next = newPasswordFile === undefined
        ? await askNewPassword(io, WHAT, false)
        : await readNewPassword(io, newPasswordFile);
      await io.backend.changePassword(current, next);
    } finally {
      wipe(current, next);
    }
    await io.output.result({ ok: true }, io.output.quiet ? [] : ["The master password is changed."]);
    return ExitCode.done;
  },
};

/** One line; its end is not part of the password. */
async function readNewPassword(io: CliIo, path: string): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = path === "-"
    ? await io.files.readStdin(MAX_PASSWORD_FILE)
    : await io.files.read(path, MAX_PASSWORD_FILE);
  let end = bytes.length;
  if (bytes[end - 1] === 0x0a) end--;
  if (bytes[end - 1] === 0x0d) end--;
  const password = bytes.slice(0, end);
  wipe(bytes);
  try {
    checkNewPassword(password);
  } catch (error) {
    wipe(password);
    throw error;
  }
  return password;
}
