/**
 * The pieces of a hook's input that could be a secret of the vault.
 *
 * @module
 */

import { LEAST_GUESS } from "../core/guard/least_guess.ts";
import { plainText } from "../core/shell/words.ts";
import { parseScript } from "../core/shell/parse.ts";
import type { Command, Script, Word } from "../core/shell/syntax.ts";
import { decodeBase64 } from "../core/guard/literals.ts";
import type { Subject } from "./request.ts";

/** Most pieces that are asked about at once. */
const MOST_CANDIDATES = 2_000;
const LONGEST = 16 * 1024;
/** Tokens, and short words of small letters that hang together: no secret looks like these. */
const ORDINARY =
  /^(?:wk_[a-z0-9_]+_[a-z0-9]{16}|--?[a-z]+(?:-[a-z]+)*|\/?(?:[a-z]{1,12}\/)+[a-z]{1,12}(?:\.[a-z]{1,4})?)$/;

/** The pieces, each once: lines, words and quoted texts of at least 16 bytes, and what they decode to. */
export function candidatesOf(subjects: readonly Subject[]): string[] {
  const found = new Set<string>();
  const add = (text: string) => {
    if (ORDINARY.test(text)) return;
    if (text.length >= LEAST_GUESS && text.length <= LONGEST && found.size < MOST_CANDIDATES) found.add(text);
  };
  for (const { kind, text } of subjects) {
    if (kind === "path") continue;
    if (kind === "command") { for (const word of wordsOf(parseScript(text))) add(word); }
    for (const piece of text.match(/[^\s"'`\\]{16,}/g) ?? []) {
      add(piece);
      const decoded = /^[\w+/-]{22,}={0,2}$/.test(piece) ? decodeBase64(piece) : null;
      if (decoded !== null) add(decoded);
    }
  }
  return [...found];
}

/** The words of a script as they are without their quotes, substitutions and here-documents included. */
function wordsOf(script: Script): string[] {
  return script.flat().flatMap(wordsOfCommand);
}

function wordsOfCommand(command: Command): string[] {
  switch (command.kind) {
    case "function":
      return wordsOfCommand(command.body);
    case "group":
      return [...wordsOf(command.body), ...command.redirects.flatMap(({ target }) => textsOf(target))];
    case "simple": {
      const words = [
        ...command.words,
        ...command.assignments.map(({ value }) => value),
        ...command.redirects.map(({ target }) => target),
      ];
      return words.flatMap(textsOf);
    }
  }
}

function textsOf(word: Word): string[] {
  const whole = plainText(word);
  if (whole !== null) return [whole];
  return word.flatMap((part) =>
    part.kind === "text"
      ? [part.text]
      : part.kind === "variable"
      ? textsOf(part.modifier)
      : wordsOf(part.script)
  );
}
