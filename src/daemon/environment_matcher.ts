/**
 * Tells which values of an environment are secrets of the vault. That is an answer about a guess, so it exists for long
 * values only, for so many a minute, and for so many different ones a day.
 *
 * @module
 */

import { equalInConstantTime, utf8, wipe } from "../core/bytes.ts";
import { LEAST_GUESS } from "../core/guard/least_guess.ts";
import type { SealedCredential, Vault } from "../vault/mod.ts";
import type { ValueMatch } from "./api/callers.ts";
import type { GuessBudget } from "./guess_budget.ts";

/** Shorter values, and shorter secrets, are never compared, bytes. */
export const LEAST_MATCHED: number = LEAST_GUESS;
/** So many bytes count as a word, whatever stands in them: looking for words takes time, too. */
const BYTES_A_WORD = 256;
/** After so many credentials others get their turn. */
const SLICE = 128;

const LINE_FEED = 0x0a;
const RETURN = 0x0d;
const COLON = 0x3a;

/**
 * Finds the values that are, or hold as a word, a secret of any credential in the vault. One that is exactly the secret of a
 * credential in scope is answered with its name, so that its token can stand in its place.
 *
 * @param budget every word that is compared counts
 * @throws {DeniedError} `too_many_guesses`, `guesses_exhausted`.
 */
export async function matchValues(
  vault: Vault,
  values: readonly Uint8Array[],
  budget: GuessBudget,
  isInScope: (row: SealedCredential) => boolean,
): Promise<ValueMatch[]> {
  const bytes = values.reduce((sum, { length }) => sum + length, 0);
  budget.take(Math.ceil(bytes / BYTES_A_WORD));
  const words: Word[] = [];
  for (const [index, value] of values.entries()) {
    for (const word of wordsOf(value, index)) {
      // No more are cut out than may be compared.
      if (words.push(word) > budget.left) budget.take(words.length);
    }
  }
  budget.take(words.length);
  takeNew(vault, budget, words);
  const byLength = Map.groupBy(words, ({ bytes }) => bytes.length);
  const matches = new Map<number, ValueMatch>();
  if (words.length === 0) return [];
  let looked = 0;
  for (const row of vault.credentials.all()) {
    if (++looked % SLICE === 0) await new Promise((resolve) => setTimeout(resolve));
    const { name, token, type, intact } = row.credential;
    if (!intact) continue;
    const secret = vault.credentials.openSealed(row);
    try {
      for (const part of partsOf(secret, type === "basic_auth")) {
        for (const { bytes, index, isWhole } of byLength.get(part.length) ?? []) {
          if (!equalInConstantTime(bytes, part)) continue;
          // A token wins over a mere warning, whatever comes first.
          if (isWhole && isInScope(row)) {
            matches.set(index, { index, kind: "token", credential: name, token });
          } else if (!matches.has(index)) matches.set(index, { index, kind: "secret", credential: name });
        }
      }
    } finally {
      wipe(secret);
    }
  }
  return [...matches.values()].sort((a, b) => a.index - b.index);
}

/** The first refusal is written down: whoever needs so many values is guessing. */
function takeNew(vault: Vault, budget: GuessBudget, words: readonly Word[]): void {
  try {
    budget.takeNew(words.map(({ bytes }) => bytes));
  } catch (error) {
    if (budget.toTell()) {
      const reason = "more different values were compared with the vault than people and programs need";
      vault.audit.append([{ event: "GuessesRefused", denied: true, reason }], Date.now());
    }
    throw error;
  }
}

interface Word {
  readonly bytes: Uint8Array;
  /** Which value it is of. */
  readonly index: number;
  /** Whether it is all of it. */
  readonly isWhole: boolean;
}

/** The pieces of a value that could be a secret: all of it, and what stands between separators, of two kinds. */
function* wordsOf(value: Uint8Array, index: number): Generator<Word, void> {
  if (value.length < LEAST_MATCHED) return;
  const known = new Set<number>();
  for (const separators of [NONE, BLANKS, PUNCTUATION]) {
    let start = 0;
    for (let at = 0; at <= value.length; at++) {
      if (at < value.length && !separators.has(value[at] ?? 0)) continue;
      const isWord = at - start >= LEAST_MATCHED;
      // One number for both ends: they lie within what the daemon takes, far below 2^26.
      const span = start * 2 ** 26 + at;
      if (isWord && !known.has(span)) {
        known.add(span);
        yield {
          bytes: value.subarray(start, at),
          index,
          isWhole: start === 0 && at === value.length,
        };
      }
      start = at + 1;
    }
  }
}

const NONE: ReadonlySet<number> = new Set();
const BLANKS: ReadonlySet<number> = new Set(utf8(" \t\r\n\"'`,;"));
const PUNCTUATION: ReadonlySet<number> = new Set(utf8(" \t\r\n\"'`,;:=&?@/|<>()[]{}"));

/** The spellings of a secret that an environment may hold: without the line end of its file; a password without its user. */
function partsOf(secret: Uint8Array, isPair: boolean): Uint8Array[] {
  let end = secret.length;
  while (end > 0 && (secret[end - 1] === LINE_FEED || secret[end - 1] === RETURN)) end--;
  const whole = secret.subarray(0, end);
  const password = isPair ? whole.subarray(whole.indexOf(COLON) + 1) : whole;
  return [whole, ...(password.length < whole.length ? [password] : [])].filter(({ length }) =>
    length >= LEAST_MATCHED
  );
}
