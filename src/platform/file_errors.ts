/**
 * What can go wrong with a file, in the words a person meets.
 *
 * @module
 */

import { dirname } from "node:path";
import { FailedError, NotFoundError } from "../core/errors.ts";
import { escapeText } from "../core/name.ts";
import { shellQuote as quoteWord } from "../core/shell_quote.ts";

/** Quotes a path or a name for a shell, for hints that are shown on a terminal. */
export function shellQuote(text: string): string {
  return quoteWord(escapeText(text));
}

function reason(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "its directory does not exist";
  if (error instanceof Deno.errors.PermissionDenied) return "permission denied";
  if (error instanceof Deno.errors.NotCapable) return "it lies outside what this program may touch";
  // System messages end in ", open '/path'" or "(os error 28)", which say nothing new.
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/ \(os error \d+\).*$/s, "").replace(/^\w/, (c) => c.toLowerCase());
}

/** An error of code `file_unwritable` with the system's reason. */
export function unwritable(path: string, cause: unknown): FailedError {
  const missing = cause instanceof Deno.errors.NotFound;
  return new FailedError(`cannot write '${escapeText(path)}': ${reason(cause)}`, {
    code: "file_unwritable",
    ...(missing ? { hint: `mkdir -p ${shellQuote(dirname(path))}` } : {}),
    cause,
  });
}

/** An error of code `directory_unusable` with the system's reason. */
export function unusable(path: string, cause: unknown): FailedError {
  return new FailedError(`cannot use '${escapeText(path)}': ${reason(cause)}`, {
    code: "directory_unusable",
    hint: "name another place in WISPKEY_VAULT_PATH",
    cause,
  });
}

/** An error of code `file_not_found` or `file_unreadable` with the system's reason. */
export function unreadable(path: string, cause: unknown): FailedError | NotFoundError {
  if (cause instanceof Deno.errors.NotFound) {
    return new NotFoundError(`cannot read '${escapeText(path)}': there is no such file`, {
      code: "file_not_found",
      cause,
    });
  }
  return new FailedError(`cannot read '${escapeText(path)}': ${reason(cause)}`, {
    code: "file_unreadable",
    cause,
  });
}

/** An error of code `file_too_large`. */
export function tooLarge(path: string, maxBytes: number): FailedError {
  return new FailedError(`cannot read '${escapeText(path)}': it is larger than ${maxBytes} bytes`, {
    code: "file_too_large",
  });
}
