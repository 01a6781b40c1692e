/**
 * `.npmrc` files. A registry is the user's choice, so the host comes from the line that holds the token:
 * `//host/path/:_authToken=…`.
 *
 * @module
 */

import { base64Of, textOfBase64 } from "./base64.ts";
import { hostOfUrl } from "./hosts.ts";
import { linesOf } from "./lines.ts";
import type { SourceEntry } from "./types.ts";

const LINE = /^(\s*)((?:\/\/[^=\s]*:)?([\w@/.-]+))(\s*=\s*)("?)(.*?)\5\s*$/;
const SECRETS = new Set(["_authToken", "_auth", "_password"]);

/** The settings of an `.npmrc`. */
export function readNpmrc(text: string): SourceEntry[] {
  const entries: SourceEntry[] = [];
  for (const { text: line, start, number } of linesOf(text)) {
    if (/^\s*[#;]/.test(line)) continue;
    const match = LINE.exec(line);
    if (match === null) continue;
    const [, blanks = "", whole = "", name = "", equals = "", quote = "", raw = ""] = match;
    const at = start + blanks.length + whole.length + equals.length + quote.length;
    entries.push(entryOf({ whole, name, raw, at, line: number }));
  }
  return entries;
}

function entryOf(
  { whole, name, raw, at, line }: { whole: string; name: string; raw: string; at: number; line: number },
): SourceEntry {
  const host = whole.startsWith("//") ? hostOfUrl(whole.slice(0, whole.lastIndexOf(":"))) : null;
  const span = { start: at, end: at + raw.length };
  const plain: SourceEntry = {
    name: host === null ? name : `npm.${host}.${name}`,
    value: raw,
    line,
    swap: (token) => ({ span, text: token }),
    ...(host === null ? {} : { hosts: [host] }),
  };
  if (!SECRETS.has(name)) return plain;
  if (name === "_authToken") return { ...plain, certain: true };
  const decoded = textOfBase64(raw);
  if (decoded === null) return { ...plain, certain: true };
  const user = name === "_auth" ? decoded.slice(0, decoded.indexOf(":") + 1) : "";
  return {
    ...plain,
    certain: true,
    value: decoded,
    ...(name === "_auth" ? { pair: true } : { place: { in: "basic", part: "password" } }),
    swap: (token) => ({ span, text: base64Of(`${user}${token}`) }),
  };
}
