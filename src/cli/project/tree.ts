/**
 * `.wispkey.toml` in a working tree: names the project and the partition that commands run below it work in. It can be
 * written by whoever wrote the tree, so it may say nothing that widens: callers of the proxy are not bound by it.
 *
 * @module
 */

import { fromUtf8 } from "../../core/bytes.ts";
import { UsageError } from "../../core/errors.ts";
import { checkName, escapeText } from "../../core/name.ts";
import type { CliIo } from "../io.ts";

/** Name of the file. */
const TREE_FILE = ".wispkey.toml";
/** Longest file, in bytes. */
const MAX_TREE_FILE = 64 * 1024;

/** What a tree says. */
export interface TreeConfig {
  /** Where the file lies. */
  path: string;
  /** Name of the project, if it names one. */
  project: string | undefined;
  /** Name of the partition for what is added, if it names one. */
  partition: string | undefined;
}

/**
 * Reads the nearest file, in the working directory or above; undefined if there is none.
 *
 * @throws {UsageError} `invalid_tree_file` if it is no TOML or says anything else; `invalid_name`.
 */
export async function treeConfig(io: CliIo): Promise<TreeConfig | undefined> {
  const found = await io.files.nearest(TREE_FILE, MAX_TREE_FILE);
  if (found === null) return undefined;
  const { path, bytes } = found;
  const table = await parseTable(path, bytes);
  for (const [key, value] of Object.entries(table)) {
    if (key !== "project" && key !== "partition") {
      throw invalid(path, `it knows project and partition, not '${key}'`);
    }
    if (typeof value !== "string") throw invalid(path, `${key} is no text`);
  }
  const { project, partition } = table as { project?: string; partition?: string };
  return {
    path,
    project: project === undefined ? undefined : checkName(project, "project"),
    partition: partition === undefined ? undefined : checkName(partition, "partition"),
  };
}

async function parseTable(path: string, bytes: Uint8Array): Promise<Record<string, unknown>> {
  const { parse, TomlError } = await import("smol-toml");
  try {
    return parse(fromUtf8(bytes));
  } catch (cause) {
    if (cause instanceof TomlError) throw invalid(path, `line ${cause.line} is no TOML`, cause);
    if (cause instanceof TypeError) throw invalid(path, "it is not UTF-8", cause);
    throw cause;
  }
}

function invalid(path: string, why: string, cause?: unknown): UsageError {
  return new UsageError(`cannot read '${escapeText(path)}': ${escapeText(why)}`, {
    code: "invalid_tree_file",
    hint: 'it may hold: project = "NAME" and partition = "NAME"',
    cause,
  });
}
