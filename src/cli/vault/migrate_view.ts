/**
 * What a migration takes over, as the command prints it.
 *
 * @module
 */

import { countOf } from "../../core/count.ts";
import { escapeText } from "../../core/name.ts";
import type { EarlierCredential, EarlierVault } from "../../sharing/earlier_vault.ts";
import type { ImportResult } from "../sharing/import_session.ts";
import { commandLine } from "../quote.ts";

/** Hosts that a credential without any may be meant for. */
export interface Proposal {
  /** The credential, as it will be staged. */
  credential: EarlierCredential;
  /** Name of the provider it looks like. */
  provider: string;
  /** That provider's hosts. */
  hosts: readonly string[];
}

/** At most so many are listed for people; JSON has them all. */
const LISTED = 200;

/** What is there, with where each may go, because nothing authenticated that so far. */
export function migrateLines({ schema, credentials, projects }: EarlierVault, path: string): string[] {
  const lines = [
    `The earlier vault ${escapeText(path)} (schema ${schema}) has ${
      countOf(credentials.length, "credential")
    } in ` +
    `${countOf(projects.length, "project")}:`,
    ...credentials.slice(0, LISTED).map(({ project, partition, name, hosts }) => {
      const where = hosts.length === 0
        ? "nowhere yet (the earlier build let it go anywhere)"
        : hosts.join(", ");
      return escapeText(`  ${project}/${partition}/${name}  may go to: ${where}`);
    }),
  ];
  if (credentials.length > LISTED) lines.push(`  and ${credentials.length - LISTED} more`);
  return lines;
}

/** What is proposed, and the command that would do it later. */
export function proposalLines(proposals: readonly Proposal[]): string[] {
  return [
    "",
    "These have no hosts and look like keys of:",
    ...proposals.map(({ credential, provider, hosts }) =>
      escapeText(`  ${credential.name}: ${provider}, ${hosts.join(", ")}`)
    ),
    "To let one go there later:",
    ...proposals.slice(0, 3).map(({ credential: { name, project }, hosts }) =>
      `  ${editLine(name, project, hosts)}`
    ),
  ];
}

function editLine(name: string, project: string, hosts: readonly string[]): string {
  const scope = project === "default" ? [] : ["--project", project];
  return escapeText(commandLine("wispkey", "edit", name, ...scope, "--hosts", hosts.join(",")));
}

/** The migration for programs. */
export interface MigrateJson {
  /** Always. */
  ok: true;
  /** Whether nothing was done. */
  dry_run: boolean;
  /** Path of the earlier vault. */
  from: string;
  /** Its schema. */
  schema: number;
  /** How many credentials were taken over. */
  imported: number;
  /** How many stayed out because a credential of that name is there. */
  skipped: number;
  /** Each credential. */
  credentials: {
    name: string;
    project: string;
    partition: string;
    hosts: string[];
    wisp_token: string | null;
    token_kept: boolean;
    skipped: boolean;
  }[];
  /** Hosts that were proposed, and whether they were set. */
  proposed: { name: string; project: string; provider: string; hosts: readonly string[]; set: boolean }[];
  /** What could not be taken over. */
  left_out: { name: string; why: string }[];
  /** What was changed or left out. */
  notes: string[];
}

/** Describes a migration; `result` is undefined for one that was only looked at. */
export function migrateJson({ earlier, proposals, source, accepted, result }: {
  earlier: EarlierVault;
  proposals: readonly Proposal[];
  source: { path: string; dryRun: boolean };
  accepted: boolean;
  result: ImportResult | undefined;
}): MigrateJson {
  const done = result?.credentials;
  return {
    ok: true,
    dry_run: source.dryRun,
    from: source.path,
    schema: earlier.schema,
    imported: done?.filter(({ action }) => action === "added").length ?? 0,
    skipped: done?.filter(({ action }) => action === "skipped").length ?? 0,
    credentials: earlier.credentials.map(({ name, project, partition, hosts, token }, i) => {
      const now = done?.[i]?.token ?? null;
      return {
        name,
        project,
        partition,
        hosts,
        wisp_token: now,
        token_kept: now !== null && now === token,
        skipped: done?.[i]?.action === "skipped",
      };
    }),
    proposed: proposals.map(({ credential: { name, project }, provider, hosts }) => ({
      name,
      project,
      provider,
      hosts,
      set: accepted,
    })),
    left_out: earlier.leftOut,
    notes: earlier.notes,
  };
}
