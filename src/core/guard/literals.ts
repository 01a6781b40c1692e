/**
 * Real keys in a text: by the catalogue's patterns, by the name they are assigned to, and inside Base64.
 *
 * @module
 */

import { suggestByName } from "../provider.ts";
import { PROVIDERS } from "../provider_catalogue.ts";
import type { Finding } from "./finding.ts";
import { isDrawn, looksDrawn } from "./randomness.ts";
import { isSecretVariable } from "./secret_names.ts";

/** Longer texts are looked at so far, UTF-16 units. */
const LONGEST_TEXT = 1024 * 1024;

interface Known {
  readonly title: string;
  /** What every such key begins with. */
  readonly beginning: string;
  /** Made only for a text that holds the beginning: making all of them takes longer than most judgements. */
  readonly pattern: () => RegExp;
}

let table: readonly Known[] | undefined;

function knownKeys(): readonly Known[] {
  return table ??= [
    ...PROVIDERS.flatMap(({ title, keys = [] }) =>
      keys.flatMap((key) => alternatives(key.source).map((source) => known(title, source)))
    ),
    known("AWS access key", "AKIA[A-Z2-7]{16}"),
    known("AWS access key", "ASIA[A-Z2-7]{16}"),
    known("OpenAI", "sk-(?:proj-|svcacct-|admin-)?[A-Za-z0-9_-]{20,200}"),
    known(
      "Private key",
      "-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----(?:\\\\n|\\s)+[A-Za-z0-9+/=]{24,}",
    ),
  ];
}

function known(title: string, source: string): Known {
  let made: RegExp | undefined;
  return {
    title,
    beginning: beginningOf(source),
    // Sources stand for whole keys, so nothing of a key may follow, nor stand before it.
    pattern: () => made ??= new RegExp(`(?<![A-Za-z0-9])(?:${source})(?![A-Za-z0-9])`, "g"),
  };
}

/** The top-level alternatives of a pattern. */
function alternatives(source: string): string[] {
  const parts = [""];
  let depth = 0;
  for (let at = 0; at < source.length; at++) {
    const c = source.charAt(at);
    if (c === "\\") {
      parts[parts.length - 1] += c + source.charAt(++at);
      continue;
    }
    if (c === "(" || c === "[") depth++;
    else if (c === ")" || c === "]") depth--;
    if (c === "|" && depth === 0) parts.push("");
    else parts[parts.length - 1] += c;
  }
  return parts;
}

/** The characters every match of a pattern begins with. */
function beginningOf(source: string): string {
  let text = "";
  for (let at = 0; at < source.length; at++) {
    let c = source.charAt(at);
    if (c === "\\" && /[.$/+*-]/.test(source.charAt(at + 1))) c = source.charAt(++at);
    else if (!/[\w -]/.test(c)) break;
    if (/[?*{]/.test(source.charAt(at + 1))) break;
    text += c;
  }
  return text;
}

const ASSIGNED =
  /(?<![\w.-])["']?([A-Za-z][\w-]{2,60})["']?\s*(?:=|:|=>|:=)\s*(["'`]?)([^\s"'`;,]{16,400})\2/g;
const HEADER =
  /\b(?:authorization|x-api-key|api-key|x-auth-token|private-token)\b["']?\s*[:=,]\s*["']?(?:(?:bearer|basic|token|bot|apikey)\s+)?([^\s"'`,;\\)]{20,400})/gi;
const URL_PASSWORD = /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s/:@"'`]{0,80}:([^\s/@"'`]{8,200})@([^\s/"'`:?#]+)/gi;
const BASE64 = /[A-Za-z0-9+/_-]{24,}={0,2}/g;
const LONG_WORD = /[\w+/=.~-]{16}/;
const DEEPEST = 2;

/**
 * The first real key in a text; null if there is none. What stands beside it, a token for instance, makes no difference.
 *
 * @example
 * ```ts
 * import { findLiteral } from "./literals.ts";
 *
 * console.assert(findLiteral("curl -H 'Authorization: Bearer wk_openai_a7x9m2k4b8c1d5e6'") === null);
 * ```
 */
export function findLiteral(text: string, depth = 0): Finding | null {
  const piece = text.slice(0, LONGEST_TEXT);
  // No key is shorter: most commands need not be compared with the catalogue at all.
  if (!LONG_WORD.test(piece)) return null;
  return findKnown(piece) ?? findNamed(piece) ?? findEncoded(piece, depth);
}

function findKnown(text: string): Finding | null {
  for (const { title, beginning, pattern } of knownKeys()) {
    if (beginning.length < 2 || !text.includes(beginning)) continue;
    for (const [key] of text.matchAll(pattern())) {
      if (isDrawn(key.slice(beginning.length))) return { code: "contains_secret", what: title };
    }
  }
  return null;
}

function findNamed(text: string): Finding | null {
  for (const [, name = "", , value = ""] of text.matchAll(ASSIGNED)) {
    const lower = name.replaceAll("-", "_");
    if (!isDrawn(value) || /^wk_|[$(){}<>[\]]/.test(value)) continue;
    const provider = suggestByName(lower);
    const fits = isSecretVariable(lower) || isSecretVariable(lower.toUpperCase());
    if (!fits) continue;
    const shaped = provider?.shapes?.some((shape) =>
      new RegExp(`^(?:${shape.source})$`).test(value)
    ) === true;
    if (shaped || looksDrawn(value)) return { code: "contains_secret", what: provider?.title ?? name };
  }
  for (const [, value = ""] of text.matchAll(HEADER)) {
    if (looksDrawn(value) && !isTokenInBase64(value)) {
      return { code: "contains_secret", what: "an authorization header" };
    }
  }
  for (const [, password = "", host = ""] of text.matchAll(URL_PASSWORD)) {
    if (
      /^(?:localhost|127\.|\[?::1|.*\.?example\.|host$|db$|postgres$)/i.test(host) ||
      /[${<*]|^wk_/.test(password)
    ) continue;
    if (looksDrawn(password.padEnd(16, password))) {
      return { code: "contains_secret", what: "a URL with a password" };
    }
  }
  return null;
}

function findEncoded(text: string, depth: number): Finding | null {
  if (depth >= DEEPEST) return null;
  for (const [word] of text.matchAll(BASE64)) {
    const decoded = decodeBase64(word);
    const found = decoded === null ? null : findLiteral(decoded, depth + 1);
    if (found !== null) return found;
  }
  return null;
}

/** `Authorization: Basic` may carry a token. */
function isTokenInBase64(word: string): boolean {
  return /(?:^|:)wk_[a-z0-9_]+:?$/.test(decodeBase64(word) ?? "");
}

/** What printable text a word of Base64, of either alphabet, stands for; null if it is none. */
export function decodeBase64(word: string): string | null {
  try {
    const plain = word.replaceAll("-", "+").replaceAll("_", "/").replaceAll(/[\s=]/g, "");
    const bytes = Uint8Array.fromBase64(plain, { lastChunkHandling: "loose" });
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    // deno-lint-ignore no-control-regex -- control characters are what tells bytes from text
    return /[\u0000-\u0008\u000e-\u001f\u007f]/.test(text) ? null : text;
  } catch {
    return null; // Not Base64, or not text: then it stands for nothing we could read.
  }
}
