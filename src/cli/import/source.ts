/**
 * Reading what `import` was pointed at.
 *
 * @module
 */

import { fromUtf8 } from "../../core/bytes.ts";
import { FailedError } from "../../core/errors.ts";
import { escapeText } from "../../core/name.ts";
import { detectFormat, type Format, readSource, type SourceEntry } from "../../importer/formats/mod.ts";
import { currentEnvironment } from "../../platform/environment.ts";
import type { CliIo } from "../io.ts";

/** Largest source, bytes. */
export const MAX_SOURCE = 256 * 1024 * 1024;

/** What to import from. */
export type SourceRef =
  /** A file. */
  | { readonly from: "file"; readonly path: string }
  /** Standard input. */
  | { readonly from: "stdin" }
  /** The environment this command was started with. */
  | { readonly from: "environment" }
  /** A reference that 1Password's `op` or Bitwarden's `bw` resolves. */
  | { readonly from: "tool"; readonly reference: string };

/** A source that was read. */
export interface LoadedSource {
  /** What to call it in messages. */
  readonly label: string;
  /** Its bytes; null if it has no text of its own. */
  readonly bytes: Uint8Array<ArrayBuffer> | null;
  /** The same as text. */
  readonly text: string;
  /** The format it was read in. */
  readonly format: Format | "environment" | "tool";
  /** What stands in it. */
  readonly entries: readonly SourceEntry[];
}

/** The reference a SOURCE argument means. */
export function sourceRef(argument: string): SourceRef {
  if (argument === "-") return { from: "stdin" };
  if (/^(?:op|bw):\/\//.test(argument)) return { from: "tool", reference: argument };
  return { from: "file", path: argument };
}

/**
 * Reads a source.
 *
 * @param format the format it is said to be in; undefined = find out
 * @throws {FailedError} `source_not_text`, `unknown_format`, `source_unreadable`, or why it cannot be read.
 */
export async function loadSource(
  io: CliIo,
  source: SourceRef,
  format: Format | undefined,
): Promise<LoadedSource> {
  switch (source.from) {
    case "environment":
      return {
        label: "the environment",
        bytes: null,
        text: "",
        format: "environment",
        entries: environmentEntries(),
      };
    case "tool": {
      const { readReference } = await import("./reference.ts");
      const entries = await readReference(io, source.reference);
      return { label: source.reference, bytes: null, text: "", format: "tool", entries };
    }
    case "stdin":
      return await textSource("standard input", "", await io.files.readStdin(MAX_SOURCE), format);
    case "file": {
      const bytes = await io.files.read(source.path, MAX_SOURCE);
      return await textSource(source.path, source.path, bytes, format);
    }
  }
}

async function textSource(
  label: string,
  path: string,
  bytes: Uint8Array<ArrayBuffer>,
  said: Format | undefined,
): Promise<LoadedSource> {
  let text: string;
  try {
    text = fromUtf8(bytes);
  } catch (cause) {
    throw new FailedError(`cannot import '${escapeText(label)}': it is no text in UTF-8`, {
      code: "source_not_text",
      hint: "keep a file whole with: wispkey add NAME --value-file FILE",
      cause,
    });
  }
  const format = said ?? detectFormat(path, text);
  return { label, bytes, text, format, entries: await readSource(format, text) };
}

/** Variables of the shell itself are settings whatever they look like. */
const SHELL = /^(?:_|PATH|PWD|OLDPWD|HOME|SHELL|USER|LOGNAME|TERM|LS_COLORS|SHLVL|WISPKEY_.*|BASH_FUNC_.*)$/;

function environmentEntries(): SourceEntry[] {
  return Object.entries(currentEnvironment())
    .filter(([name]) => !SHELL.test(name))
    .map(([name, value], index) => ({
      name,
      value,
      line: index + 1,
      swap: (token) => ({ span: { start: 0, end: 0 }, text: token }),
    }));
}
