/**
 * The master password, from the environment or a hidden prompt. It stays bytes; who asked for it wipes it.
 *
 * @module
 */

import { equalInConstantTime, utf8, wipe } from "../core/bytes.ts";
import { DeniedError, LockedError, UsageError } from "../core/errors.ts";
import { checkNewPassword } from "../vault/password.ts";
import type { CliIo } from "./io.ts";

/** Environment variable that answers for the prompt, meant for CI. */
export const PASSWORD_VARIABLE = "WISPKEY_PASSWORD";

/**
 * The existing master password.
 *
 * @param vaultOpen whether an unlocked daemon runs: then it is the act that needs the password, not the vault
 * @throws {LockedError} `vault_locked`, or {DeniedError} `password_required` with an open vault, where it is not in
 * the environment and nobody can be asked.
 */
export async function askPassword(
  io: CliIo,
  what: string,
  vaultOpen = false,
): Promise<Uint8Array<ArrayBuffer>> {
  const given = io.env(PASSWORD_VARIABLE);
  if (given !== undefined) return utf8(given);
  if (!io.terminal.interactive) {
    const message = `cannot ${what}: it needs the master password, and there is no terminal to ask on`;
    const elsewhere = `run it in a terminal; where nobody can be asked, ${PASSWORD_VARIABLE} answers`;
    if (vaultOpen) throw new DeniedError(message, { code: "password_required", hint: elsewhere });
    const hint = what === "unlock" ? elsewhere : "wispkey unlock";
    throw new LockedError(message, { code: "vault_locked", hint });
  }
  const password = await io.terminal.readSecret("Master password: ");
  if (password.length > 0) return password;
  throw new LockedError(`cannot ${what}: the password is empty`, {
    code: "empty_password",
    hint: "run it again and type the master password",
  });
}

/**
 * Opens with a password, and says of a wrong one what could not be done because of it.
 *
 * @throws {LockedError} `wrong_password`; else what `open` throws.
 */
export async function openingFor<T>(what: string, open: () => Promise<T>): Promise<T> {
  try {
    return await open();
  } catch (cause) {
    if (!(cause instanceof LockedError && cause.code === "wrong_password")) throw cause;
    const message = `cannot ${what}: the master password is wrong`;
    throw new LockedError(message, { code: cause.code, hint: "try again with the right one", cause });
  }
}

/**
 * A new master password: the environment's if `fromEnvironment`, else asked for twice.
 *
 * @throws {UsageError} `empty_password`, `weak_password`, `passwords_differ`.
 * @throws {LockedError} `no_password` where nobody can be asked.
 */
export async function askNewPassword(
  io: CliIo,
  what: string,
  fromEnvironment: boolean,
): Promise<Uint8Array<ArrayBuffer>> {
  const given = fromEnvironment ? io.env(PASSWORD_VARIABLE) : undefined;
  if (given === undefined && !io.terminal.interactive) {
    throw new LockedError(`cannot ${what}: there is no master password, and no terminal to ask for it on`, {
      code: "no_password",
      hint: fromEnvironment
        ? `run it in a terminal, or set ${PASSWORD_VARIABLE}`
        : "run it in a terminal, or give --new-password-file PATH",
    });
  }
  const password = given === undefined ? await io.terminal.readSecret("New master password: ") : utf8(given);
  try {
    checkNewPassword(password);
    if (given === undefined) {
      await confirmSecret(io, password, "New master password again: ", what, "passwords_differ");
    }
  } catch (error) {
    wipe(password);
    throw error;
  }
  if (isGuessable(password)) {
    await io.output.warn("this master password is easy to guess: several unrelated words make a better one");
  }
  return password;
}

/**
 * Asks a second time and compares.
 *
 * @throws {UsageError} with `code` if the answers differ.
 */
export async function confirmSecret(
  io: CliIo,
  first: Uint8Array,
  prompt: string,
  what: string,
  code: string,
): Promise<void> {
  const again = await io.terminal.readSecret(prompt);
  const same = equalInConstantTime(first, again);
  wipe(again);
  if (!same) throw new UsageError(`cannot ${what}: the two entries differ`, { code, hint: "run it again" });
}

/**
 * A fair estimate, on the generous side: length times the bits of the alphabet that was drawn from, where characters
 * that repeat count once. Under 45 bits an attacker with the file can try them all.
 */
function isGuessable(password: Uint8Array): boolean {
  const distinct = new Set(password).size;
  let alphabet = 0;
  if (password.some((b) => b >= 0x30 && b <= 0x39)) alphabet += 10;
  if (password.some((b) => b >= 0x61 && b <= 0x7a)) alphabet += 26;
  if (password.some((b) => b >= 0x41 && b <= 0x5a)) alphabet += 26;
  if (password.some((b) => b < 0x30 || (b > 0x39 && b < 0x41) || (b > 0x5a && b < 0x61) || b > 0x7a)) {
    alphabet += 33;
  }
  return distinct * Math.log2(alphabet) < 45;
}
