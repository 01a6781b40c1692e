/**
 * Reads `.env` files exactly as the `dotenv` package does, and tells where each value stands, so that a copy can be
 * written in which only values differ.
 *
 * The grammar, as far as it has one: `NAME=value` or `NAME: value`, `export` before it; a value in `'`, `"` or a backtick
 * may span lines and is followed by nothing but a comment; any other value ends at `#` or at the end of its line and is
 * trimmed. `\n` and `\r` are escapes in double quotes, and nothing else is. `${NAME}` is left as it stands. What is no
 * assignment is passed over. Later assignments win.
 *
 * @module
 */

import type { Span } from "../splice.ts";
import { findLineEnd, isBlank, isLineEnd, isNamePart, skipBlanks } from "./characters.ts";
import { normalizeLineEnds } from "./line_ends.ts";

/** How a value is quoted; empty for not at all. */
export type DotenvQuote = "" | "'" | '"' | "`";

/** One assignment. */
export interface DotenvEntry {
  /** Name of the variable: letters, digits, `_`, `.` and `-`. */
  readonly name: string;
  /** The value, without its quotes, escapes resolved. */
  readonly value: string;
  /** Line of the name, from 1. */
  readonly line: number;
  /** Where the value stands in the text, without its quotes, as UTF-16 offsets; empty for an empty value. */
  readonly valueSpan: Span;
  /** The quotes around it. */
  readonly quote: DotenvQuote;
  /** Whether `export` stands before the name. */
  readonly exported: boolean;
}

/**
 * All assignments of a text, in their order, with names that occur again.
 *
 * @example
 * ```ts
 * import { parseDotenv } from "./parse.ts";
 *
 * const [entry] = parseDotenv("export KEY='a b' # a note");
 * console.assert(entry?.name === "KEY" && entry.value === "a b" && entry.valueSpan.start === 12);
 * ```
 */
export function parseDotenv(source: string): DotenvEntry[] {
  const { text, original } = normalizeLineEnds(source);
  const entries: DotenvEntry[] = [];
  let line = 1;
  let counted = 0;
  for (let at = skipBlanks(text, 0); at < text.length; at = skipBlanks(text, at)) {
    const head = readHead(text, at);
    if (head === null) {
      at = findLineEnd(text, at);
      continue;
    }
    const { raw, value, quote, next } = readValue(text, head.end);
    for (; counted < head.nameStart; counted++) if (isLineEnd(text, counted)) line++;
    entries.push({
      name: head.name,
      value,
      line,
      valueSpan: { start: original(raw.start), end: original(raw.end) },
      quote,
      exported: head.exported,
    });
    at = next;
  }
  return entries;
}

/** The values by name, the last of each name; what a program that reads the file gets. */
export function dotenvValues(entries: readonly DotenvEntry[]): Map<string, string> {
  return new Map(entries.map(({ name, value }) => [name, value]));
}

interface Head {
  name: string;
  nameStart: number;
  exported: boolean;
  /** Offset after the separator. */
  end: number;
}

const EXPORT = "export";

/** Reads `export NAME=` or `NAME: ` at an offset. */
function readHead(text: string, at: number): Head | null {
  if (text.startsWith(EXPORT, at) && isBlank(text, at + EXPORT.length)) {
    const exported = readName(text, skipBlanks(text, at + EXPORT.length), true);
    if (exported !== null) return exported;
  }
  return readName(text, at, false);
}

function readName(text: string, nameStart: number, exported: boolean): Head | null {
  let nameEnd = nameStart;
  while (isNamePart(text, nameEnd)) nameEnd++;
  if (nameEnd === nameStart) return null;
  const name = text.slice(nameStart, nameEnd);
  const equals = skipBlanks(text, nameEnd);
  if (text[equals] === "=") return { name, nameStart, exported, end: equals + 1 };
  if (text[nameEnd] === ":" && isBlank(text, nameEnd + 1)) {
    return { name, nameStart, exported, end: nameEnd + 2 };
  }
  return null;
}

interface ReadValue {
  raw: Span;
  value: string;
  quote: DotenvQuote;
  /** Where to go on. */
  next: number;
}

function readValue(text: string, start: number): ReadValue {
  const first = skipBlanks(text, start);
  const quote = asQuote(text[first]);
  const closing = quote === "" ? -1 : findClosing(text, first, quote);
  if (closing < 0) return readBare(text, start);
  const raw = { start: first + 1, end: closing };
  return {
    raw,
    value: resolve(text.slice(raw.start, raw.end), quote),
    quote,
    next: afterQuote(text, closing),
  };
}

/** A value that no pair of quotes encloses whole: up to `#` or the end of the line, trimmed. */
function readBare(text: string, start: number): ReadValue {
  let end = start;
  while (end < text.length && text[end] !== "#" && text[end] !== "\n") end++;
  const next = findLineEnd(text, end);
  let first = start;
  while (first < end && isBlank(text, first)) first++;
  while (end > first && isBlank(text, end - 1)) end--;
  const raw = { start: first, end };
  const begins = asQuote(text[first < end ? first : -1]);
  // `"a" "b"` loses the outermost two, although they are no pair.
  if (begins !== "" && end - first >= 2 && text[end - 1] === begins) {
    const inner = { start: first + 1, end: end - 1 };
    return { raw: inner, value: resolve(text.slice(inner.start, inner.end), begins), quote: begins, next };
  }
  const value = text.slice(first, end);
  // Such a value holds lines without a line break, and each may lose quotes of its own.
  const stripped = /[\u2028\u2029]/.test(value) ? value.replace(/^(['"`])([^]*)\1$/gm, "$2") : value;
  return { raw, value: resolve(stripped, begins), quote: "", next };
}

/**
 * The quote that closes the one at `opening`: of those up to the first without a backslash before it, the last after
 * which the line holds nothing but a comment. -1 if there is none.
 */
function findClosing(text: string, opening: number, quote: string): number {
  let found = -1;
  for (let at = text.indexOf(quote, opening + 1); at >= 0; at = text.indexOf(quote, at + 1)) {
    const rest = afterQuote(text, at);
    if (rest >= text.length || text[rest] === "#" || isLineEnd(text, rest)) found = at;
    if (text[at - 1] !== "\\") break;
  }
  return found;
}

/** The first unit after a quote that is no blank, or the end of the line. */
function afterQuote(text: string, quote: number): number {
  let at = quote + 1;
  while (isBlank(text, at) && !isLineEnd(text, at)) at++;
  return at;
}

function resolve(raw: string, quote: DotenvQuote): string {
  return quote === '"' ? raw.replaceAll("\\n", "\n").replaceAll("\\r", "\r") : raw;
}

function asQuote(character: string | undefined): DotenvQuote {
  return character === "'" || character === '"' || character === "`" ? character : "";
}
