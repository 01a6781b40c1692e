/**
 * `wispkey import --restore` and `--backups`: files as they were before they were rewritten.
 *
 * @module
 */

import { resolve } from "node:path";
import { wipe } from "../../core/bytes.ts";
import { ExitCode, FailedError, NotFoundError } from "../../core/errors.ts";
import { escapeText } from "../../core/name.ts";
import { writePrivateFile } from "../../platform/private_file.ts";
import { confirmed } from "../confirm.ts";
import type { CliIo } from "../io.ts";
import { withVault } from "../session.ts";
import { rfc3339, shortTime } from "../time.ts";

/** Lists the files the vault keeps. */
export async function listBackups(io: CliIo): Promise<ExitCode> {
  return await withVault(io, "list the kept files", async (vault) => {
    const { result: { backups } } = await vault.call("backup.list", {});
    const json = {
      backups: backups.map(({ id, path, at, size }) => ({ id, path, kept_at: rfc3339(at), size })),
    };
    const columns = [{ title: "FILE", shrinks: true }, { title: "KEPT" }, { title: "BYTES" }];
    const rows = backups.map(({ path, at, size }) => [path, shortTime(at), String(size)]);
    await io.output.result(json, rows.length === 0 ? [] : io.output.table(columns, rows));
    if (rows.length === 0) await io.output.note("No files are kept.");
    return ExitCode.done;
  });
}

/** Writes the newest kept version of a file back. */
export async function restoreFile(io: CliIo, path: string): Promise<ExitCode> {
  const shown = escapeText(path);
  const what = `restore ${shown}`;
  const absolute = resolve(path);
  return await withVault(io, what, async (vault) => {
    const { result } = await vault.call("backup.list", {});
    const newest = result.backups.find((backup) => backup.path === absolute);
    if (newest === undefined) {
      throw new NotFoundError(`cannot ${what}: the vault keeps no such file`, {
        code: "backup_not_found",
        hint: "wispkey import --backups",
      });
    }
    await confirmed(io, `Write ${shown} back as it was at ${shortTime(newest.at)}, secrets in clear?`, what);
    const { payload } = await vault.call("backup.get", { id: newest.id });
    if (payload === undefined) {
      throw new FailedError(`cannot ${what}: the vault gave nothing`, { code: "bad_backup" });
    }
    try {
      await writePrivateFile(absolute, payload);
    } finally {
      wipe(payload);
    }
    const json = { ok: true, path: absolute, kept_at: rfc3339(newest.at), size: newest.size };
    await io.output.result(json, [`Restored ${shown} (${newest.size} bytes).`]);
    return ExitCode.done;
  });
}
