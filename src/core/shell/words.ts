/**
 * Reading one word of a shell script: quotes, escapes, variables, substitutions. Follows the grammar of POSIX (XCU 2.2 to
 * 2.6) with what bash and zsh add: `$'…'`, `<(…)`, `<<<`. Never fails: what is not closed ends with the text.
 *
 * @module
 */

import { decodeEscapes } from "./escapes.ts";
import type { Part, Script, Word } from "./syntax.ts";

/** Where reading stands. */
export interface Cursor {
  /** The whole script. */
  readonly text: string;
  /** Next unit, moved on by reading. */
  at: number;
  /** How deep substitutions are nested. */
  depth: number;
}

/** Reads a script up to its closing bracket or backquote; given by the parser of commands. */
export type ReadScript = (cursor: Cursor, close: ")" | "") => Script;

/** Substitutions nested deeper than this are text. */
export const DEEPEST = 24;

/** What ends a word outside quotes. */
const META = new Set([" ", "\t", "\n", "\r", ";", "&", "|", "<", ">", "(", ")"]);
const NAME = /[A-Za-z_][A-Za-z0-9_]*|[0-9@*#?$!-]/y;

/** Reads a word at the cursor; empty if there is none. */
export function readWord(cursor: Cursor, readScript: ReadScript): Part[] {
  const parts: Part[] = [];
  const { text } = cursor;
  while (cursor.at < text.length) {
    const c = text.charAt(cursor.at);
    if ((c === "<" || c === ">") && text[cursor.at + 1] === "(" && cursor.depth < DEEPEST) {
      cursor.at += 2;
      parts.push({ kind: "process", script: readScript(cursor, ")"), direction: c });
    } else if (META.has(c)) break;
    else if (c === "'") parts.push(readSingle(cursor));
    else if (c === '"') {
      cursor.at++;
      parts.push(...readDouble(cursor, '"', readScript));
    } else if (c === "\\") {
      const next = text.charAt(cursor.at + 1);
      cursor.at += 2;
      if (next !== "\n") push(parts, next, true);
    } else if (c === "$" || c === "`") parts.push(readDollar(cursor, false, readScript));
    else {
      push(parts, c, false);
      cursor.at++;
    }
  }
  return parts;
}

/** Reads text with variables and substitutions to its end: the inside of double quotes, or a here-document. */
export function readDouble(cursor: Cursor, close: '"' | "}" | "", readScript: ReadScript): Part[] {
  const parts: Part[] = [];
  const { text } = cursor;
  while (cursor.at < text.length) {
    const c = text.charAt(cursor.at);
    if (c === close) {
      cursor.at++;
      return parts.length === 0 ? [{ kind: "text", text: "", quoted: true }] : parts;
    }
    if (close === "}" && (c === "'" || c === '"')) {
      if (c === "'") parts.push(readSingle(cursor));
      else {
        cursor.at++;
        parts.push(...readDouble(cursor, '"', readScript));
      }
    } else if (c === "\\") {
      const next = text.charAt(cursor.at + 1);
      cursor.at += 2;
      if (next !== "\n") push(parts, /[$`"\\}]/.test(next) ? next : c + next, true);
    } else if (c === "$" || c === "`") parts.push(readDollar(cursor, true, readScript));
    else {
      push(parts, c, true);
      cursor.at++;
    }
  }
  return parts;
}

function readSingle(cursor: Cursor): Part {
  const end = cursor.text.indexOf("'", cursor.at + 1);
  const stop = end < 0 ? cursor.text.length : end;
  const text = cursor.text.slice(cursor.at + 1, stop);
  cursor.at = stop + 1;
  return { kind: "text", text, quoted: true };
}

function readDollar(cursor: Cursor, quoted: boolean, readScript: ReadScript): Part {
  const { text } = cursor;
  if (text[cursor.at] === "`") return readBackquoted(cursor, quoted, readScript);
  const next = text[cursor.at + 1];
  if (next === "'" && !quoted) return readAnsi(cursor);
  if (next === '"' && !quoted) {
    cursor.at++;
    return { kind: "text", text: "", quoted: true };
  }
  if (next === "(" && text[cursor.at + 2] === "(") {
    const end = arithmeticEnd(text, cursor.at + 3);
    if (end > 0) {
      cursor.at = end;
      return { kind: "text", text: "0", quoted };
    }
  }
  if (next === "(" && cursor.depth < DEEPEST) {
    cursor.at += 2;
    return { kind: "command", script: readScript(cursor, ")"), quoted };
  }
  if (next === "{") return readBraced(cursor, quoted, readScript);
  NAME.lastIndex = cursor.at + 1;
  const name = NAME.exec(text)?.[0];
  cursor.at += 1 + (name?.length ?? 0);
  if (name === undefined) return { kind: "text", text: "$", quoted };
  return { kind: "variable", name, sign: "", modifier: [], quoted };
}

/** `${…}`: sign, name, and the rest as a word, with `[…]` and operators in it as they stand. */
function readBraced(cursor: Cursor, quoted: boolean, readScript: ReadScript): Part {
  const { text } = cursor;
  cursor.at += 2;
  if (cursor.depth >= DEEPEST) return { kind: "text", text: "${", quoted };
  const c = text[cursor.at];
  let sign: "" | "!" | "#" = "";
  if ((c === "!" || c === "#") && text[cursor.at + 1] !== "}") {
    sign = c;
    cursor.at++;
  }
  NAME.lastIndex = cursor.at;
  const name = NAME.exec(text)?.[0] ?? "";
  cursor.at += name.length;
  cursor.depth++;
  const rest = readDouble(cursor, "}", readScript);
  cursor.depth--;
  const modifier = rest.length === 1 && rest[0]?.kind === "text" && rest[0].text === "" ? [] : rest;
  return { kind: "variable", name, sign, modifier, quoted };
}

function readBackquoted(cursor: Cursor, quoted: boolean, readScript: ReadScript): Part {
  const { text } = cursor;
  let inner = "";
  let at = cursor.at + 1;
  for (; at < text.length && text[at] !== "`"; at++) {
    if (text[at] === "\\" && /[`$\\]/.test(text.charAt(at + 1))) at++;
    inner += text.charAt(at);
  }
  cursor.at = at + 1;
  if (cursor.depth >= DEEPEST) return { kind: "text", text: inner, quoted };
  return {
    kind: "command",
    script: readScript({ text: inner, at: 0, depth: cursor.depth + 1 }, ""),
    quoted,
  };
}

/** `$'…'`. */
function readAnsi(cursor: Cursor): Part {
  const { text } = cursor;
  let at = cursor.at + 2;
  while (at < text.length && text[at] !== "'") at += text[at] === "\\" ? 2 : 1;
  const inner = text.slice(cursor.at + 2, at);
  cursor.at = at + 1;
  return { kind: "text", text: decodeEscapes(inner), quoted: true };
}

/** One past the `))` that closes an arithmetic expansion; 0 if it is none. */
function arithmeticEnd(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length && text[at] !== "\n"; at++) {
    if (text[at] === "(") depth++;
    else if (text[at] === ")" && depth > 0) depth--;
    else if (text[at] === ")") return text[at + 1] === ")" ? at + 2 : 0;
    else if (text[at] === "$" && text[at + 1] === "(") return 0;
  }
  return 0;
}

/** Adds characters to the last part if it is of the same kind. */
function push(parts: Part[], text: string, quoted: boolean): void {
  const last = parts.at(-1);
  if (last?.kind === "text" && last.quoted === quoted) {
    parts[parts.length - 1] = { kind: "text", text: last.text + text, quoted };
  } else parts.push({ kind: "text", text, quoted });
}

/** A word's text if it is nothing but text; null otherwise. */
export function plainText(word: Word): string | null {
  let text = "";
  for (const part of word) {
    if (part.kind !== "text") return null;
    text += part.text;
  }
  return text;
}
