/**
 * `wispkey import --forget`: removes files that `--in-place` has kept.
 *
 * @module
 */

import { resolve } from "node:path";
import { ExitCode, NotFoundError } from "../../core/errors.ts";
import { escapeText } from "../../core/name.ts";
import type { BackupView } from "../../daemon/api/import.ts";
import { confirmed } from "../confirm.ts";
import type { CliIo } from "../io.ts";
import { withVault } from "../session.ts";
import { shortTime } from "../time.ts";

/** Lines shown before the question. */
const SHOWN = 20;

/** Removes what is kept of a file, or of all files, but for the newest. */
export async function forgetBackups(
  io: CliIo,
  { path, keep }: { path: string | undefined; keep: number },
): Promise<ExitCode> {
  const what = path === undefined ? "remove kept files" : `remove what is kept of ${escapeText(path)}`;
  return await withVault(io, what, async (vault) => {
    const { backups } = (await vault.call("backup.list", {})).result;
    const concerned = path === undefined ? backups : backups.filter((each) => each.path === resolve(path));
    if (path !== undefined && concerned.length === 0) {
      throw new NotFoundError(`cannot ${what}: the vault keeps no such file`, {
        code: "backup_not_found",
        hint: "wispkey import --backups",
      });
    }
    // The list begins with the newest.
    const going = concerned.slice(keep);
    if (going.length > 0) {
      await io.output.note(["To be removed for good:", ...linesOf(going)].join("\n"));
      await confirmed(io, `Remove ${countOf(going)}? They cannot be restored then.`, what);
      await vault.call("backup.remove", { ids: going.map(({ id }) => id) });
    }
    const left = backups.length - going.length;
    await io.output.result(
      { ok: true, removed: going.map(({ id, path }) => ({ id, path })), kept: left },
      io.output.quiet
        ? []
        : [going.length === 0 ? "Nothing to remove." : `Removed ${countOf(going)}; ${left} left.`],
    );
    return ExitCode.done;
  });
}

function linesOf(backups: readonly BackupView[]): string[] {
  const lines = backups.slice(0, SHOWN).map(({ path, at, size }) =>
    `  ${escapeText(path)}  ${shortTime(at)}  ${size} bytes`
  );
  return backups.length > SHOWN ? [...lines, `  and ${backups.length - SHOWN} more`] : lines;
}

function countOf(backups: readonly BackupView[]): string {
  return backups.length === 1 ? "1 kept file" : `${backups.length} kept files`;
}
