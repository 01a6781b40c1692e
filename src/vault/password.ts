/**
 * What a new master password must be.
 *
 * @module
 */

import { UsageError } from "../core/errors.ts";

/** Fewest characters of a master password. */
export const MIN_PASSWORD_LENGTH = 8;

/** Number of characters (code points) in UTF-8 bytes, without making a string of them. */
export function countCharacters(utf8: Uint8Array): number {
  let count = 0;
  for (const byte of utf8) if ((byte & 0xc0) !== 0x80) count++;
  return count;
}

/**
 * Checks a new master password.
 *
 * @throws {UsageError} `empty_password` or `weak_password`.
 */
export function checkNewPassword(password: Uint8Array): void {
  checkPasswordGiven(password);
  if (countCharacters(password) >= MIN_PASSWORD_LENGTH) return;
  throw new UsageError(
    `cannot use this master password: it has fewer than ${MIN_PASSWORD_LENGTH} characters`,
    { code: "weak_password", hint: "four or more random words are strong and can be remembered" },
  );
}

/**
 * Checks that there is a password at all.
 *
 * @throws {UsageError} `empty_password`.
 */
export function checkPasswordGiven(password: Uint8Array): void {
  if (password.length > 0) return;
  throw new UsageError("cannot use this master password: it is empty", {
    code: "empty_password",
    hint: "type it at the prompt, or set WISPKEY_PASSWORD where no person can",
  });
}
