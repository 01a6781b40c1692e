/**
 * Paths in policies. Both the glob and the path are read as a server reads them: dot segments resolved, doubled slashes
 * collapsed, escapes decoded; case is kept.
 *
 * @module
 */

import { hexByte, matchesPath, normalizePath } from "../request_path.ts";
import { quoted, ValueMistake } from "./mistake.ts";

/** A glob over paths: `*` stands for anything within a segment, `**` for anything at all. */
export interface PathRule {
  /** As it was written. */
  readonly text: string;
  /** Decoded, one character per byte. */
  readonly glob: string;
  /** For `/admin/**`: `/admin`, which it covers too; else null. */
  readonly base: string | null;
  /** The same in lower case, for what is denied. */
  readonly folded: { readonly glob: string; readonly base: string | null };
}

/**
 * Reads a glob.
 *
 * @throws {ValueMistake} if it is none, or can be read in two ways.
 */
export function parsePathRule(text: string): PathRule {
  const refuse = (why: string): never => {
    throw new ValueMistake(`${quoted(text)} is no path: ${why}`);
  };
  if (text === "") refuse("it is empty");
  if (/^[a-z]+:\/\//i.test(text)) refuse("hosts go into allowed_hosts or denied_hosts");
  if (!text.startsWith("/")) refuse(`it must start with '/': '/${text.replace(/^\*+\/?/, "**/")}'`);
  if (text.includes("?")) refuse("a query is not part of it, and '?' is no wildcard");
  if (text.includes("#")) refuse("it has a fragment");
  if (/[[\]{}]/.test(text)) refuse("brackets and braces have no meaning in it; write several paths");
  if (text.includes("***")) refuse("'***' has no meaning; '**' is everything below");
  if (/%2a/i.test(text)) refuse("a star cannot be written as %2A");
  if (/\/(?:\.|%2e){1,2}(?:\/|$)/i.test(text)) refuse("it has '.' or '..' segments");
  const ascii = text.replaceAll(/\P{ASCII}+/gu, (run) => encodeURIComponent(run.toWellFormed()));
  const glob = readPath(ascii);
  if (glob === null) {
    return refuse("hosts could read it in two ways (';', '\\', '%2F', a blank or a bad escape)");
  }
  const lower = glob.toLowerCase();
  return { text, glob, base: baseOf(glob), folded: { glob: lower, base: baseOf(lower) } };
}

/**
 * A path as a server reads it, one character per byte.
 *
 * @param path raw path without query, starts with `/`
 * @returns null where two servers could read it differently; see {@linkcode normalizePath}
 */
export function readPath(path: string): string | null {
  const normal = normalizePath(path);
  if (normal === null || !needsDecoding(normal)) return normal;
  let decoded = "";
  for (let i = 0; i < normal.length; i++) {
    const byte = normal[i] === "%" ? hexByte(normal, i + 1) : -1;
    decoded += byte < 0 ? normal.charAt(i) : String.fromCharCode(byte);
    if (byte >= 0) i += 2;
  }
  return isUtf8(decoded) ? decoded : null;
}

/** Whether a path, as {@linkcode readPath} gives it, falls under a rule. */
export function matchesPathRule({ glob, base }: Pick<PathRule, "glob" | "base">, path: string): boolean {
  return path === base || matchesPath(glob, path);
}

/**
 * Whether a path falls under what is denied: as {@linkcode matchesPathRule}, but neither a slash at the end nor the case of
 * letters makes a difference, as they make none to many servers.
 */
export function coversPath({ folded }: PathRule, path: string): boolean {
  const lower = path.toLowerCase();
  if (matchesPathRule(folded, lower)) return true;
  const bare = lower.length > 1 && lower.endsWith("/") ? lower.slice(0, -1) : `${lower}/`;
  return matchesPathRule(folded, bare);
}

function baseOf(glob: string): string | null {
  return glob.endsWith("/**") ? glob.slice(0, -3) : null;
}

function needsDecoding(path: string): boolean {
  for (let i = 0; i < path.length; i++) {
    const c = path.charCodeAt(i);
    if (c === 0x25 || c >= 0x80) return true;
  }
  return false;
}

/** Whether bytes are UTF-8. Overlong forms are not, so none of them hides a slash or a dot. */
function isUtf8(latin1: string): boolean {
  const bytes = Uint8Array.from(latin1, (c) => c.charCodeAt(0));
  try {
    strict.decode(bytes);
    return true;
  } catch {
    // The decoder's only answer to other bytes is to throw.
    return false;
  }
}

const strict = new TextDecoder("utf-8", { fatal: true });
