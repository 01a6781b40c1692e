/**
 * Errors that name a credential.
 *
 * @module
 */

import { MAX_VALUE_LENGTH } from "../core/credential.ts";
import { DeniedError, FailedError, NotFoundError } from "../core/errors.ts";
import { escapeText } from "../core/name.ts";
import { shellQuote } from "../platform/file_errors.ts";

/** Code `credential_not_found`. */
export function credentialNotFound(id: string): NotFoundError {
  return new NotFoundError(`cannot find credential '${escapeText(id)}': there is none of that id`, {
    code: "credential_not_found",
    hint: "wispkey list",
  });
}

/** Code `credential_tampered`. */
export function credentialTampered(name: string): DeniedError {
  return new DeniedError(`cannot use '${escapeText(name)}': its row was changed behind our back`, {
    code: "credential_tampered",
    hint: `wispkey doctor; then wispkey remove ${shellQuote(name)} and add it again`,
  });
}

/** Code `duplicate_name`. */
export function duplicateName(name: string): FailedError {
  return new FailedError(`cannot name a credential '${escapeText(name)}': the project has one of that name`, {
    code: "duplicate_name",
    hint:
      `choose another name; or see where it may go (wispkey get ${
        shellQuote(name)
      }), then replace its secret: ` +
      `wispkey rotate ${shellQuote(name)} --value-file FILE`,
  });
}

/** Code `duplicate_token`. */
export function duplicateToken(name: string): FailedError {
  return new FailedError(
    `cannot keep the token of '${escapeText(name)}': it is, or was, another credential's`,
    {
      code: "duplicate_token",
      hint: "wispkey list --all-projects --json",
    },
  );
}

/**
 * Refuses a value beyond {@linkcode MAX_VALUE_LENGTH}.
 *
 * @throws {FailedError} `value_too_large`.
 */
export function checkValueLength(name: string, value: Uint8Array): void {
  if (value.length <= MAX_VALUE_LENGTH) return;
  throw new FailedError(
    `cannot store '${
      escapeText(name)
    }': its value of ${value.length} bytes is larger than ${MAX_VALUE_LENGTH}`,
    { code: "value_too_large", hint: "store the key that opens the large file instead" },
  );
}

/** Code `partition_not_found`. */
export function partitionNotFound(): NotFoundError {
  return new NotFoundError("cannot place the credential: its project has no such partition", {
    code: "partition_not_found",
    hint: "wispkey partition list",
  });
}
