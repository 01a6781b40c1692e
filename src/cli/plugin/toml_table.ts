/**
 * A table of our own in a TOML file, put in and taken out as lines; the rest of the file is not touched.
 *
 * @module
 */

import { parse } from "smol-toml";

/**
 * The text with the table in it: in the place of the one of that name, else at the end.
 *
 * @throws {SyntaxError} if the text is not TOML, or writes the table in another form that lines cannot replace.
 */
export function setTable(text: string, name: string, lines: readonly string[]): string {
  check(text);
  const newline = text.includes("\r\n") ? "\r\n" : "\n";
  const block = [`[${name}]`, ...lines].join(newline) + newline;
  const span = tableSpan(text, name);
  const gap = text === "" ? "" : text.endsWith("\n") ? newline : newline + newline;
  const result = span === null
    ? text + gap + block
    : text.slice(0, span.start) + block + text.slice(span.end);
  check(result);
  return result;
}

/** The text without the table, and without the blank line before it. */
export function removeTable(text: string, name: string): string {
  const span = tableSpan(text, name);
  if (span === null) return text;
  const before = text.slice(0, span.start);
  const gap = /(?:^|\n)(\r?\n)$/.exec(before)?.[1]?.length ?? 0;
  return before.slice(0, before.length - gap) + text.slice(span.end);
}

/** From the table's header to the last of its lines that says something. */
function tableSpan(text: string, name: string): { start: number; end: number } | null {
  const parts = name.split(".").map((part) => `["']?${RegExp.escape(part)}["']?`);
  const header = new RegExp(
    `^[ \\t]*\\[[ \\t]*${parts.join("[ \\t]*\\.[ \\t]*")}[ \\t]*\\][ \\t]*(?:#[^\\n]*)?$`,
    "m",
  ).exec(text.replaceAll("\r", " "));
  if (header === null) return null;
  let end = header.index;
  for (let at = header.index; at < text.length;) {
    const stop = text.indexOf("\n", at) < 0 ? text.length : text.indexOf("\n", at) + 1;
    const line = text.slice(at, stop).trim();
    const isOther = at > header.index && (line === "" || line.startsWith("[") || line.startsWith("#"));
    if (isOther) break;
    end = at = stop;
  }
  return { start: header.index, end };
}

function check(text: string): void {
  try {
    parse(text);
  } catch (error) {
    throw new SyntaxError(error instanceof Error ? error.message.split("\n")[0] : "it is not TOML");
  }
}
