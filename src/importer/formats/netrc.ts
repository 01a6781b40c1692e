/**
 * `.netrc` files: words, in pairs, in groups that begin with `machine` or `default`.
 *
 * @module
 */

import { hostPattern } from "./hosts.ts";
import { LineCounter, type SourceEntry } from "./types.ts";

const PAIRED = new Set(["machine", "login", "account"]);

/** The passwords of a `.netrc`. Programs send them as `Authorization: Basic`. */
export function readNetrc(text: string): SourceEntry[] {
  const entries: SourceEntry[] = [];
  const lines = new LineCounter(text);
  const words = wordsOf(text);
  let machine: string | null = null;
  for (let word = words.next().value; word !== undefined; word = words.next().value) {
    if (word.text === "default") machine = null;
    else if (PAIRED.has(word.text)) {
      const value = words.next().value;
      if (word.text === "machine") machine = value?.text ?? null;
    } else if (word.text === "password") {
      const value = words.next().value;
      if (value !== undefined) entries.push(entryOf(value, machine, lines));
    }
  }
  return entries;
}

interface Word {
  text: string;
  start: number;
  end: number;
}

function entryOf({ text, start, end }: Word, machine: string | null, lines: LineCounter): SourceEntry {
  const host = machine === null ? null : hostPattern(machine);
  return {
    name: `${machine ?? "default"}.password`,
    value: text,
    line: lines.lineOf(start),
    certain: true,
    place: { in: "basic", part: "password" },
    ...(host === null ? {} : { hosts: [host] }),
    swap: (token) => ({ span: { start, end }, text: token }),
  };
}

/** Words between blanks; `#` comments are passed over, and so are macros, which end at an empty line. */
function* wordsOf(text: string): Generator<Word, undefined> {
  const word = /#[^\n]*|macdef[^]*?(?:\n\s*\n|$)|"((?:[^"\\]|\\.)*)"|\S+/g;
  let after = "";
  for (const match of text.matchAll(word)) {
    const [whole, quoted] = match;
    const isValue = after === "password" || after === "login" || after === "account";
    if (!isValue && (whole.startsWith("#") || whole.startsWith("macdef"))) continue;
    const inner = quoted === undefined ? 0 : 1;
    const piece = whole.slice(inner, whole.length - inner);
    after = piece;
    yield { text: piece, start: match.index + inner, end: match.index + whole.length - inner };
  }
  return undefined;
}
