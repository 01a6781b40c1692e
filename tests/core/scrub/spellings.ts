/**
 * How programs print a string, by the runtime's own encoders and not by the code under test: the oracle of the scrubber.
 *
 * @module
 */

import { Buffer } from "node:buffer";

type Spell = (text: string) => Uint8Array | string;

const json = (text: string) => JSON.stringify(text).slice(1, -1);
const ascii = (text: string, upper: boolean) =>
  json(text).replace(/[\u0080-\uffff]/g, (unit) => {
    const digits = unit.charCodeAt(0).toString(16).padStart(4, "0");
    return "\\u" + (upper ? digits.toUpperCase() : digits);
  });
const percent = (text: string) => encodeURIComponent(text);
const lowerEscapes = (text: string) => text.replace(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase());
const strict = (text: string) =>
  percent(text).replace(/[!'()*]/g, (mark) => "%" + mark.charCodeAt(0).toString(16).toUpperCase());
const html = (text: string, table: Record<string, string>) =>
  text.replace(/[&<>"']/g, (mark) => table[mark]!);
const form = (text: string) => new URLSearchParams([["", text]]).toString().slice(1);
const base64 = (before: number) => (text: string) =>
  Buffer.concat([Buffer.from("xyz".slice(0, before)), Buffer.from(text), Buffer.from("?tail")]).toString(
    "base64",
  );

/** Every way in which a secret must not come back, by name. */
export const SPELLINGS: Readonly<Record<string, Spell>> = {
  "as it is": (text) => text,
  "in JSON": json,
  "in JSON with escaped slashes": (text) => json(text).replaceAll("/", "\\/"),
  "in ASCII JSON": (text) => ascii(text, false),
  "in ASCII JSON, upper case": (text) => ascii(text, true),
  "in JSON safe for HTML": (text) =>
    json(text).replace(/[<>&]/g, (mark) => "\\u00" + mark.charCodeAt(0).toString(16)),
  "in JSON inside JSON": (text) => json(json(text)),
  "percent-encoded": percent,
  "percent-encoded strictly": strict,
  "percent-encoded, lower case": (text) => lowerEscapes(strict(text)),
  "percent-encoded twice": (text) => percent(percent(text)),
  "percent-encoded strictly twice": (text) => strict(strict(text)),
  "as a form": form,
  "every byte percent-encoded": (text) =>
    Buffer.from(text).toString("hex").replace(/../g, (pair) => "%" + pair),
  "hexadecimal": (text) => Buffer.from(text).toString("hex"),
  "hexadecimal, upper case": (text) => Buffer.from(text).toString("hex").toUpperCase(),
  "in Base64": base64(0),
  "in Base64 after one byte": base64(1),
  "in Base64 after two bytes": base64(2),
  "in Base64 for URLs": (text) => Buffer.from(base64(1)(text), "base64").toString("base64url"),
  "in Base64, percent-encoded": (text) => percent(base64(2)(text)),
  "in Base64 inside JSON with escaped slashes": (text) => base64(0)(text).replaceAll("/", "\\/"),
  "in HTML": (text) => html(text, { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" }),
  "in HTML, apostrophe by number": (text) =>
    html(text, { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;" }),
  "in HTML by decimal numbers": (text) =>
    html(text, { "&": "&#38;", "<": "&#60;", ">": "&#62;", '"': "&#34;", "'": "&#39;" }),
  "in HTML by hexadecimal numbers": (text) =>
    html(text, { "&": "&#x26;", "<": "&#x3c;", ">": "&#x3e;", '"': "&#x22;", "'": "&#x27;" }),
  "in UTF-16LE": (text) => Buffer.from(text, "utf16le"),
  "in UTF-16BE": (text) => Buffer.from(text, "utf16le").swap16(),
  "read as Latin-1 and written as UTF-8": (text) => Buffer.from(Buffer.from(text).toString("latin1")),
};

/** A spelling as bytes. */
export function spell(name: string, text: string): Uint8Array {
  const spelled = SPELLINGS[name]!(text);
  return typeof spelled === "string" ? new Uint8Array(Buffer.from(spelled)) : new Uint8Array(spelled);
}

/**
 * Whether a text of one character a byte gives a secret away: as a whole in any spelling, where the neighbours that are not its
 * own are left out of Base64.
 */
export function gives(out: string, secret: string): string | undefined {
  let telling = known.get(secret);
  if (telling === undefined) {
    if (known.size > 64) known.clear();
    telling = tellingTexts(secret);
    known.set(secret, telling);
  }
  return telling.find(([, text]) => out.includes(text))?.[0];
}

const known = new Map<string, [name: string, text: string][]>();

function tellingTexts(secret: string): [name: string, text: string][] {
  const texts = new Map<string, string>();
  for (const name of Object.keys(SPELLINGS)) {
    let spelled = Buffer.from(spell(name, secret)).toString("latin1");
    if (name.includes("Base64")) {
      spelled = spelled.slice(4, Math.floor(Buffer.from(secret).length * 4 / 3) - 4);
    }
    if (spelled.length >= 8) texts.set(spelled, name);
  }
  return [...texts].map(([text, name]) => [name, text]);
}
