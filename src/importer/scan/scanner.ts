/**
 * Looks through the bytes of one text for secrets.
 *
 * @module
 */

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

/** Bytes before an anchor that a rule gets to see. */
const BEFORE = 256;
/** Bytes from it on: a key of the longest form, or the first lines of a private key. */
const BEHIND = 4096;
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
  const found = new Map<number, Omit<Finding, "line" | "column"> & { start: number; end: number }>();
  SEARCH.search(bytes, (index, anchor) => {
    if (found.size >= MOST_FINDINGS) return;
    const rule = RULES[index]!;
    const from = Math.max(0, anchor - BEFORE);
    const text = latin1(bytes.subarray(from, anchor + BEHIND));
    const hit = rule.look({ text, at: anchor - from, bare });
    if (hit === null) return;
    const start = from + hit.start;
    const end = from + hit.end;
    const known = found.get(start);
    // What is known by its form says more than what is known by its name; of the former the first rule wins.
    if (known !== undefined && (known.id !== "secret" || hit.id === "secret")) return;
    const secret = text.slice(hit.start, hit.end);
    found.set(start, { title: hit.title, id: hit.id, secret, masked: maskOf(secret, hit.shown), start, end });
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

function locate(
  bytes: Uint8Array,
  found: (Omit<Finding, "line" | "column"> & { start: number; end: number })[],
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

/** A text of one character a byte; at most a few thousand bytes. */
function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}
