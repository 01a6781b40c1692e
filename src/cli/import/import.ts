/**
 * `wispkey import`.
 *
 * @module
 */

import { countOf } from "../../core/count.ts";
import { ExitCode, FailedError, UsageError } from "../../core/errors.ts";
import { checkName, escapeText } from "../../core/name.ts";
import type { VaultClient } from "../../daemon/api.ts";
import { type Format, FORMATS } from "../../importer/formats/mod.ts";
import { type ImportPlan, planImport, type PlannedSecret, swapped } from "../../importer/plan.ts";
import type { Arguments } from "../arguments.ts";
import { confirmed } from "../confirm.ts";
import { nameOf } from "../credential/details.ts";
import type { CliIo } from "../io.ts";
import { placeForNew } from "../project/active.ts";
import { commandLine } from "../quote.ts";
import { withVault } from "../session.ts";
import type { Verb } from "../spec.ts";
import { adviceLines, planJson, review } from "./report.ts";
import { forgetBackups } from "./forget.ts";
import { listBackups, restoreFile } from "./restore.ts";
import { copyPath, requireRewritable, rewriteInPlace, writeCopy } from "./rewrite.ts";
import { settle, type SettledSecret } from "./settle.ts";
import { type LoadedSource, loadSource, type SourceRef, sourceRef } from "./source.ts";
import { store } from "./store.ts";

/** Options of `import`. */
export type ImportOptions =
  /** Takes secrets over. */
  | {
    act: "import";
    source: SourceRef;
    format: Format | undefined;
    prefix: string;
    only: string[] | undefined;
    dryRun: boolean;
    /** Where the copy goes; null = none. */
    output: string | null;
    inPlace: boolean;
    partition: string | undefined;
    project: string | undefined;
  }
  /** Gives a file back. */
  | { act: "restore"; path: string }
  /** Lists what files are kept. */
  | { act: "backups" }
  /** Removes kept files: of one path, or of all, but for so many of the newest. */
  | { act: "forget"; path: string | undefined; keep: number };

/** So many values are a large source, and progress is told. */
const LARGE = 1_000;

/** Takes over the secrets of a source. */
export const importSecrets: Verb<ImportOptions> = {
  parse(args) {
    args.exclusive("restore", "backups", "forget", "env");
    for (const act of ["restore", "backups", "forget"]) args.exclusive(act, "dry-run");
    args.exclusive("output", "no-copy", "in-place");
    if (args.flag("backups")) return { act: "backups" };
    const argument = args.optionalPositional(0);
    if (args.flag("forget")) return forgetOf(argument, args.integer("keep"));
    if (args.integer("keep") !== undefined) {
      throw new UsageError("cannot import: --keep goes with --forget", {
        code: "conflicting_options",
        hint: "wispkey import --forget --keep 20",
      });
    }
    if (args.flag("restore")) return { act: "restore", path: requireSource(argument) };
    const source = sourceOf(args, argument);
    const inPlace = args.flag("in-place");
    if (inPlace && source.from !== "file") {
      throw new UsageError("cannot rewrite the source: it is no file", {
        code: "no_file",
        hint: "leave out --in-place",
      });
    }
    const prefix = args.text("prefix") ?? "";
    return {
      act: "import",
      source,
      format: FORMATS.find((format) => format === args.text("as")),
      prefix: prefix === "" ? "" : checkName(prefix, "credential"),
      only: args.list("only"),
      dryRun: args.flag("dry-run"),
      output: outputOf(args, source, inPlace),
      inPlace,
      partition: nameOf(args, "partition", "partition"),
      project: nameOf(args, "project", "project"),
    };
  },

  async run(options, io) {
    if (options.act === "backups") return await listBackups(io);
    if (options.act === "forget") return await forgetBackups(io, options);
    if (options.act === "restore") return await restoreFile(io, options.path);
    if (options.inPlace && options.source.from === "file") await requireRewritable(options.source.path);
    const source = await loadSource(io, options.source, options.format);
    if (source.entries.length > LARGE) await io.output.note(`Read ${source.entries.length} values.`);
    const plan = planImport(source.entries, options);
    requireChosen(options.only, plan);
    const { project, partition } = await placeForNew(io, options);
    return await withVault(io, `import ${escapeText(source.label)}`, async (vault) => {
      const settled = await settle(vault, plan, project);
      const job: Job = { options, source, plan, settled, project, partition };
      return options.dryRun ? await showOnly(io, job) : await carryOut(io, vault, job);
    });
  },
};

function forgetOf(path: string | undefined, keep: number | undefined): ImportOptions {
  if (path !== undefined || keep !== undefined) return { act: "forget", path, keep: keep ?? 0 };
  throw new UsageError("cannot remove kept files: neither a file nor how many to keep is given", {
    code: "nothing_to_forget",
    hint: "wispkey import --forget --keep 20",
  });
}

interface Job {
  options: Extract<ImportOptions, { act: "import" }>;
  source: LoadedSource;
  plan: ImportPlan;
  settled: SettledSecret[];
  project: string;
  partition: string;
}

async function showOnly(io: CliIo, { plan, settled, source, project, partition }: Job): Promise<ExitCode> {
  const json = {
    ok: true,
    dry_run: true,
    source: source.label,
    format: source.format,
    project,
    partition,
    ...planJson(settled, plan, null),
  };
  await io.output.result(json, [...review(io, settled, plan), "", "Nothing was done: --dry-run."]);
  return ExitCode.done;
}

async function carryOut(io: CliIo, vault: VaultClient, job: Job): Promise<ExitCode> {
  const { options, source, plan, settled, project, partition } = job;
  const fresh = settled.filter(({ state }) => state === "new").length;
  if (!io.globals.yes && !io.output.json) {
    await io.output.note(review(io, settled, plan).join("\n"));
    await io.output.note("");
  }
  const question = settled.length === 0 ? null : questionOf(job, fresh);
  if (question !== null) await confirmed(io, question, `import ${escapeText(source.label)}`);
  const description = `from ${source.label}`.slice(0, 256);
  const tokens = await store(vault, settled, { project, partition, description }, async (done, all) => {
    if (all > LARGE) await io.output.note(`Kept ${done} of ${all}.`);
  });
  const written = await rewrite(vault, job, tokens);
  const held = settled.length - fresh;
  const json = {
    ok: true,
    dry_run: false,
    imported: fresh,
    skipped: held,
    errors: 0,
    source: source.label,
    format: source.format,
    output_path: written,
    in_place: options.inPlace,
    project,
    partition,
    ...planJson(settled, plan, tokens),
  };
  const lines = io.globals.yes ? [...review(io, settled, plan), ""] : [];
  const already = held === 0 ? "" : `, ${held} ${held === 1 ? "was" : "were"} there already`;
  lines.push(
    `Imported ${countOf(fresh, "secret")}${already}. Left ${plan.left.length} as they are.`,
  );
  if (written !== null) lines.push(`Wrote ${escapeText(written)}.`);
  await io.output.result(json, io.output.quiet ? [] : lines);
  const file = source.format === "dotenv" ? written : null;
  for (const line of adviceLines(settled, project, file)) await io.output.note(line);
  await adviseOnSource(io, job, written);
  return ExitCode.done;
}

/** Writes what was asked for; answers the path, or null. */
async function rewrite(
  vault: VaultClient,
  { options, source }: Job,
  tokens: ReadonlyMap<PlannedSecret, string>,
): Promise<string | null> {
  if (source.bytes === null) return null;
  const text = swapped(source.text, new Map([...tokens].map(([planned, token]) => [planned.entry, token])));
  if (options.inPlace && options.source.from === "file") {
    if (tokens.size === 0) return null;
    await rewriteInPlace(vault, options.source.path, source.bytes, text);
    return options.source.path;
  }
  if (options.output !== null) await writeCopy(options.output, text);
  return options.output;
}

/** What is about to be done; null if nothing is but a copy written. */
function questionOf({ options, source }: Job, fresh: number): string | null {
  const keep = fresh === 0 ? [] : [`Keep ${countOf(fresh, "secret")} in the vault`];
  const rewrite = options.inPlace ? [`rewrite ${escapeText(source.label)}`] : [];
  const [first, ...more] = [...keep, ...rewrite];
  return first === undefined
    ? null
    : `${first.replace(/^r/, "R")}${more.map((each) => ` and ${each}`).join("")}?`;
}

/** The file itself is still in clear, or may lie in a history. */
async function adviseOnSource(
  io: CliIo,
  { options, source, settled }: Job,
  written: string | null,
): Promise<void> {
  if (options.source.from !== "file" || settled.length === 0) return;
  const { path } = options.source;
  if (options.inPlace) {
    await io.output.note(
      `The vault keeps the file as it was: ${
        commandLine("wispkey", "import", path, "--restore")
      } gives it back. ` +
        "If it was ever committed, its secrets are in the history: wispkey scan --git",
    );
    return;
  }
  const copy = written === null ? "" : ` Programs can use ${escapeText(written)} in its place.`;
  await io.output.note(
    `${escapeText(source.label)} still holds the secrets in clear.${copy} ` +
      "Delete it, or swap them in it with --in-place; until then keep it in .gitignore.",
  );
}

function sourceOf(args: Arguments, argument: string | undefined): SourceRef {
  if (!args.flag("env")) return sourceRef(requireSource(argument));
  if (argument === undefined) return { from: "environment" };
  throw new UsageError("cannot use SOURCE and --env together: give one of them", {
    code: "conflicting_options",
    hint: "wispkey import --env",
  });
}

function outputOf(args: Arguments, source: SourceRef, inPlace: boolean): string | null {
  if (args.flag("no-copy") || inPlace) return null;
  return args.text("output") ?? (source.from === "file" ? copyPath(source.path) : null);
}

function requireSource(argument: string | undefined): string {
  if (argument !== undefined) return argument;
  throw new UsageError("cannot import: there is no SOURCE", {
    code: "missing_argument",
    hint: "wispkey import .env",
  });
}

/** A variable that was named and is not there is more likely a slip than a wish for nothing. */
function requireChosen(only: readonly string[] | undefined, { secrets, left }: ImportPlan): void {
  for (const name of only ?? []) {
    if (secrets.some(({ entry }) => entry.name === name)) continue;
    const why = left.find(({ entry }) => entry.name === name)?.why;
    throw new FailedError(
      `cannot import '${escapeText(name)}': ${
        why === undefined ? "the source has no such variable" : `it is no secret (${why})`
      }`,
      { code: "variable_not_found", hint: "see what there is with --dry-run" },
    );
  }
}
