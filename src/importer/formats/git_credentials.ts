/**
 * `.git-credentials`: one address with user and password a line.
 *
 * @module
 */

import { hostPattern } from "./hosts.ts";
import { linesOf } from "./lines.ts";
import type { SourceEntry } from "./types.ts";

/** The passwords of a `.git-credentials`. Git sends them as `Authorization: Basic`. */
export function readGitCredentials(text: string): SourceEntry[] {
  const entries: SourceEntry[] = [];
  for (const { text: line, start, number } of linesOf(text)) {
    const match = /^(\s*(https?):\/\/[^\s:/@]*:)([^\s/@]+)@([^\s/@]+)/.exec(line);
    if (match === null) continue;
    const [, head = "", scheme = "", password = "", host = ""] = match;
    const at = start + head.length;
    const pattern = hostPattern(decode(host), scheme === "http");
    entries.push({
      name: `git.${decode(host)}`,
      value: decode(password),
      line: number,
      certain: true,
      place: { in: "basic", part: "password" },
      ...(pattern === null ? {} : { hosts: [pattern] }),
      swap: (token) => ({ span: { start: at, end: at + password.length }, text: token }),
    });
  }
  return entries;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // Git takes a stray percent sign as it is.
  }
}
