/**
 * What `plugin install` and `plugin uninstall` have in common.
 *
 * @module
 */

import { join, resolve } from "node:path";
import { ExitCode, FailedError, UsageError } from "../../core/errors.ts";
import { escapeText } from "../../core/name.ts";
import { homeDirectory } from "../../platform/paths.ts";
import type { Arguments } from "../arguments.ts";
import type { CliIo } from "../io.ts";
import type { Change } from "./change.ts";
import { type Client, type ClientName, clientOf, type ConfigFile, type Scope } from "./clients.ts";

/** What was asked for. */
export interface PluginOptions {
  /** Which client. */
  readonly client: ClientName;
  /** Whose configuration. */
  readonly scope: Scope;
  /** Whether to show only what would be done. */
  readonly dryRun: boolean;
}

/** Reads the arguments. */
export function parsePluginOptions(args: Arguments): PluginOptions {
  args.exclusive("project", "user");
  return {
    client: args.positional(0) as ClientName,
    scope: args.flag("project") ? "project" : "user",
    dryRun: args.flag("dry-run"),
  };
}

/** Plans every file's change before it makes the first, and tells what was done. */
export async function changeFiles(
  { client: name, scope, dryRun }: PluginOptions,
  io: CliIo,
  plan: (path: string, file: ConfigFile, io: CliIo) => Promise<Change>,
  closing: (client: Client) => string,
): Promise<ExitCode> {
  const client = clientOf(name, Deno.build.os);
  const files = client.files[scope];
  if (files.length === 0) {
    throw new UsageError(`cannot configure ${client.title}: it has no configuration of a ${scope}`, {
      code: "no_such_scope",
    });
  }
  const root = scope === "user" ? home() : resolve(".");
  const changes: Change[] = [];
  for (const file of files) changes.push(await plan(join(root, ...file.path), file, io));
  if (!dryRun) { for (const { apply } of changes) await apply(); }
  const lines = changes.map(({ path, purpose, action }) =>
    `${dryRun ? "would be " : ""}${action.padEnd(9)}  ${escapeText(path)}  (${purpose})`
  );
  await io.output.result(
    {
      client: name,
      scope,
      dry_run: dryRun,
      files: changes.map(({ path, purpose, action }) => ({ path, purpose, action })),
    },
    lines,
  );
  if (!dryRun && changes.some(({ action }) => action !== "unchanged")) await io.output.note(closing(client));
  return ExitCode.done;
}

function home(): string {
  const found = homeDirectory();
  if (found !== undefined) return found;
  throw new FailedError("cannot find the configuration: no home directory is set", {
    code: "no_home",
    hint: "use --project",
  });
}
