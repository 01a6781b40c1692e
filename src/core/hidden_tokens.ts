/**
 * Finds tokens that a plain search does not see: written with percent-escapes (also of escapes), with JSON `\u` escapes,
 * or inside Base64 at any alignment, and these one upon another up to a bound. No secret is ever put into such a spelling;
 * it is looked for so that a token at a wrong place is refused, however it is written, rather than passed on.
 *
 * Texts without such spellings cost a few native searches: no client escapes what needs no escape, so an escaped token
 * character is already suspicious, and a token in Base64 holds one of three short patterns.
 *
 * @module
 */

import { base64Value } from "./base64.ts";
import { hexByte } from "./request_path.ts";
import { MAX_SLUG_LENGTH, TOKEN_PREFIX, TOKEN_RANDOM_LENGTH } from "./token.ts";
import { findTokens, isTokenCharacter, tokenAtStart, type TokenLookup } from "./token_finder.ts";

/** A token in disguise. */
export interface HiddenToken<M> {
  /** What the lookup answered; never `unknown`. */
  readonly match: M;
  /** The spelling, as the end of "the token is hidden by …". */
  readonly how: "percent-encoding" | "JSON escapes" | "Base64";
}

/** Escapes upon escapes are undone so many times. */
const MAX_ROUNDS = 4;

/** Longest token of those minted now: prefix, slug, `_` and the random part. */
const LONGEST_MINTED = TOKEN_PREFIX.length + MAX_SLUG_LENGTH + 1 + TOKEN_RANDOM_LENGTH;

/**
 * The first hidden token of a text, or null. Tokens that stand there plainly are not its business.
 *
 * @param text one character per byte
 * @param isBody also reads Base64 that is broken into lines, as in mail and PEM
 */
export function findHiddenToken<M extends { readonly kind: string }>(
  text: string,
  lookup: TokenLookup<M>,
  isBody = false,
): HiddenToken<M> | null {
  const shortest = lookup.tokenLengths.at(-1);
  // Every spelling is longer than the token.
  if (shortest === undefined || text.length <= shortest) return null;
  const encoded = inBase64(text, lookup) ?? (isBody ? inBrokenBase64(text, lookup) : null);
  if (encoded !== null) return encoded;
  let how = escapeKind(text);
  if (how === null) return null;
  // What stands there plainly would still be there after decoding.
  let view = withoutPlainTokens(text, lookup);
  for (let round = 0; round < MAX_ROUNDS && how !== null; round++) {
    view = how === "JSON escapes" ? undoJsonEscapes(view) : undoPercentEncoding(view);
    const [found] = findTokens(view, lookup);
    if (found !== undefined) return { match: found.match, how };
    const inside = inBase64(view, lookup);
    if (inside !== null) return inside;
    how = escapeKind(view);
  }
  return null;
}

/** Which escapes of token characters, or of escapes, a text holds. */
function escapeKind(text: string): "percent-encoding" | "JSON escapes" | null {
  for (let at = text.indexOf("\\u00"); at >= 0; at = text.indexOf("\\u00", at + 4)) {
    if (isTelling(hexByte(text, at + 4))) return "JSON escapes";
  }
  for (let at = text.indexOf("%"); at >= 0; at = text.indexOf("%", at + 1)) {
    if (isTelling(hexByte(text, at + 1))) return "percent-encoding";
  }
  return null;
}

/** A token character, or what begins an escape. */
function isTelling(byte: number): boolean {
  return isTokenCharacter(byte) || byte === 0x25 || byte === 0x5c;
}

function undoPercentEncoding(text: string): string {
  return undo(text, "%", 1);
}

function undoJsonEscapes(text: string): string {
  return undo(text, "\\u00", 4);
}

/** Writes each escape of two hex digits after `mark` as its character. */
function undo(text: string, mark: string, markLength: number): string {
  const pieces: string[] = [];
  let from = 0;
  for (let at = text.indexOf(mark); at >= 0; at = text.indexOf(mark, at + 1)) {
    if (at < from) continue;
    const byte = hexByte(text, at + markLength);
    if (byte < 0) continue;
    let end = at;
    // An escape inside a string inside a string has more than one backslash.
    while (markLength > 1 && end > from && text.charCodeAt(end - 1) === 0x5c) end--;
    pieces.push(text.slice(from, end), String.fromCharCode(byte));
    from = at + markLength + 2;
  }
  pieces.push(text.slice(from));
  return pieces.join("");
}

function withoutPlainTokens<M extends { readonly kind: string }>(
  text: string,
  lookup: TokenLookup<M>,
): string {
  const pieces: string[] = [];
  let from = 0;
  for (const { start, end } of findTokens(text, lookup)) {
    pieces.push(text.slice(from, start));
    from = end;
  }
  if (from === 0) return text;
  pieces.push(text.slice(from));
  return pieces.join("\n");
}

/**
 * `wk_` in Base64, by where it begins within a group of three bytes: what of it does not depend on its neighbours, how many
 * characters before that the group begins, and how many decoded bytes come before `wk_`.
 */
const IN_BASE64 = [
  { pattern: "d2tf", before: 0, skip: 0 },
  { pattern: "drX", before: 2, skip: 1 },
  { pattern: "3a1", before: 3, skip: 2 },
] as const;

function inBase64<M extends { readonly kind: string }>(
  text: string,
  lookup: TokenLookup<M>,
): HiddenToken<M> | null {
  const most = Math.max(lookup.tokenLengths[0] ?? 0, LONGEST_MINTED);
  for (const { pattern, before, skip } of IN_BASE64) {
    for (let at = text.indexOf(pattern); at >= 0; at = text.indexOf(pattern, at + 1)) {
      if (at < before) continue;
      // Mostly chance, three characters of any Base64: then what is decoded is no token from the second character on.
      const found = tokenAtStart(decodeToken(text, at - before, skip, most), lookup);
      if (found !== null) return { match: found.match, how: "Base64" };
    }
  }
  return null;
}

/** Decodes the Base64 from `start` on, without its first `skip` bytes, as far as that can be one token of `most` characters. */
function decodeToken(text: string, start: number, skip: number, most: number): string {
  let out = "";
  let bits = 0;
  let held = 0;
  let left = skip;
  for (let i = start; i < text.length && out.length < most; i++) {
    const value = base64Value(text.charCodeAt(i));
    if (value < 0) break;
    held = ((held << 6) | value) & 0xffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    if (left-- > 0) continue;
    const code = (held >> bits) & 0xff;
    if (!isTokenCharacter(code)) break;
    out += String.fromCharCode(code);
  }
  return out;
}

/** The same over lines that were joined, where a line looks like one of several of Base64. */
function inBrokenBase64<M extends { readonly kind: string }>(
  text: string,
  lookup: TokenLookup<M>,
): HiddenToken<M> | null {
  const raw = joinedLines(text, "\n", 1);
  const hit = raw === null ? null : inBase64(raw, lookup);
  if (hit !== null) return hit;
  const escaped = joinedLines(text, "\\n", 2);
  return escaped === null ? null : inBase64(escaped, lookup);
}

function joinedLines(text: string, mark: string, length: number): string | null {
  const pieces: string[] = [];
  let from = 0;
  for (let at = text.indexOf(mark); at >= 0; at = text.indexOf(mark, at + length)) {
    let end = at;
    if (length === 1 && text.charCodeAt(end - 1) === 0x0d) end--;
    if (length === 2 && text.startsWith("\\r", end - 2)) end -= 2;
    if (!isBase64Run(text, end - 8, end) || base64Value(text.charCodeAt(at + length)) < 0) continue;
    pieces.push(text.slice(from, end));
    from = at + length;
  }
  if (from === 0) return null;
  pieces.push(text.slice(from));
  return pieces.join("");
}

function isBase64Run(text: string, start: number, end: number): boolean {
  if (start < 0) return false;
  for (let i = start; i < end; i++) if (base64Value(text.charCodeAt(i)) < 0) return false;
  return true;
}
