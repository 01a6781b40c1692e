/**
 * `wispkey project import`, `partition import`, `credential import`.
 *
 * @module
 */

import { ExitCode, type ExitCode as Code, UsageError } from "../../core/errors.ts";
import { escapeText } from "../../core/name.ts";
import { CONFLICT_CHOICES, type ConflictChoice, type SharingKind } from "../../daemon/api/sharing.ts";
import { type OpenBundle, openBundle } from "../../sharing/read.ts";
import { confirmed } from "../confirm.ts";
import { nameOf } from "../credential/details.ts";
import type { CliIo } from "../io.ts";
import { commandLine } from "../quote.ts";
import { withVault } from "../session.ts";
import type { Verb } from "../spec.ts";
import { type CommitOptions, ImportSession } from "./import_session.ts";
import { importJson, planLines, replacementLines, summaryLine } from "./import_view.ts";
import { type BundleSecretOptions, bundleSecretOptions, openerFor } from "./passphrase.ts";

/** Options of the three imports. */
export interface ImportOptions extends BundleSecretOptions {
  /** The file. */
  path: string;
  /** Project to import into; undefined = the bundle's. */
  project: string | undefined;
  /** Partition to import into; undefined = the bundle's. */
  partition: string | undefined;
  /** What to do where a name is taken. */
  onConflict: ConflictChoice;
  /** Say what would be done, and do nothing. */
  dryRun: boolean;
}

/** Imports a project. */
export const projectImport: Verb<ImportOptions> = importVerb("project");
/** Imports a partition. */
export const partitionImport: Verb<ImportOptions> = importVerb("partition");
/** Imports one credential. */
export const credentialImport: Verb<ImportOptions> = importVerb("credential");

function importVerb(kind: SharingKind): Verb<ImportOptions> {
  return {
    parse(args) {
      const onConflict = args.text("on-conflict");
      return {
        path: args.positional(0),
        project: nameOf(args, "project", "project"),
        partition: kind === "project" ? undefined : nameOf(args, "partition", "partition"),
        onConflict: CONFLICT_CHOICES.find((choice) => choice === onConflict) ?? "skip",
        dryRun: args.flag("dry-run"),
        ...bundleSecretOptions(args, true),
      };
    },
    run: (options, io) => runImport(kind, options, io),
  };
}

async function runImport(kind: SharingKind, options: ImportOptions, io: CliIo): Promise<Code> {
  const what = `import '${escapeText(options.path)}'`;
  const file = await io.files.open(options.path);
  try {
    const bundle = await openBundle(file, openerFor(io, options, what));
    try {
      checkKind(kind, bundle, options.path);
      return await withVault(io, what, async (vault) => {
        const session = new ImportSession(vault);
        try {
          await stageAll(session, bundle, options);
          await finish(io, kind, options, session, bundle);
        } finally {
          await session.close();
        }
        return ExitCode.done;
      });
    } finally {
      bundle.close();
    }
  } finally {
    file.close();
  }
}

function checkKind(kind: SharingKind, { manifest }: OpenBundle, path: string): void {
  if (manifest.kind === kind) return;
  throw new UsageError(`cannot import '${escapeText(path)}' as a ${kind}: it holds a ${manifest.kind}`, {
    code: "other_kind",
    hint: commandLine("wispkey", manifest.kind, "import", path),
  });
}

async function stageAll(session: ImportSession, bundle: OpenBundle, options: ImportOptions): Promise<void> {
  const project = options.project ?? bundle.manifest.project.name;
  for await (const { value, ...credential } of bundle.credentials()) {
    const partition = options.partition ?? credential.partition;
    await session.add({ ...credential, project, partition, token: null }, value);
  }
}

async function finish(
  io: CliIo,
  kind: SharingKind,
  options: ImportOptions,
  session: ImportSession,
  bundle: OpenBundle,
): Promise<void> {
  const commit = commitOptions(kind, options, bundle);
  const plan = await session.plan(commit);
  for (const note of bundle.notes) await io.output.warn(note);
  const base = { kind, project: commit.projects[0]?.name ?? "", options };
  if (options.dryRun) {
    return await io.output.result(importJson(plan, base), [...planLines(plan), summaryLine(plan, true)]);
  }
  const replacements = replacementLines(plan);
  if (replacements.length > 0) {
    await io.output.note(replacements.join("\n"));
    await confirmed(
      io,
      "Replace these secrets, and where they may go?",
      `import '${escapeText(options.path)}'`,
    );
  }
  const result = await session.commit(commit, plan);
  const lines = io.output.quiet ? [] : [...planLines(result), summaryLine(result, false)];
  await io.output.result(importJson(result, base), lines);
}

function commitOptions(kind: SharingKind, options: ImportOptions, { manifest }: OpenBundle): CommitOptions {
  const name = options.project ?? manifest.project.name;
  const partitions = options.partition === undefined
    ? manifest.partitions
    : [{ name: options.partition, description: "" }];
  return {
    kind,
    from: options.path.split(/[/\\]/).at(-1) ?? "",
    projects: [{ name, description: kind === "project" ? manifest.project.description : "", partitions }],
    onConflict: options.onConflict,
  };
}
