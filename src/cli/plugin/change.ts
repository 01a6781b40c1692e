/**
 * Changing one configuration file, with a copy of what it was. The copy lies beside the file and is the person's own to
 * read, as a configuration may hold keys of others.
 *
 * @module
 */

import { fromUtf8, utf8 } from "../../core/bytes.ts";
import { FailedError, NotFoundError } from "../../core/errors.ts";
import { escapeText } from "../../core/name.ts";
import { writePrivateFile } from "../../platform/private_file.ts";
import { removeUserFile, writeUserFile } from "../../platform/user_file.ts";
import type { CliIo } from "../io.ts";
import type { ConfigFile } from "./clients.ts";
import { withEntries, withoutEntries } from "./entries.ts";

/** What becomes of a file. */
export type Action = "created" | "changed" | "unchanged" | "restored" | "removed";

/** A file and what becomes of it. */
export interface Change {
  /** Absolute path. */
  readonly path: string;
  /** What it is for. */
  readonly purpose: string;
  /** What becomes of it. */
  readonly action: Action;
  /** Does it. */
  readonly apply: () => Promise<void>;
}

const LARGEST = 16 * 1024 * 1024;

/** The copy of a file. */
function backupPath(path: string): string {
  return `${path}.before-wispkey`;
}

/** Puts our entries in. */
export async function planInstall(
  path: string,
  { entries, purpose }: ConfigFile,
  io: CliIo,
): Promise<Change> {
  const text = await readText(path, io);
  const after = edited(path, () => withEntries(text ?? "", entries));
  if (after === text) return { path, purpose, action: "unchanged", apply: nothing };
  return {
    path,
    purpose,
    action: text === null ? "created" : "changed",
    apply: async () => {
      // The first copy is the one without us.
      const kept = await readText(backupPath(path), io);
      if (text !== null && (kept === null || withoutEntries(text, entries, null) === text)) {
        await writePrivateFile(backupPath(path), utf8(text));
      }
      await writeUserFile(path, utf8(after));
    },
  };
}

/** Takes our entries out: back to the copy if nothing else was changed since, else they alone. */
export async function planUninstall(
  path: string,
  { entries, purpose }: ConfigFile,
  io: CliIo,
): Promise<Change> {
  const text = await readText(path, io);
  const before = await readText(backupPath(path), io);
  const dropCopy = () => removeUserFile(backupPath(path));
  if (text === null) return { path, purpose, action: "unchanged", apply: nothing };
  const write = (bytes: string) => async () => {
    await writeUserFile(path, utf8(bytes));
    await dropCopy();
  };
  if (before !== null && edited(path, () => withEntries(before, entries)) === text) {
    return { path, purpose, action: "restored", apply: write(before) };
  }
  if (before === null && withEntries("", entries) === text) {
    return { path, purpose, action: "removed", apply: () => removeUserFile(path) };
  }
  const after = edited(path, () => withoutEntries(text, entries, before));
  if (after === text) return { path, purpose, action: "unchanged", apply: nothing };
  return { path, purpose, action: "changed", apply: write(after) };
}

const nothing = (): Promise<void> => Promise.resolve();

async function readText(path: string, io: CliIo): Promise<string | null> {
  let bytes: Uint8Array;
  try {
    bytes = await io.files.read(path, LARGEST);
  } catch (error) {
    if (error instanceof NotFoundError) return null;
    throw error;
  }
  const text = fromUtf8(bytes);
  if (utf8(text).length === bytes.length) return text;
  throw new FailedError(`cannot change '${escapeText(path)}': it is not text in UTF-8`, {
    code: "config_unreadable",
  });
}

function edited(path: string, edit: () => string): string {
  try {
    return edit();
  } catch (error) {
    if (!(error instanceof SyntaxError) && !(error instanceof TypeError)) throw error;
    throw new FailedError(`cannot change '${escapeText(path)}': ${error.message}`, {
      code: "config_unreadable",
      hint: "mend the file, or put in by hand what `wispkey mcp config CLIENT` prints",
      cause: error,
    });
  }
}
