/**
 * Writing the copy with tokens, or the source itself.
 *
 * @module
 */

import { resolve } from "node:path";
import { equalInConstantTime, utf8, wipe } from "../../core/bytes.ts";
import { FailedError } from "../../core/errors.ts";
import { escapeText } from "../../core/name.ts";
import type { VaultClient } from "../../daemon/api.ts";
import { isSymlink, readFileBounded, writePrivateFile } from "../../platform/private_file.ts";
import { commandLine } from "../quote.ts";
import { MAX_SOURCE } from "./source.ts";

/** What the copy of a file is called. */
export function copyPath(path: string): string {
  return `${path}.wispkey`;
}

/** Writes the copy, mode 0600, whole; a symlink in its place is replaced, not followed. */
export async function writeCopy(path: string, text: string): Promise<void> {
  await writePrivateFile(path, utf8(text));
}

/** Largest file the vault keeps, bytes. */
const MAX_KEPT = 16 * 1024 * 1024;

/**
 * Refuses to rewrite what is too large to be kept, or reached by a link: the file behind it would keep its secrets.
 *
 * @throws {FailedError} `source_is_link`, `file_too_large`.
 */
export async function requireRewritable(path: string): Promise<void> {
  wipe(await readFileBounded(path, MAX_KEPT));
  if (!await isSymlink(path)) return;
  throw new FailedError(`cannot rewrite '${escapeText(path)}': it is a symbolic link`, {
    code: "source_is_link",
    hint: "import the file it points to",
  });
}

/**
 * Rewrites a file, once the vault holds it as it was.
 *
 * @param before its bytes as they were imported; if they are no longer there nothing is written
 * @throws {FailedError} `source_changed`, `source_is_link`.
 */
export async function rewriteInPlace(
  vault: VaultClient,
  path: string,
  before: Uint8Array,
  text: string,
): Promise<void> {
  await requireRewritable(path);
  await vault.call("backup.put", { path: resolve(path) }, before);
  const now = await readFileBounded(path, MAX_SOURCE);
  if (!equalInConstantTime(now, before)) {
    throw new FailedError(`cannot rewrite '${escapeText(path)}': it changed while it was imported`, {
      code: "source_changed",
      hint: commandLine("wispkey", "import", path, "--in-place"),
    });
  }
  await writePrivateFile(path, utf8(text));
}
