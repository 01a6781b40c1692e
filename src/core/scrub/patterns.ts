/**
 * All the spellings in which a secret is looked for in a response.
 *
 * @module
 */

import { base64Length, writeBase64 } from "../base64.ts";
import { utf8, wipe } from "../bytes.ts";
import { ByteSink } from "./byte_sink.ts";
import { readings } from "./code_points.ts";
import {
  HTML_STYLES,
  JSON_STYLES,
  PERCENT_STYLES,
  type PercentStyle,
  writeHex,
  writeHtml,
  writeJson,
  writePercent,
  writeUtf16,
} from "./escapes.ts";
import { partialValues } from "./partial_values.ts";
import { type Alignment, innerBase64, urlSafe } from "./inner_base64.ts";

/** Longest pattern that is matched whole, bytes; longer spellings are cut into windows. */
export const MAX_PATTERN_LENGTH = 256;
/** Shorter secrets are only looked for as whole words, bytes. */
export const WORD_LENGTH = 8;
/** A shorter value is not looked for at all, bytes. */
const MIN_SECRET_LENGTH = 2;
/** A longer value is not looked for: no request can carry it. Bytes. */
export const MAX_SECRET_LENGTH = 1024 * 1024;

/** What replaces a spelling: the token in the same spelling, so that what surrounds it can still be read. */
export type Spelled = "text" | "hex" | "utf16le" | "utf16be" | "base64-0" | "base64-1" | "base64-2";

/** One pattern to search for. */
export interface Pattern {
  /** Its bytes, at most {@linkcode MAX_PATTERN_LENGTH}; wiped by whoever asked for it. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** How the secret is spelled in it. */
  readonly spelled: Spelled;
  /** Only found where no letter, digit or `_` stands next to it. */
  readonly wholeWord: boolean;
  /** Part of a longer spelling: neighbours are one match. */
  readonly isWindow: boolean;
}

/** What of a credential decides its patterns. */
export interface SecretKind {
  /** A `user:password` that is sent as Base64. */
  readonly isPair: boolean;
  /** A user or a password that is sent as Base64 beside another, which its sender chooses. */
  readonly isHalfOfPair?: boolean;
  /** Leaves out whatever is shorter, bytes. */
  readonly minimum: number;
}

/**
 * Expands one secret into patterns: as it is; inside JSON; percent-encoded once and twice; in Base64 of either alphabet at every
 * alignment; hexadecimal; with HTML entities; in UTF-16. Of a pair also the password alone, if it has 8 bytes; of a
 * text in lines, such as a PEM file, also each long line; of what looks drawn at random also each part of 31 bytes.
 *
 * @param secret stays the caller's, who wipes it
 */
export function expandSecret(secret: Uint8Array, kind: SecretKind): Pattern[] {
  const patterns = new PatternList();
  for (const part of partsOf(secret, kind.isPair)) {
    if (part.length >= Math.max(kind.minimum, MIN_SECRET_LENGTH) && part.length <= MAX_SECRET_LENGTH) {
      expandPart(patterns, part);
      if (kind.isPair) {
        // As it crosses the wire; and that text spelled once more, as dumps of a request are.
        const onTheWire = wholeBase64(part);
        patterns.add(onTheWire.slice(), "base64-0");
        expandPart(patterns, onTheWire);
      }
    }
  }
  const secretPart = kind.isPair ? secret.subarray(secret.indexOf(0x3a) + 1) : trimmed(secret);
  if (kind.isHalfOfPair === true && secret.length >= Math.max(kind.minimum, WORD_LENGTH)) {
    // As it crosses the wire, and that text in Base64 once more, as dumps of a request are.
    for (const alignment of ALIGNMENTS) {
      const onTheWire = innerBase64(secret, alignment);
      base64Spellings(patterns, onTheWire);
      wipe(onTheWire);
    }
  }
  // Longer ones are in windows already.
  if (secretPart.length <= MAX_PATTERN_LENGTH && secretPart.length >= kind.minimum) {
    for (const piece of partialValues(secretPart)) patterns.addWindow(piece.slice());
  }
  return patterns.finish();
}

/** Views of the pieces of a secret that are secrets by themselves. */
function partsOf(secret: Uint8Array, isPair: boolean): Uint8Array[] {
  const whole = trimmed(secret);
  const parts = whole.length === secret.length ? [secret] : [secret, whole];
  if (isPair) {
    const password = secret.subarray(secret.indexOf(0x3a) + 1);
    if (password.length < secret.length && password.length >= WORD_LENGTH) parts.push(password);
  }
  if (whole.includes(0x0a)) parts.push(...encodedLines(whole));
  return parts;
}

function trimmed(bytes: Uint8Array): Uint8Array {
  let start = 0;
  let end = bytes.length;
  while (start < end && bytes[start]! <= 0x20) start++;
  while (end > start && bytes[end - 1]! <= 0x20) end--;
  return bytes.subarray(start, end);
}

/** The lines of Base64 in a PEM file and the like: whoever prints it may end lines differently, or join them. */
function encodedLines(bytes: Uint8Array): Uint8Array[] {
  const lines: Uint8Array[] = [];
  for (let start = 0; start < bytes.length;) {
    const feed = bytes.indexOf(0x0a, start);
    const end = feed < 0 ? bytes.length : feed;
    const line = trimmed(bytes.subarray(start, end));
    if (line.length >= 32 && line.every(isBase64Character)) lines.push(line);
    start = end + 1;
  }
  return lines;
}

function isBase64Character(code: number): boolean {
  const letter = code | 0x20;
  return (letter >= 0x61 && letter <= 0x7a) || (code >= 0x30 && code <= 0x39) || code === 0x2b ||
    code === 0x2d || code === 0x2f || code === 0x3d || code === 0x5f;
}

function expandPart(patterns: PatternList, part: Uint8Array): void {
  const wholeWord = part.length < WORD_LENGTH;
  const sink = new ByteSink(Math.max(256, part.length * 4));
  const add = (spelled: Spelled): void => patterns.add(sink.take(), spelled, wholeWord);
  patterns.add(part.slice(), "text", wholeWord);
  if (part.every(isNeverEscaped)) return expandPlain(patterns, part, sink, wholeWord);
  for (const points of readings(part)) {
    for (const point of points) sink.utf8(point);
    const text = sink.take();
    for (const style of JSON_STYLES) {
      for (const point of points) writeJson(sink, point, style);
      add("text");
    }
    for (const style of HTML_STYLES) {
      for (const point of points) writeHtml(sink, point, style);
      add("text");
    }
    percentSpellings(sink, text, add);
    if (!wholeWord) {
      twiceInJson(sink, points);
      add("text");
      for (const bigEndian of [false, true]) {
        for (const point of points) writeUtf16(sink, point, bigEndian);
        add(bigEndian ? "utf16be" : "utf16le");
      }
      for (const upper of [false, true]) {
        for (const byte of text) writeHex(sink, byte, upper);
        add("hex");
      }
      base64Spellings(patterns, text);
    }
    patterns.add(text, "text", wholeWord);
    points.fill(0);
  }
  // Bytes that are no text are sent as they are, but also encoded as they are.
  if (!wholeWord) base64Spellings(patterns, part);
}

/** No encoder of JSON, HTML or URLs writes such a character otherwise, but for those that escape everything. */
function isNeverEscaped(code: number): boolean {
  const letter = code | 0x20;
  return (letter >= 0x61 && letter <= 0x7a) || (code >= 0x30 && code <= 0x39) || code === 0x2d ||
    code === 0x2e || code === 0x5f;
}

/** Most keys are of such characters only, and a vault may hold a thousand. */
function expandPlain(patterns: PatternList, part: Uint8Array, sink: ByteSink, wholeWord: boolean): void {
  for (const upper of [true, false]) {
    if (part.length <= MAX_PATTERN_LENGTH) {
      for (const byte of part) writePercent(sink, byte, ESCAPE_ALL, upper);
      patterns.add(sink.take(), "text", wholeWord);
    }
    if (wholeWord) continue;
    for (const byte of part) writeHex(sink, byte, upper);
    patterns.add(sink.take(), "hex");
    for (const byte of part) writeUtf16(sink, byte, upper);
    patterns.add(sink.take(), upper ? "utf16be" : "utf16le");
  }
  if (!wholeWord) base64Spellings(patterns, part);
}

const ESCAPE_ALL: PercentStyle = { kept: "", plus: false, all: true };

function percentSpellings(sink: ByteSink, text: Uint8Array, add: (spelled: Spelled) => void): void {
  const escape = (bytes: Uint8Array, style: PercentStyle, upper: boolean): void => {
    for (const byte of bytes) writePercent(sink, byte, style, upper);
  };
  for (const style of PERCENT_STYLES) {
    if (style.all && text.length > MAX_PATTERN_LENGTH) continue;
    for (const upper of [true, false]) {
      escape(text, style, upper);
      const once = sink.take();
      sink.bytes(once);
      add("text");
      if (!style.all) {
        escape(once, style, upper);
        add("text");
      }
      wipe(once);
    }
  }
}

function twiceInJson(sink: ByteSink, points: Uint32Array): void {
  const [style] = JSON_STYLES;
  if (style === undefined) return;
  for (const point of points) writeJson(sink, point, style);
  const once = sink.take();
  for (const byte of once) {
    if (byte < 0x80) writeJson(sink, byte, style);
    else sink.byte(byte);
  }
  wipe(once);
}

const ALIGNMENTS: readonly Alignment[] = [0, 1, 2];

function base64Spellings(patterns: PatternList, bytes: Uint8Array): void {
  for (const alignment of ALIGNMENTS) {
    const spelled = `base64-${alignment}` as const;
    const standard = innerBase64(bytes, alignment);
    if (standard.includes(0x2b) || standard.includes(0x2f)) markedSpellings(patterns, standard, spelled);
    patterns.add(standard, spelled);
  }
}

/** Those of Base64 that holds one of the two marks that alphabets and encoders differ in. */
function markedSpellings(patterns: PatternList, standard: Uint8Array, spelled: Spelled): void {
  patterns.add(urlSafe(standard), spelled);
  // A `/` of the alphabet escaped in JSON; both marks escaped in an URL, or twice.
  patterns.add(replaced(standard, { "/": "\\/" }), "text");
  patterns.add(replaced(standard, { "+": "%2B", "/": "%2F" }), "text");
  patterns.add(replaced(standard, { "+": "%2b", "/": "%2f" }), "text");
  patterns.add(replaced(standard, { "+": "%252B", "/": "%252F" }), "text");
  patterns.add(replaced(standard, { "+": "\\u002b" }), "text");
  patterns.add(replaced(standard, { "+": "\\u002B" }), "text");
}

function replaced(bytes: Uint8Array, by: Readonly<Record<string, string>>): Uint8Array<ArrayBuffer> {
  const sink = new ByteSink(bytes.length + 16);
  for (const byte of bytes) {
    const text = by[String.fromCharCode(byte)];
    if (text === undefined) sink.byte(byte);
    else sink.ascii(text);
  }
  return sink.take();
}

function wholeBase64(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(base64Length(bytes.length));
  writeBase64(bytes, out, 0);
  return out;
}

/** Collects patterns without repetitions, long ones in windows. */
class PatternList {
  readonly #list: Pattern[] = [];
  /** Spellings that were cut into windows, to know them again. */
  readonly #long: Uint8Array[] = [];

  /** Takes the bytes over. */
  add(bytes: Uint8Array<ArrayBuffer>, spelled: Spelled, wholeWord = false): void {
    if (bytes.length <= MAX_PATTERN_LENGTH) {
      if (this.#list.some((known) => !known.isWindow && equal(known.bytes, bytes))) wipe(bytes);
      else this.#list.push({ bytes, spelled, wholeWord, isWindow: false });
      return;
    }
    if (this.#long.some((known) => equal(known, bytes))) return wipe(bytes);
    this.#long.push(bytes);
    const size = bytes.length <= SMALL_WINDOWS_UP_TO ? SMALL_WINDOW : MAX_PATTERN_LENGTH;
    for (let start = 0; start < bytes.length; start += size) {
      // The last one ends with the secret. None begins with a line end, where text is let go.
      let from = Math.min(start, bytes.length - size);
      while (from > 0 && bytes[from] === 0x0a) from--;
      this.#list.push({ bytes: bytes.slice(from, from + size), spelled, wholeWord: false, isWindow: true });
    }
  }

  /** A part of the value as it is; takes the bytes over. */
  addWindow(bytes: Uint8Array<ArrayBuffer>): void {
    this.#list.push({ bytes, spelled: "text", wholeWord: false, isWindow: true });
  }

  /** The patterns; the list is of no more use. */
  finish(): Pattern[] {
    wipe(...this.#long);
    return this.#list;
  }
}

/** Windows of a spelling of up to so many bytes are small, so that a small part of it is found too. */
const SMALL_WINDOWS_UP_TO = 16 * 1024;
const SMALL_WINDOW = 64;

function equal(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** A token in the spelling it replaces; `removed` is the length of what it stands in for. */
export function spellToken(token: string, spelled: Spelled, removed: number): Uint8Array<ArrayBuffer> {
  const bytes = utf8(token);
  const sink = new ByteSink();
  switch (spelled) {
    case "text":
      return bytes;
    case "hex":
      for (const byte of bytes) writeHex(sink, byte, false);
      return sink.take();
    case "utf16le":
    case "utf16be":
      for (const byte of bytes) writeUtf16(sink, byte, spelled === "utf16be");
      return sink.take();
    default: {
      // Blanks take the loss at both ends; the length stays the same modulo 4, so that the rest decodes as before.
      const alignment = Number(spelled.slice(-1)) as Alignment;
      sink.bytes(innerBase64(utf8(alignment === 0 ? `${token}  ` : ` ${token}  `), alignment));
      while ((sink.length - removed) % 4 !== 0) sink.byte(0x41);
      return sink.take();
    }
  }
}
