/**
 * Looks through the bytes of one text for secrets.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { LiteralSearch } from "./literal_search.ts";
import { RULES } from "./rules.ts";

/** A secret that lies in clear. */
export interface Finding {
  /** What it is, for people. */
  readonly title: string;
  /** The same for programs. */
  readonly id: string;
  /** Line, from 1. */
  readonly line: number;
  /** Column in bytes, from 1. */
  readonly column: number;
  /** The secret itself, one character a byte. Not to be shown. */
  readonly secret: string;
  /** What may be shown of it. */
  readonly masked: string;
}

/** Findings of one text; one that has more is no text with secrets in it. */
const MOST_FINDINGS = 1_000;

const SEARCH = new LiteralSearch(RULES.map(({ anchor }) => anchor));
const LINE_FEED = 0x0a;
/** A line with this word is passed over. */
const ALLOWED = "wispkey:ignore";

/** Files whose values stand without quotes. */
const BARE_FILE =
  /(?:^|\/)(?:\.env[\w.-]*|[\w.-]*\.env|\.npmrc|\.pypirc|\.netrc|credentials|config)$|\.(?:ya?ml|ini|cfg|conf|properties|toml|tfvars|env|envrc|txt|md|sh)$/i;

/** Whether values stand without quotes in a file of that path. */
export function isBareFile(path: string): boolean {
  return BARE_FILE.test(path.replaceAll("\\", "/"));
}

/**
 * Finds the secrets of a text.
 *
 * @param bare see {@linkcode isBareFile}
 */
export function scanBytes(bytes: Uint8Array, bare: boolean): Finding[] {
  const found = new Map<number, Found>();
  let text: string | undefined;
  SEARCH.search(bytes, (index, at) => {
    if (found.size >= MOST_FINDINGS) return;
    text ??= latin1(bytes);
    const hit = RULES[index]!.look({ text, at, bare });
    if (hit === null) return;
    const { start, end, title, id, shown } = hit;
    const known = found.get(start);
    // What is known by its form says more than what is known by its name.
    if (known !== undefined && known.shown >= shown) return;
    const secret = text.slice(start, end);
    found.set(start, { title, id, secret, masked: maskOf(secret, shown), start, end, shown });
  });
  return locate(bytes, [...found.values()]);
}

/** Whether bytes are no text: there is a zero among the first of them. */
export function isBinary(bytes: Uint8Array): boolean {
  return bytes.subarray(0, 8192).includes(0);
}

/** What may be shown of a secret: the beginning that all of its kind have, and how long it is. */
function maskOf(secret: string, shown: number): string {
  return `${secret.slice(0, shown).trim()}… (${secret.length} characters)`;
}

interface Found extends Omit<Finding, "line" | "column"> {
  start: number;
  end: number;
  shown: number;
}

function locate(
  bytes: Uint8Array,
  found: Found[],
): Finding[] {
  const findings: Finding[] = [];
  let line = 1;
  let lineStart = 0;
  let covered = 0;
  for (const { start, end, title, id, secret, masked } of found.sort((a, b) => a.start - b.start)) {
    if (start < covered) continue; // It lies within the one before, for instance the key of an address.
    for (let next = bytes.indexOf(LINE_FEED, lineStart); next >= 0 && next < start;) {
      line++;
      lineStart = next + 1;
      next = bytes.indexOf(LINE_FEED, lineStart);
    }
    if (isAllowed(bytes, lineStart)) continue;
    covered = end;
    findings.push({ title, id, secret, masked, line, column: start - lineStart + 1 });
  }
  return findings;
}

function isAllowed(bytes: Uint8Array, lineStart: number): boolean {
  const end = bytes.indexOf(LINE_FEED, lineStart);
  const line = bytes.subarray(lineStart, Math.min(end < 0 ? bytes.length : end, lineStart + 4096));
  return latin1(line).includes(ALLOWED);
}

/** A text of one character a byte. */
function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
}
