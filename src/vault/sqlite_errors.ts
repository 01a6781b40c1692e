/**
 * What SQLite says, in the words a person meets.
 *
 * @module
 */

import { dirname } from "node:path";
import { FailedError, WispKeyError } from "../core/errors.ts";
import { escapeText } from "../core/name.ts";
import { shellQuote } from "../platform/file_errors.ts";

interface Known {
  /** How SQLite's message reads. */
  pattern: RegExp;
  code: string;
  why: string;
  hint: (path: string) => string;
}

const KNOWN: readonly Known[] = [
  {
    pattern: /database (table )?is locked|database schema is locked/,
    code: "vault_busy",
    why: "another program keeps it locked",
    hint: () => "try again; if it stays, wispkey stop",
  },
  {
    pattern: /readonly database|unable to open database file|access permission denied|authorization denied/,
    code: "vault_read_only",
    why: "it cannot be written",
    hint: (path) => `chmod 700 ${shellQuote(dirname(path))} && chmod 600 ${shellQuote(path)}`,
  },
  {
    pattern: /database or disk is full/,
    code: "disk_full",
    why: "the disk is full",
    hint: (path) => `df ${shellQuote(dirname(path))}`,
  },
  {
    pattern:
      /file is not a database|malformed|no such |has no column|foreign key mismatch|does not match any|syntax error|unrecognized token|unsupported file format|too large to be represented|invalid rootpage/,
    code: "vault_corrupt",
    why: "its database is damaged",
    hint: () => "put back a copy of the vault directory that you trust",
  },
  {
    pattern: /disk I\/O error/,
    code: "disk_error",
    why: "the disk reported an error",
    hint: (path) => `df ${shellQuote(dirname(path))}`,
  },
];

/** Turns an error of `node:sqlite` into one of ours; errors of ours pass through, unknown ones too. */
export function sqliteError(error: unknown, path: string): unknown {
  if (error instanceof WispKeyError || !(error instanceof Error)) return error;
  const known = KNOWN.find(({ pattern }) => pattern.test(error.message));
  if (known === undefined) return error;
  return new FailedError(`cannot use the vault at '${escapeText(path)}': ${known.why}`, {
    code: known.code,
    hint: known.hint(path),
    cause: error,
  });
}
