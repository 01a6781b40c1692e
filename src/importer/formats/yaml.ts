/**
 * YAML as a source. The texts are visited where they stand; aliases are not followed, so a file that would grow a
 * billionfold costs no more than its length.
 *
 * @module
 */

import { FailedError } from "../../core/errors.ts";
import { forgetVariables } from "../../platform/environment.ts";
import { entriesOf, type Leaf } from "./tree.ts";
import { LineCounter, type SourceEntry } from "./types.ts";

/** Longest YAML, in UTF-16 units: its parser takes many times as much memory. */
export const MAX_YAML = 16 * 1024 * 1024;

/**
 * The texts of the YAML documents of a source.
 *
 * @throws {FailedError} `source_unreadable` if it is no YAML, too long, or nested too deeply.
 */
export async function readYaml(text: string): Promise<SourceEntry[]> {
  if (text.length > MAX_YAML) throw unreadable("it is longer than 16 MiB");
  // With one of these set the library writes every piece of the text to the terminal.
  forgetVariables("LOG_TOKENS", "LOG_STREAM");
  const yaml = await import("yaml");
  const lines = new LineCounter(text);
  const leaves: Leaf[] = [];
  try {
    const documents = yaml.parseAllDocuments(text, { logLevel: "silent", schema: "failsafe" });
    for (const [index, document] of [...documents].entries()) {
      const [error] = document.errors;
      if (error !== undefined) throw unreadable(`line ${error.linePos?.[0].line ?? "?"} is no YAML`);
      yaml.visit(document, {
        Scalar(key, node, path) {
          if (key === "key" || typeof node.value !== "string" || !node.range) return;
          const keys = keysOf(yaml, path, key);
          const [start, end] = node.range;
          leaves.push({
            path: [String(index), ...keys],
            value: node.value,
            line: lines.lineOf(start),
            swap: (token) => ({
              span: { start, end },
              text: written(text.slice(start, end), node.type, token),
            }),
          });
        },
      });
    }
  } catch (error) {
    if (error instanceof RangeError) throw unreadable("it is nested too deeply");
    throw error;
  }
  return entriesOf(leaves);
}

/** The keys and indexes on the way to a node. */
function keysOf(
  yaml: typeof import("yaml"),
  path: readonly unknown[],
  key: number | "key" | "value" | null,
): string[] {
  const keys: string[] = [];
  for (const [depth, node] of path.entries()) {
    if (yaml.isPair(node)) keys.push(yaml.isScalar(node.key) ? String(node.key.value) : "?");
    else if (yaml.isSeq(node)) {
      const child = path[depth + 1];
      const index = child === undefined ? key : node.items.indexOf(child);
      keys.push(String(index));
    }
  }
  return keys;
}

/** A text in the manner of what stood there: its quotes stay, a block becomes a line. */
function written(before: string, type: string | null | undefined, text: string): string {
  if (type === "QUOTE_DOUBLE") return `"${text}"`;
  if (type === "QUOTE_SINGLE") return `'${text}'`;
  const end = /\r?\n$/.exec(before)?.[0] ?? "";
  return `${text}${end}`;
}

function unreadable(why: string): FailedError {
  return new FailedError(`cannot read the source: ${why}`, {
    code: "source_unreadable",
    hint: "if it is something else, say so with --as",
  });
}
