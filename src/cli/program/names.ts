/**
 * Names that a shell may offer: what the running daemon tells without being asked for a password.
 *
 * @module
 */

import { WispKeyError } from "../../core/errors.ts";
import type { VaultClient } from "../../daemon/api.ts";
import type { CliIo } from "../io.ts";
import { activeProject } from "../project/active.ts";
import { connectUnlocked } from "../session.ts";
import type { NameKind } from "../spec.ts";

/**
 * The names of a kind, those of the active project where they belong to one; none where no daemon holds an open vault.
 * Asks nobody, and fails at nothing: a person is in the middle of a line.
 */
export async function namesOf(kind: NameKind, io: CliIo): Promise<string[]> {
  try {
    const daemon = await connectUnlocked(io);
    if (daemon === null) return [];
    try {
      return await ask(kind, daemon, io);
    } finally {
      daemon.close();
    }
  } catch (error) {
    if (error instanceof WispKeyError) return []; // It is being locked, or there is no such project: nothing to offer.
    throw error;
  }
}

async function ask(kind: NameKind, daemon: VaultClient, io: CliIo): Promise<string[]> {
  if (kind === "project") {
    return (await daemon.call("project.list", {})).result.projects.map(({ name }) => name);
  }
  const project = (await activeProject(io)).name;
  if (kind === "partition") {
    return (await daemon.call("partition.list", { project })).result.partitions.map(({ name }) => name);
  }
  const { credentials } =
    (await daemon.call("credential.list", { project, partition: null, tokens: false })).result;
  // A row that was tampered with may hold any name, also one of two lines.
  return credentials.filter(({ intact }) => intact).map(({ name }) => name);
}
