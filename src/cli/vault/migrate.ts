/**
 * `wispkey migrate`.
 *
 * @module
 */

import { join, resolve } from "node:path";
import { wipe } from "../../core/bytes.ts";
import { ExitCode } from "../../core/errors.ts";
import { escapeText } from "../../core/name.ts";
import { suggestByName, suggestByValue } from "../../core/provider.ts";
import type { VaultClient } from "../../daemon/api.ts";
import { ensurePrivateDir } from "../../platform/private_file.ts";
import {
  EARLIER_DATABASE,
  type EarlierVault,
  findEarlierVault,
  readEarlierVault,
} from "../../sharing/earlier_vault.ts";
import { confirmed } from "../confirm.ts";
import type { CliIo } from "../io.ts";
import { connectUnlocked, withVault } from "../session.ts";
import { ImportSession } from "../sharing/import_session.ts";
import type { Verb } from "../spec.ts";
import { migrateJson, migrateLines, type Proposal, proposalLines } from "./migrate_view.ts";
import { earlierPassword, passwordForNewVault, readEarlierPasswordFile } from "./migrate_password.ts";
import { makeRoom } from "./make_room.ts";

const WHAT = "migrate";

/** Options of `migrate`. */
export interface MigrateOptions {
  /** Directory of the earlier vault; undefined = our own. */
  directory: string | undefined;
  /** File with its master password; undefined = environment or prompt. */
  passwordFile: string | undefined;
  /** Take the proposed hosts without asking. */
  setHosts: boolean;
  /** Say what would be done, and do nothing. */
  dryRun: boolean;
}

/** Takes over the vault of an earlier build, tokens included. */
export const migrate: Verb<MigrateOptions> = {
  parse(args) {
    return {
      directory: args.optionalPositional(0),
      passwordFile: args.text("earlier-password-file"),
      setHosts: args.flag("set-hosts"),
      dryRun: args.flag("dry-run"),
    };
  },

  async run(options, io) {
    const directory = resolve(options.directory ?? io.vaultDir);
    const path = findEarlierVault(directory);
    // Found out later, it would have been for nothing that somebody looked and agreed.
    if (!options.dryRun && directory === resolve(io.vaultDir)) await ensurePrivateDir(directory);
    await io.harden();
    const fromFile = options.passwordFile === undefined
      ? undefined
      : await readEarlierPasswordFile(io, options.passwordFile);
    const password = fromFile ?? await earlierPassword(io);
    try {
      const earlier = await readEarlierVault(path, password);
      try {
        await take(
          io,
          { ...options, directory, path },
          earlier,
          fromFile === undefined ? password : undefined,
        );
      } finally {
        for (const { value } of earlier.credentials) wipe(value);
      }
    } finally {
      wipe(password);
    }
    return ExitCode.done;
  },
};

/** Where the earlier vault lies, with the options. */
interface Source extends MigrateOptions {
  directory: string;
  path: string;
}

async function take(
  io: CliIo,
  source: Source,
  earlier: EarlierVault,
  samePassword: Uint8Array | undefined,
): Promise<void> {
  const proposals = propose(earlier);
  await io.output.note(migrateLines(earlier, source.path).join("\n"));
  if (proposals.length > 0) await io.output.note(proposalLines(proposals).join("\n"));
  if (source.dryRun) {
    return await io.output.result(
      migrateJson({ earlier, proposals, source, accepted: false, result: undefined }),
      [],
    );
  }
  await confirmed(io, "Take these credentials over, to go where it says?", WHAT);
  const accepted = proposals.length > 0 && (source.setHosts || await agreed(io));
  if (accepted) { for (const { credential, hosts } of proposals) credential.hosts = [...hosts]; }
  const room = await makeRoom(io, source.path, async () => await passwordForNewVault(io, samePassword));
  try {
    const result = await inVault(io, room.password, (vault) => importAll(vault, earlier, source.path));
    await room.keep();
    const session = await removeSession(source.directory);
    const json = migrateJson({ earlier, proposals, source, accepted, result });
    await io.output.result({ ...json, kept: room.keptAs, session_removed: session }, [
      `Took over ${result.credentials.filter(({ token }) => token !== null).length} credentials.`,
    ]);
    await tell(io, source, earlier, { ...room, session });
  } catch (error) {
    await room.undo();
    throw error;
  } finally {
    wipe(room.password);
  }
}

/** In the vault just made, with its password; in one that was there, as any other command. */
async function inVault<T>(
  io: CliIo,
  password: Uint8Array | undefined,
  act: (vault: VaultClient) => Promise<T>,
): Promise<T> {
  if (password === undefined) return await withVault(io, WHAT, act);
  const vault = await io.backend.openDirect(password);
  try {
    return await act(vault);
  } finally {
    vault.close();
  }
}

async function importAll(vault: VaultClient, earlier: EarlierVault, path: string) {
  const session = new ImportSession(vault);
  try {
    for (const { value, ...credential } of earlier.credentials) await session.add(credential, value.slice());
    const options = { kind: "vault", from: path, projects: earlier.projects, onConflict: "skip" } as const;
    return await session.commit(options, await session.plan(options));
  } finally {
    await session.close();
  }
}

/** Hosts for those that have none and look like a provider's key. Nothing is set without the owner's word. */
function propose(earlier: EarlierVault): Proposal[] {
  return earlier.credentials.flatMap((credential) => {
    if (credential.hosts.length > 0) return [];
    const provider = suggestByValue(credential.value) ?? suggestByName(credential.name);
    return provider === undefined ? [] : [{ credential, provider: provider.title, hosts: provider.hosts }];
  });
}

async function agreed(io: CliIo): Promise<boolean> {
  return io.terminal.interactive && !io.globals.yes &&
    await io.terminal.confirm("Let these go to the hosts that are proposed?");
}

/** Their unlocked key lies in clear in this file. */
async function removeSession(directory: string): Promise<boolean> {
  try {
    await Deno.remove(join(directory, "session"));
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

async function tell(
  io: CliIo,
  source: Source,
  earlier: EarlierVault,
  room: { keptAs: string | null; session: boolean },
): Promise<void> {
  for (const note of earlier.notes) await io.output.warn(note);
  for (const { name, why } of earlier.leftOut) await io.output.warn(`${name} was left out: ${why}`);
  if (room.session) {
    await io.output.warn(
      "the earlier build kept the vault's key in clear in its session file; it is removed now, but whoever read it " +
        "before, or a backup of it, can open the earlier vault: replace secrets that matter",
    );
  }
  const where = room.keptAs ?? join(source.directory, EARLIER_DATABASE);
  await io.output.note(
    `Tokens stay the same, so what uses them goes on working. The earlier vault is untouched: ${
      escapeText(where)
    }\n` +
      "Remove it when all works: it opens with its old password.",
  );
  const daemon = await connectUnlocked(io);
  daemon?.close();
  if (daemon === null) await io.output.note("Next: wispkey unlock");
}
