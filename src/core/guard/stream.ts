/**
 * What the evaluation of a script knows of data that flow through it.
 *
 * @module
 */

import type { Finding } from "./finding.ts";

/** Stands for characters that cannot be known. */
export const UNKNOWN = "\ufffc";

/** Data on their way: what a command prints, or a variable holds. */
export interface Stream {
  /** The text if all of it is known; null otherwise. */
  readonly text: string | null;
  /** Why it must not be shown, if so. */
  readonly secret: Finding | null;
}

/** Nothing. */
export const EMPTY: Stream = { text: "", secret: null };
/** Something, of which nothing is known. */
export const ANYTHING: Stream = { text: null, secret: null };

/** Data that must not be shown. */
export function secretStream(secret: Finding): Stream {
  return { text: null, secret };
}

/** One after the other. */
export function join(streams: readonly Stream[]): Stream {
  let text: string | null = "";
  let secret: Finding | null = null;
  for (const stream of streams) {
    text = text === null || stream.text === null ? null : text + stream.text;
    secret ??= stream.secret;
  }
  return { text, secret };
}

/** An argument of a command, after expansion. */
export interface Field {
  /** Its text, with {@linkcode UNKNOWN} where that is not known. */
  readonly text: string;
  /** Why it must not be shown, if so. */
  readonly secret: Finding | null;
  /** Whether `*`, `?` or `[` in it stand for other characters. */
  readonly isPattern: boolean;
  /** What is read from it, if it stands for a process and not for a file. */
  readonly stream?: Stream;
}

/** A field that is nothing but text. */
export function plainField(text: string): Field {
  return { text, secret: null, isPattern: false };
}

/** The fields that `xargs` and unquoted substitutions make of a stream. */
export function fieldsOf({ text, secret }: Stream): Field[] {
  if (text === null) return [{ text: UNKNOWN, secret, isPattern: false }];
  return text.split(/\s+/).filter((word) => word !== "")
    .map((word) => ({ text: word, secret, isPattern: /[*?[]/.test(word) }));
}

/** The regular expression a shell's pattern stands for, anchored. */
export function patternOf(glob: string): RegExp {
  const source = glob.replaceAll(/\[!?\]?[^\]]*\]|[*?]|[\\^$.|+(){}[\]/]/g, (piece) => {
    if (piece === "*") return "[^/]*";
    if (piece === "?") return "[^/]";
    if (piece.length === 1) return `\\${piece}`;
    const negated = piece.startsWith("[!") || piece.startsWith("[^");
    return `[${negated ? "^" : ""}${piece.slice(negated ? 2 : 1, -1).replaceAll(/[\\\]^[]/g, "\\$&")}]`;
  });
  try {
    return new RegExp(`^${source}$`, "i");
  } catch {
    return /^$/; // A range that runs backwards fits nothing, in a shell as well.
  }
}
