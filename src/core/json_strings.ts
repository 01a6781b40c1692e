/**
 * Where the strings of a JSON text lie, without building anything from it: offsets and JSON pointers (RFC 6901).
 *
 * @module
 */

import { utf8FromLatin1 } from "./bytes.ts";
import { hexByte } from "./request_path.ts";

/** A string value. */
export interface JsonString {
  /** Index of the first character inside the quotes. */
  readonly start: number;
  /** Index of the closing quote. */
  readonly end: number;
  /** Its JSON pointer. */
  readonly pointer: string;
}

/** Deeper texts are not read; no API nests so far. */
const MAX_DEPTH = 256;

interface Level {
  /** Start of the object's current key inside its quotes, and its end; -1 in an array. */
  keyStart: number;
  keyEnd: number;
  /** Index of the array's current element. */
  index: number;
}

/**
 * Calls `visit` for each string value (not keys), in order.
 *
 * @param text JSON, one character per byte of its UTF-8; a byte order mark before it is skipped
 * @param wanted tells by its range whether a string matters, before its pointer is made
 * @returns false if the text is not JSON (RFC 8259) or nested too deeply; some strings may have been visited by then
 */
export function visitJsonStrings(
  text: string,
  wanted: (start: number, end: number) => boolean,
  visit: (string: JsonString) => void,
): boolean {
  const levels: Level[] = [];
  let at = skipBlanks(text, text.startsWith("\xef\xbb\xbf") ? 3 : 0);
  for (;;) {
    // A value is due.
    const c = text[at];
    if (c === "{" || c === "[") {
      if (levels.length === MAX_DEPTH) return false;
      const level: Level = { keyStart: -1, keyEnd: -1, index: 0 };
      at = skipBlanks(text, at + 1);
      if (text[at] !== (c === "{" ? "}" : "]")) {
        levels.push(level);
        if (c === "{" && (at = readKey(text, at, level)) < 0) return false;
        continue;
      }
      at++;
    } else if (c === '"') {
      const end = endOfString(text, at + 1);
      if (end < 0) return false;
      if (wanted(at + 1, end)) visit({ start: at + 1, end, pointer: pointerOf(text, levels) });
      at = end + 1;
    } else {
      const end = endOfScalar(text, at);
      if (end === at || !isScalar(text.slice(at, end))) return false;
      at = end;
    }
    // After a value: close what ends here, then go on to the next value.
    for (;;) {
      at = skipBlanks(text, at);
      const level = levels.at(-1);
      if (level === undefined) return at === text.length;
      const isObject = level.keyStart >= 0;
      if (text[at] === ",") {
        at = skipBlanks(text, at + 1);
        level.index++;
        if (isObject && (at = readKey(text, at, level)) < 0) return false;
        break;
      }
      if (text[at] !== (isObject ? "}" : "]")) return false;
      levels.pop();
      at++;
    }
  }
}

/** Reads `"key":` and answers where the value begins, or -1. */
function readKey(text: string, at: number, level: Level): number {
  if (text[at] !== '"') return -1;
  const end = endOfString(text, at + 1);
  if (end < 0) return -1;
  level.keyStart = at + 1;
  level.keyEnd = end;
  const colon = skipBlanks(text, end + 1);
  return text[colon] === ":" ? skipBlanks(text, colon + 1) : -1;
}

/** Index of the closing quote, or -1. */
function endOfString(text: string, start: number): number {
  for (let at = start; at < text.length; at++) {
    const c = text.charCodeAt(at);
    if (c === 0x22) return at;
    if (c < 0x20) return -1;
    if (c !== 0x5c) continue;
    at++;
    if (text[at] === "u" ? hexByte(text, at + 1) < 0 || hexByte(text, at + 3) < 0 : !isEscape(text[at])) {
      return -1;
    }
  }
  return -1;
}

function isEscape(character: string | undefined): boolean {
  return character !== undefined && '"\\/bfnrt'.includes(character);
}

function endOfScalar(text: string, start: number): number {
  let at = start;
  while (at < text.length && /[-+.0-9A-Za-z]/.test(text[at] ?? "")) at++;
  return at;
}

function isScalar(text: string): boolean {
  return text === "true" || text === "false" || text === "null" ||
    /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?$/.test(text);
}

function skipBlanks(text: string, start: number): number {
  let at = start;
  for (; at < text.length; at++) {
    const c = text.charCodeAt(at);
    if (c !== 0x20 && c !== 0x0a && c !== 0x0d && c !== 0x09) break;
  }
  return at;
}

function pointerOf(text: string, levels: readonly Level[]): string {
  return levels.map(({ keyStart, keyEnd, index }) => {
    const segment = keyStart < 0 ? String(index) : keyText(text.slice(keyStart, keyEnd));
    return `/${segment.replaceAll("~", "~0").replaceAll("/", "~1")}`;
  }).join("");
}

function keyText(raw: string): string {
  try {
    return JSON.parse(`"${utf8FromLatin1(raw)}"`) as string;
  } catch {
    // Not UTF-8, or an escape that is none: no declared pointer has such a key, the raw text will match none.
    return raw;
  }
}
