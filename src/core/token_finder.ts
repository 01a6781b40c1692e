/**
 * Finds exact tokens in a text, in one pass from left to right.
 *
 * @module
 */

import { TOKEN_PREFIX } from "./token.ts";

/** Longest text that is looked up as one token, in characters. */
export const MAX_TOKEN_LENGTH = 256;

/** What a finder asks: the keyring has this form. */
export interface TokenLookup<M extends { readonly kind: string }> {
  /** Distinct lengths of the live tokens, longest first. */
  readonly tokenLengths: readonly number[];
  /** Answers `kind: "unknown"` for what is no token. */
  find(token: string): M;
  /** Whether a token is in use now; cheaper than `find`, which also knows those of the past. */
  isLive?(token: string): boolean;
}

/** So many words of one request that are no tokens are looked up among those of the past; after that only live ones count. */
export const MAX_UNKNOWN_WORDS = 256;

/**
 * A lookup for one request: its cost is bounded however many words it holds that begin like a token. Every live token is
 * found all the same.
 */
export class BoundedLookup<M extends { readonly kind: string }> implements TokenLookup<M> {
  readonly #lookup: TokenLookup<M>;
  #left = MAX_UNKNOWN_WORDS;
  #unknown: M | undefined;

  /** Asks `lookup`. */
  constructor(lookup: TokenLookup<M>) {
    this.#lookup = lookup;
  }

  /** Those of the lookup. */
  get tokenLengths(): readonly number[] {
    return this.#lookup.tokenLengths;
  }

  /** See {@linkcode TokenLookup.find}. */
  find(token: string): M {
    const unknown = this.#unknown;
    if (this.#left <= 0 && unknown !== undefined && this.#lookup.isLive?.(token) === false) return unknown;
    const match = this.#lookup.find(token);
    if (match.kind === "unknown") {
      this.#unknown = match;
      this.#left--;
    }
    return match;
  }
}

/** A token that was found, at `text.slice(start, end)`. */
export interface FoundToken<M> {
  /** Index of the first character. */
  readonly start: number;
  /** Index after the last character. */
  readonly end: number;
  /** What the lookup answered; never `unknown`. */
  readonly match: M;
}

const NONE: readonly never[] = [];

/**
 * Finds every known token. At each `wk_` the whole run of token characters is tried first, then its beginnings of each
 * known length, longest first: so a token that is the beginning of another never stands in for it, and one that is
 * followed by other token characters is still found. What was found is stepped over.
 *
 * @example
 * ```ts
 * import { findTokens } from "./token_finder.ts";
 *
 * const keyring = { tokenLengths: [6], find: (t: string) => ({ kind: t === "wk_abc" ? "live" : "unknown" }) };
 * console.assert(findTokens("Bearer wk_abc", keyring)[0]?.start === 7);
 * ```
 */
export function findTokens<M extends { readonly kind: string }>(
  text: string,
  lookup: TokenLookup<M>,
): readonly FoundToken<M>[] {
  let start = text.indexOf(TOKEN_PREFIX);
  if (start < 0) return NONE;
  const found: FoundToken<M>[] = [];
  let runEnd = 0;
  while (start >= 0) {
    if (runEnd <= start) runEnd = endOfRun(text, start);
    const hit = longestAt(text, start, runEnd, lookup);
    if (hit !== null) found.push(hit);
    start = text.indexOf(TOKEN_PREFIX, hit === null ? start + 1 : hit.end);
  }
  return found;
}

/** The known token at the very beginning of a text, or null. */
export function tokenAtStart<M extends { readonly kind: string }>(
  text: string,
  lookup: TokenLookup<M>,
): FoundToken<M> | null {
  return text.startsWith(TOKEN_PREFIX) ? longestAt(text, 0, endOfRun(text, 0), lookup) : null;
}

/** Whether a character may stand in a token. */
export function isTokenCharacter(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || (code >= 0x30 && code <= 0x39) || code === 0x5f;
}

/** Whether a whole text looks like a token of any age: `wk_` and token characters only. */
export function isTokenShaped(text: string): boolean {
  return text.length > TOKEN_PREFIX.length && text.startsWith(TOKEN_PREFIX) &&
    endOfRun(text, 0) === text.length;
}

/** The same text with everything token-shaped cut down to `wk_…`, for messages and the log. */
export function redactTokens(text: string): string {
  return text.includes(TOKEN_PREFIX) ? text.replaceAll(/wk_[a-z0-9_]+/g, `${TOKEN_PREFIX}…`) : text;
}

function longestAt<M extends { readonly kind: string }>(
  text: string,
  start: number,
  runEnd: number,
  lookup: TokenLookup<M>,
): FoundToken<M> | null {
  if (runEnd - start <= MAX_TOKEN_LENGTH) {
    const match = lookup.find(text.slice(start, runEnd));
    if (match.kind !== "unknown") return { start, end: runEnd, match };
  }
  for (const length of lookup.tokenLengths) {
    const end = start + length;
    if (end >= runEnd) continue;
    const match = lookup.find(text.slice(start, end));
    if (match.kind !== "unknown") return { start, end, match };
  }
  return null;
}

function endOfRun(text: string, start: number): number {
  let end = start;
  while (end < text.length && isTokenCharacter(text.charCodeAt(end))) end++;
  return end;
}
