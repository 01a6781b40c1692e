/**
 * `wispkey restore`.
 *
 * @module
 */

import { countOf } from "../../core/count.ts";
import { wipe } from "../../core/bytes.ts";
import { ExitCode, FailedError } from "../../core/errors.ts";
import { escapeText } from "../../core/name.ts";
import { openForReading } from "../../platform/secret_file.ts";
import { Restoration } from "../../vault/backup.ts";
import { Vault } from "../../vault/mod.ts";
import { confirmed } from "../confirm.ts";
import type { CliIo } from "../io.ts";
import { askPassword } from "../password.ts";
import type { Verb } from "../spec.ts";
import { longTime } from "../time.ts";

/** Options of `restore`. */
export interface RestoreOptions {
  /** The backup. */
  path: string;
}

/** What is said of a backup before it takes the vault's place. */
interface Content {
  credentials: number;
  lastRow: string;
}

/** Puts a backup in the place of the vault, which stays beside it under another name. */
export const restore: Verb<RestoreOptions> = {
  parse(args) {
    return { path: args.positional(0) };
  },

  async run({ path }, io) {
    const shown = escapeText(path);
    const what = `restore '${shown}'`;
    const file = await openForReading(path);
    // The copy closes the file.
    await using restoration = await Restoration.prepare(file, io.vaultDir);
    const replaces = await io.backend.exists();
    const content = await look(io, restoration, path, what);
    await io.output.note(
      `The backup has ${
        countOf(content.credentials, "credential")
      }; the last row of its log is of ${content.lastRow}.`,
    );
    const question = replaces
      ? "Put it in the place of the vault? The vault stays beside it under another name."
      : `Make it the vault in ${escapeText(io.vaultDir)}?`;
    await confirmed(io, question, what);
    await stopDaemon(io);
    const stamp = new Date(io.now()).toISOString().replaceAll(/[-:]/g, "").replace(/\..*/, "Z");
    const kept = await restoration.putInPlace(`replaced-${stamp}`);
    const json = { ok: true, restored: path, credential_count: content.credentials, replaced_vault: kept };
    await io.output.result(json, io.output.quiet ? [] : [`Restored ${shown}.`]);
    if (kept !== null) await io.output.note(`The vault that was there: ${escapeText(kept)}`);
    await io.output.note("Next: wispkey unlock");
    return ExitCode.done;
  },
};

/** Opens the backup with its password, checks every row of it, and writes into its log that it was restored. */
async function look(io: CliIo, restoration: Restoration, path: string, what: string): Promise<Content> {
  await io.harden();
  const password = await askPassword(io, `${what}, with the password it had then`);
  try {
    const vault = await Vault.open(restoration.directory, password);
    try {
      const { problems, credentials } = vault.verify();
      const [problem] = problems;
      if (problem !== undefined) {
        throw new FailedError(`cannot ${what}: ${problem.message}`, {
          code: "backup_damaged",
          hint: "take another backup",
        });
      }
      const [last] = vault.audit.query({ last: 1 });
      const name = path.split(/[/\\]/).at(-1) ?? "";
      vault.audit.append([{ event: "VaultRestored", reason: `from ${name}` }], io.now());
      return { credentials, lastRow: last === undefined ? "never" : longTime(last.at) };
    } finally {
      vault.close();
    }
  } finally {
    wipe(password);
  }
}

/** A daemon would go on with the vault that it has open. */
async function stopDaemon(io: CliIo): Promise<void> {
  const daemon = await io.backend.connect();
  if (daemon === null) return;
  try {
    await daemon.call("daemon.stop", {});
  } finally {
    daemon.close();
  }
  // Looking for it again waits until it has let go of the vault.
  (await io.backend.connect())?.close();
}
