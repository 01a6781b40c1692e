/**
 * What to look for in texts, each by a few characters that it cannot be without.
 *
 * @module
 */

import { KNOWN_KEYS } from "../recognize/known_keys.ts";
import { formOf } from "../recognize/forms.ts";
import { emptyReason } from "../recognize/plain.ts";
import { entropyOf } from "../recognize/randomness.ts";
import { ASSIGNMENT_WORDS, assignmentAt } from "./assignment.ts";

/** Where a rule looks: at an anchor in a text. */
export interface Place {
  /** The whole text, one character a byte; it may be long, so rules look at pieces of it. */
  readonly text: string;
  /** Offset of the anchor in it. */
  readonly at: number;
  /** Whether values stand without quotes in such a file, as in `.env`, YAML or INI. */
  readonly bare: boolean;
}

/** What a rule found. */
export interface Hit {
  /** What it is, for people. */
  readonly title: string;
  /** Short name for programs: a provider's id, or the name of a form. */
  readonly id: string;
  /** Offset of the secret in the text of the place. */
  readonly start: number;
  /** One past its end. */
  readonly end: number;
  /** How much of its beginning tells no secret, and may be shown. */
  readonly shown: number;
}

/** One thing to look for. */
export interface Rule {
  /** What it cannot be without, in any case of letters; at least three characters. */
  readonly anchor: string;
  /** Looks whether it is there. */
  readonly look: (place: Place) => Hit | null;
}

/** Least entropy of the part of a known key behind its beginning, bits a character: less is an example or a pattern. */
const LEAST_KEY_ENTROPY = 2.5;

/** Longest private key in PEM, characters: RSA of 16384 bits. */
const LONGEST_KEY = 16 * 1024;

const KNOWN: readonly Rule[] = KNOWN_KEYS.map(({ provider, beginning, inside }) => ({
  anchor: beginning,
  look({ text, at }) {
    if (!text.startsWith(beginning, at) || isWord(text[at - 1])) return null;
    inside.lastIndex = at;
    const key = inside.exec(text)?.[0];
    if (key === undefined || !isLikely(key.slice(beginning.length))) return null;
    return {
      title: provider.title,
      id: provider.id,
      start: at,
      end: at + key.length,
      shown: beginning.length,
    };
  },
}));

const PRIVATE_KEY: Rule = {
  anchor: "-----begin ",
  look({ text, at }) {
    const pattern = /-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----/y;
    pattern.lastIndex = at;
    const head = pattern.exec(text)?.[0];
    if (head === undefined) return null;
    // A key follows: Base64 in lines, real or written as escapes.
    const body = /^(?:\s|\\[nrt]|[A-Za-z-]+: [^\n\\]*|"[\s,+]*")*([A-Za-z0-9+/=]{24,})/.exec(
      text.slice(at + head.length, at + LONGEST_KEY),
    );
    if (body?.[1] === undefined || entropyOf(body[1]) < 3) return null;
    const close = text.indexOf("-----END ", at);
    const last = close < 0 || close > at + LONGEST_KEY ? -1 : text.indexOf("-----", close + 9);
    const end = last < 0 ? at + head.length + body[0].length : last + 5;
    return { title: "Private key", id: "private_key", start: at, end, shown: head.length };
  },
};

const URL_ANCHOR: Rule = {
  anchor: "://",
  look({ text, at }) {
    const scheme = /[a-z][a-z0-9+.-]*$/i.exec(text.slice(Math.max(0, at - 24), at))?.[0];
    if (scheme === undefined) return null;
    const rest = /^[^\s"'`<>\\(){}[\],;|]*/.exec(text.slice(at + 3, at + 2048))?.[0] ?? "";
    const start = at - scheme.length;
    const url = text.slice(start, at + 3 + rest.length);
    const form = formOf(url);
    if (form === null) return null;
    const password = /:\/\/[^\s/?#@]*:([^\s/?#@]+)@/.exec(url)?.[1];
    if (password !== undefined && (emptyReason(password) !== null || isVariable(password))) return null;
    if (/x{6}/i.test(url)) return null;
    return { title: form.title, id: form.id, start, end: start + url.length, shown: scheme.length + 3 };
  },
};

const CONNECTION_STRING: readonly Rule[] = ["accountkey=", "sharedaccesskey="].map((anchor) => ({
  anchor,
  look({ text, at }) {
    const start = at + anchor.length;
    const key = /^[A-Za-z0-9+/]{30,100}={0,2}/.exec(text.slice(start, start + 128))?.[0];
    if (key === undefined || !isLikely(key)) return null;
    return {
      title: "Connection string with a key",
      id: "connection_string",
      start,
      end: start + key.length,
      shown: 0,
    };
  },
}));

const AWS_KEY_ID: readonly Rule[] = ["AKIA", "ASIA"].map((anchor) => ({
  anchor,
  look({ text, at }) {
    if (isWord(text[at - 1])) return null;
    const id = /^(?:AKIA|ASIA)[A-Z2-7]{16}(?![A-Za-z0-9])/.exec(text.slice(at, at + 24))?.[0];
    if (id === undefined || id.endsWith("EXAMPLE") || !isLikely(id.slice(4))) return null;
    return { title: "AWS access key id", id: "aws_access_key_id", start: at, end: at + id.length, shown: 4 };
  },
}));

const ASSIGNMENTS: readonly Rule[] = ASSIGNMENT_WORDS.map((anchor) => ({ anchor, look: assignmentAt }));

/** Every rule. */
export const RULES: readonly Rule[] = [
  ...KNOWN,
  PRIVATE_KEY,
  URL_ANCHOR,
  ...CONNECTION_STRING,
  ...AWS_KEY_ID,
  ...ASSIGNMENTS,
];

function isWord(character: string | undefined): boolean {
  return character !== undefined && /[A-Za-z0-9]/.test(character);
}

/** Whether the drawn part of a key may have been drawn: `xxxxxxxx` and `00000000` were written. */
function isLikely(drawn: string): boolean {
  if (/x{6}|0{8}|\*{3}|\.{3}/i.test(drawn)) return false;
  return entropyOf(drawn) >= LEAST_KEY_ENTROPY;
}

function isVariable(text: string): boolean {
  return /^[$%{<]|^\*+$|^[A-Z][A-Z_]{3,}$|\}$/.test(text);
}
