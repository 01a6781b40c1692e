/**
 * Files that were kept in the vault before they were rewritten. What they hold are secrets, so giving one back needs the
 * password; a document's id is random, because ids stand in clear in the database and paths tell things.
 *
 * @module
 */

import { setImmediate } from "node:timers";
import { concat, fromUtf8, utf8, wipe } from "../../core/bytes.ts";
import { FailedError, NotFoundError, UsageError } from "../../core/errors.ts";
import { escapeText } from "../../core/name.ts";
import type { Vault } from "../../vault/mod.ts";
import type { BackupView } from "../api/import.ts";
import type { Operation } from "./types.ts";

const KIND = "backup";
/** Longest path, in UTF-16 units. */
const MAX_PATH = 4096;
/** Most files that are kept. None gives way for another: whoever can reach the open vault could push out what is needed. */
const MAX_BACKUPS = 200;
const LINE_FEED = 0x0a;

/** `backup.put`: what is kept can only be given back, so no password. */
export const putBackup: Operation<"backup.put"> = {
  shape: { path: "string" },
  need: "key",
  run({ vault }, { path }, payload) {
    if (path === "" || path.length > MAX_PATH) {
      throw new UsageError("cannot keep the file: its path is empty or too long", { code: "bad_parameters" });
    }
    if (vault.documents.list(KIND).length >= MAX_BACKUPS) {
      throw new FailedError(`cannot keep the file: ${MAX_BACKUPS} are kept already`, {
        code: "too_many_backups",
        hint: "wispkey import --forget --keep 100",
      });
    }
    const id = crypto.randomUUID();
    const document = concat(utf8(`${JSON.stringify({ path })}\n`), payload);
    try {
      vault.documents.put(KIND, id, document, { event: "FileBackedUp", reason: path });
    } finally {
      wipe(document);
    }
    return { result: { backup: { id, path, at: Date.now(), size: payload.length } } };
  },
};

/** `backup.list`: paths and sizes, newest first. */
export const listBackups: Operation<"backup.list"> = {
  shape: {},
  need: "key",
  async run({ vault }) {
    const backups: BackupView[] = [];
    for (const { id, updatedAt } of vault.documents.list(KIND)) {
      // Hundreds of large files would hold everybody up.
      await new Promise<void>((resolve) => void setImmediate(resolve));
      const { view, document } = open(vault, id, updatedAt);
      wipe(document);
      backups.push(view);
    }
    return { result: { backups: backups.sort((a, b) => b.at - a.at) } };
  },
};

/** `backup.get`: the file as it was. */
export const getBackup: Operation<"backup.get"> = {
  shape: { id: "string" },
  need: "password",
  run({ vault }, { id }) {
    const info = vault.documents.list(KIND).find((document) => document.id === id);
    if (info === undefined) throw notFound(id);
    const { view, content, document } = open(vault, id, info.updatedAt);
    vault.audit.append([{ event: "FileRestored", reason: view.path }], Date.now());
    const payload = content.slice();
    wipe(document);
    return { result: { backup: view }, payload };
  },
};

/** `backup.remove`: who could remove without the password could spoil a file and take away what it was. */
export const removeBackups: Operation<"backup.remove"> = {
  shape: { ids: "string[]" },
  need: "password",
  run({ vault }, { ids }) {
    const there = new Map(vault.documents.list(KIND).map((document) => [document.id, document]));
    const missing = ids.find((id) => !there.has(id));
    if (missing !== undefined) throw notFound(missing);
    // Paths first: a file that cannot be read is told before any is gone.
    const going = [...new Set(ids)].map((id) => {
      const { view, document } = open(vault, id, there.get(id)?.updatedAt ?? 0);
      wipe(document);
      return view;
    });
    for (const { id, path } of going) {
      vault.documents.remove(KIND, id, { event: "FileForgotten", reason: path });
    }
    return { result: { removed: going.length } };
  },
};

function open(
  vault: Vault,
  id: string,
  at: number,
): { view: BackupView; content: Uint8Array; document: Uint8Array } {
  const document = vault.documents.get(KIND, id);
  if (document === undefined) throw notFound(id);
  const end = document.indexOf(LINE_FEED);
  const { path } = JSON.parse(fromUtf8(document.subarray(0, end))) as { path?: unknown };
  if (typeof path !== "string") {
    throw new FailedError(`cannot read the backup '${escapeText(id)}': it has no path`, {
      code: "bad_backup",
    });
  }
  const content = document.subarray(end + 1);
  return { view: { id, path, at, size: content.length }, content, document };
}

function notFound(id: string): NotFoundError {
  return new NotFoundError(`cannot find the backup '${escapeText(id)}': there is none`, {
    code: "backup_not_found",
    hint: "wispkey import --backups",
  });
}
