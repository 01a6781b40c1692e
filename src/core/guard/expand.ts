/**
 * Expanding words: braces, variables, substitutions, field splitting; as far as it can be known without running anything.
 *
 * @module
 */

import type { Part, Script, Word } from "../shell/syntax.ts";
import type { Finding } from "./finding.ts";
import { isSecretVariable } from "./secret_names.ts";
import { EMPTY, type Field, join, type Stream, UNKNOWN } from "./stream.ts";

/** What words are expanded in. */
export interface Scope {
  /** What the script has set so far. */
  readonly variables: Map<string, Stream>;
  /** What a script prints. */
  runScript(script: Script): Stream;
}

/** Most words one word becomes by its braces. */
const MOST_WORDS = 64;

/** The fields a word becomes. */
export function expandWord(word: Word, scope: Scope): Field[] {
  return expandBraces(word).flatMap((one) => expandOne(one, scope));
}

/** A word where no splitting is done: an assignment, a here-document. */
export function expandText(word: Word, scope: Scope): Stream {
  return join(word.map((part, i) => streamOf(part, word[i + 1], scope)));
}

/** Turns a stream into a word's text. */
export function shown({ text }: Stream): string {
  return text ?? UNKNOWN;
}

interface Open {
  text: string;
  secret: Finding | null;
  isPattern: boolean;
  stream?: Stream;
}

function expandOne(word: Word, scope: Scope): Field[] {
  const fields: Open[] = [];
  let field: Open | null = null;
  const open = (): Open => {
    if (field !== null) return field;
    const fresh: Open = { text: "", secret: null, isPattern: false };
    fields.push(fresh);
    return field = fresh;
  };
  word.forEach((part, i) => {
    const stream = streamOf(part, word[i + 1], scope);
    if (part.kind === "text") {
      const target = open();
      const text = isPowerShellName(word[i - 1], part) ? part.text.replace(/^:\w+/, "") : part.text;
      target.text += text;
      if (!part.quoted && /[*?[]/.test(text)) target.isPattern = true;
    } else if (part.kind === "process") {
      const target = open();
      target.text += "/dev/fd/63";
      target.stream = stream;
    } else if (part.quoted || stream.text === null) {
      const target = open();
      target.text += shown(stream);
      target.secret ??= stream.secret;
    } else {
      const pieces = stream.text.split(/[ \t\n]+/);
      pieces.forEach((piece, n) => {
        if (n > 0) field = null;
        if (piece === "") return;
        const target = open();
        target.text += piece;
        target.secret ??= stream.secret;
        if (/[*?[]/.test(piece)) target.isPattern = true;
      });
    }
  });
  return fields;
}

function streamOf(part: Part, next: Part | undefined, scope: Scope): Stream {
  switch (part.kind) {
    case "text":
      return { text: part.text, secret: null };
    case "command": {
      const { text, secret } = scope.runScript(part.script);
      return { text: text?.replace(/\n+$/, "") ?? null, secret };
    }
    case "process":
      return part.direction === "<" ? scope.runScript(part.script) : EMPTY;
    case "variable":
      return variable(part, next, scope);
  }
}

function isPowerShellName(before: Part | undefined, part: Part): boolean {
  return before?.kind === "variable" && before.name.toLowerCase() === "env" && part.kind === "text" &&
    /^:\w/.test(part.text);
}

function variable(
  part: Part & { kind: "variable" },
  next: Part | undefined,
  scope: Scope,
): Stream {
  if (next !== undefined && next.kind === "text" && isPowerShellName(part, next)) {
    return valueOf(/^:(\w+)/.exec(next.text)?.[1] ?? "", scope);
  }
  if (part.sign === "#") return { text: null, secret: null };
  const modifier = shown(expandText(part.modifier, scope));
  if (part.sign === "!") {
    if (/^[*@]/.test(modifier)) return { text: null, secret: null }; // Names, not values.
    return valueOf(shown(valueOf(part.name, scope)), scope);
  }
  if (part.name === "IFS" && !scope.variables.has("IFS")) return { text: " ", secret: null };
  // PowerShell: ${env:NAME}.
  if (part.name.toLowerCase() === "env" && /^:\w+$/.test(modifier)) return valueOf(modifier.slice(1), scope);
  const value = valueOf(part.name, scope);
  if (modifier === "") return value;
  if (/^:?\+/.test(modifier)) return { text: modifier.replace(/^:?\+/, ""), secret: null };
  const otherwise = /^:?[-=](.*)$/s.exec(modifier);
  if (otherwise !== null) {
    if (value.secret !== null || value.text !== null && value.text !== "") return value;
    return { text: otherwise[1] ?? "", secret: expandText(part.modifier, scope).secret };
  }
  return { text: value.text === null ? null : modified(value.text, modifier), secret: value.secret };
}

/** What a variable holds: what the script has set it to, else what its name says. */
function valueOf(name: string, { variables }: Scope): Stream {
  const value = variables.get(name);
  if (value !== undefined) return value;
  const secret: Finding | null = isSecretVariable(name)
    ? { code: "prints_variable", what: `$${name}` }
    : null;
  return { text: null, secret };
}

/** The operators that disguise words; what others make is not known. */
function modified(text: string, modifier: string): string | null {
  if (modifier === ",,") return text.toLowerCase();
  if (modifier === "^^") return text.toUpperCase();
  const slice = /^:(\d+)(?::(\d+))?$/.exec(modifier);
  if (slice !== null) {
    const start = Number(slice[1]);
    return text.slice(start, slice[2] === undefined ? undefined : start + Number(slice[2]));
  }
  const swap = /^\/(\/?)([^/]+)(?:\/(.*))?$/s.exec(modifier);
  if (swap !== null) {
    const [, all, from = "", to = ""] = swap;
    return all === "/" ? text.replaceAll(from, () => to) : text.replace(from, () => to);
  }
  const cut = /^(##?|%%?)([^*?[]+)$/.exec(modifier);
  if (cut === null) return null;
  const [, operator = "", piece = ""] = cut;
  if (operator.startsWith("#")) return text.startsWith(piece) ? text.slice(piece.length) : text;
  return text.endsWith(piece) ? text.slice(0, -piece.length) : text;
}

/** `{a,b}` outside quotes, within one piece of a word. */
function expandBraces(word: Word): Word[] {
  const done: Word[] = [];
  const open: Word[] = [word];
  while (open.length > 0) {
    const current = open.shift() ?? [];
    const found = done.length + open.length < MOST_WORDS ? firstBrace(current) : null;
    if (found === null) done.push(current);
    else open.unshift(...found);
  }
  return done;
}

function firstBrace(word: Word): Word[] | null {
  for (const [i, part] of word.entries()) {
    if (part.kind !== "text" || part.quoted) continue;
    const match = /\{([^{}]*,[^{}]*)\}/.exec(part.text);
    if (match === null) continue;
    const [whole, inner = ""] = match;
    const before = part.text.slice(0, match.index);
    const after = part.text.slice(match.index + whole.length);
    return inner.split(",").map((piece) => {
      const text = before + piece + after;
      const rest = [...word.slice(0, i), ...(text === "" ? [] : [{ ...part, text }]), ...word.slice(i + 1)];
      return rest;
    });
  }
  return null;
}
