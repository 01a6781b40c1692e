/**
 * `wispkey backup`.
 *
 * @module
 */

import { countOf } from "../../core/count.ts";
import { ExitCode } from "../../core/errors.ts";
import { escapeText } from "../../core/name.ts";
import { confirmed } from "../confirm.ts";
import { connectUnlocked, requireVault } from "../session.ts";
import type { Verb } from "../spec.ts";
import { rfc3339 } from "../time.ts";

/** Options of `backup`. */
export interface BackupOptions {
  /** The file to write. */
  path: string;
}

/** Writes a copy of the vault, locked or not. */
export const backup: Verb<BackupOptions> = {
  parse(args) {
    return { path: args.positional(0) };
  },

  async run({ path }, io) {
    const what = `back up to '${escapeText(path)}'`;
    await requireVault(io, what);
    if (await io.files.exists(path)) {
      await confirmed(io, `There is a file '${escapeText(path)}'. Replace it?`, what);
    }
    const daemon = await connectUnlocked(io);
    try {
      // Reading the log puts into the database what is still on its way there.
      await daemon?.call("audit.query", { last: 1 });
    } finally {
      daemon?.close();
    }
    const { backUpVault } = await import("../../vault/backup.ts");
    const { createdAt, credentialCount } = await backUpVault(io.vaultDir, path);
    const json = {
      ok: true,
      output: path,
      credential_count: credentialCount,
      created_at: rfc3339(createdAt),
    };
    const line = `Backed up the vault, ${countOf(credentialCount, "credential")}, to ${escapeText(path)}.`;
    await io.output.result(json, io.output.quiet ? [] : [line]);
    await io.output.note(
      "It opens with the master password of now, also after 'wispkey passwd'. Names and hosts can be read in it.",
    );
    return ExitCode.done;
  },
};
