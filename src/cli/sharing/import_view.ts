/**
 * What an import does or did, as commands print it.
 *
 * @module
 */

import { countOf } from "../../core/count.ts";
import { escapeText } from "../../core/name.ts";
import type { ImportedCredential } from "../../daemon/api/sharing.ts";
import type { ImportResult } from "./import_session.ts";

/** At most so many credentials are listed for people; JSON has them all. */
const LISTED = 50;

/** The result of an import for programs. */
export interface ImportJson {
  /** Always. */
  ok: true;
  /** Whether nothing was done. */
  dry_run: boolean;
  /** How many were added, under their own or another name, or replaced. */
  imported: number;
  /** How many of these have another name. */
  renamed: number;
  /** How many of these took the place of one that was there. */
  replaced: number;
  /** How many stayed out because their names are taken. */
  skipped: number;
  /** None: an import is whole or not at all. */
  errors: 0;
  /** Project that was imported into. */
  project: string;
  /** Partition that was imported into, if one was named. */
  partition?: string;
  /** Projects that were made. */
  made_projects: string[];
  /** Partitions that were made, `project/partition`. */
  made_partitions: string[];
  /** Each credential. */
  credentials: ImportedJson[];
}

/** One credential of an import for programs. */
export interface ImportedJson {
  /** Its name where it came from. */
  name: string;
  /** Its name here. */
  as: string;
  /** Its project. */
  project: string;
  /** Its partition. */
  partition: string;
  /** What became of it. */
  action: ImportedCredential["action"];
  /** Where it may go. */
  hosts: string[];
  /** Where the one that it replaced could go. */
  hosts_before?: string[];
  /** Its token, where it has a new one. */
  wisp_token?: string;
}

/** Describes an import. */
export function importJson(
  result: ImportResult,
  { project, options }: {
    project: string;
    options: { partition?: string | undefined; dryRun: boolean };
  },
): ImportJson {
  const count = (action: string) => result.credentials.filter((each) => each.action === action).length;
  return {
    ok: true,
    dry_run: options.dryRun,
    imported: count("added") + count("renamed") + count("replaced"),
    renamed: count("renamed"),
    replaced: count("replaced"),
    skipped: count("skipped"),
    errors: 0,
    project,
    ...(options.partition === undefined ? {} : { partition: options.partition }),
    made_projects: result.madeProjects,
    made_partitions: result.madePartitions,
    credentials: result.credentials.map((each) => ({
      name: each.name,
      as: each.as,
      project: each.project,
      partition: each.partition,
      action: each.action,
      hosts: each.hosts,
      ...(each.hostsBefore === null ? {} : { hosts_before: each.hostsBefore }),
      ...(each.token === null ? {} : { wisp_token: each.token }),
    })),
  };
}

/** A line a credential, and the groups that are made. */
export function planLines({ credentials, madeProjects, madePartitions }: ImportResult): string[] {
  const lines = [
    ...madeProjects.map((name) => `+ project ${escapeText(name)}`),
    ...madePartitions.map((name) => `+ partition ${escapeText(name)}`),
    ...credentials.slice(0, LISTED).map(line),
  ];
  if (credentials.length > LISTED) lines.push(`  and ${credentials.length - LISTED} more`);
  return lines;
}

function line({ name, as, action, hosts, token }: ImportedCredential): string {
  const where = hosts.length === 0 ? "nowhere" : hosts.join(", ");
  const tail = token === null ? "" : `  ${token}`;
  switch (action) {
    case "added":
      return `${escapeText(`+ ${as}  may go to: ${where}`)}${tail}`;
    case "renamed":
      return `${escapeText(`+ ${as}  (was ${name}, which is taken)  may go to: ${where}`)}${tail}`;
    case "replaced":
      return escapeText(`! ${as}  replaced`);
    case "skipped":
      return escapeText(`~ ${name}  skipped: the name is taken`);
  }
}

/** What is replaced, with the hosts before and after. */
export function replacementLines({ credentials }: ImportResult): string[] {
  const hosts = (list: readonly string[] | null) =>
    list === null || list.length === 0 ? "nowhere" : list.join(", ");
  return credentials.filter(({ action }) => action === "replaced").map((
    { project, as, hostsBefore, hosts: after },
  ) => escapeText(`${project}/${as}: may go to ${hosts(hostsBefore)}; afterwards to ${hosts(after)}`));
}

/** One line on all of it. */
export function summaryLine({ credentials }: ImportResult, dryRun: boolean): string {
  const count = (...actions: string[]) => credentials.filter(({ action }) => actions.includes(action)).length;
  const head = `${countOf(count("added", "renamed"), "credential")} ${
    dryRun ? "would be imported" : "imported"
  }`;
  const replaced = count("replaced") === 0 ? "" : `, ${count("replaced")} replaced`;
  const skipped = count("skipped") === 0 ? "" : `, ${count("skipped")} skipped`;
  return `${head}${replaced}${skipped}.`;
}
