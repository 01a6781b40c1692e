/**
 * Globs over the names of credentials, callers and projects: `*` stands for any run of characters, `\*` for a star.
 *
 * @module
 */

import { MAX_NAME_LENGTH } from "../name.ts";
import { quoted, ValueMistake } from "./mistake.ts";

/** A glob over names. */
export interface NameGlob {
  /** As it was written. */
  readonly text: string;
  /** The one name it matches; null if it has a star. */
  readonly exact: string | null;
  /** What stands between the stars. */
  readonly pieces: readonly string[];
}

/**
 * Reads a glob.
 *
 * @throws {ValueMistake} if it is blank, too long, or holds signs that mean something in other globs.
 */
export function parseNameGlob(text: string): NameGlob {
  if (text.trim() === "") {
    throw new ValueMistake("a name is blank: write '*' for every name, or leave the key out");
  }
  if (text !== text.trim()) throw new ValueMistake(`${quoted(text)} starts or ends with a blank`);
  if (text.length > 2 * MAX_NAME_LENGTH) throw new ValueMistake(`${quoted(text)} is longer than any name`);
  const pieces = [""];
  for (let i = 0; i < text.length; i++) {
    const char = text.charAt(i);
    if (char === "*") {
      if (text[i - 1] !== "*" || i < 1) pieces.push("");
      continue;
    }
    if (char !== "\\" && /[?[\]{}!]/.test(char)) {
      throw new ValueMistake(
        `${
          quoted(text)
        }: '${char}' has no meaning in a name, only '*' has; write '\\${char}' for the sign itself, ` +
          "or a list of names",
      );
    }
    let literal = char;
    if (char === "\\") {
      literal = text.charAt(++i);
      if (!/^[*?[\]{}!\\]$/.test(literal)) {
        throw new ValueMistake(`${quoted(text)}: '\\' must stand before one of * ? [ ] { } ! \\`);
      }
    }
    pieces[pieces.length - 1] += literal;
  }
  const normal = pieces.map((piece) => piece.normalize("NFC"));
  return { text, exact: normal.length === 1 ? normal[0] ?? "" : null, pieces: normal };
}

/** Whether a name matches; takes time proportional to its length. */
export function matchesName(glob: NameGlob, name: string): boolean {
  const { exact, pieces } = glob;
  if (exact !== null) return name === exact;
  const first = pieces[0] ?? "";
  const last = pieces.at(-1) ?? "";
  if (name.length < first.length + last.length || !name.startsWith(first) || !name.endsWith(last)) {
    return false;
  }
  let at = first.length;
  const end = name.length - last.length;
  for (const piece of pieces.slice(1, -1)) {
    const found = name.indexOf(piece, at);
    if (found < 0 || found + piece.length > end) return false;
    at = found + piece.length;
  }
  return true;
}
