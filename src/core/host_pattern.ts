/**
 * Host patterns: where a credential may go. `[scheme://]host[:port][/path-glob]`.
 *
 * - **scheme**: https is required unless the pattern says `http://`; a loopback host without a scheme takes both.
 * - **host**: exact; `*.example.com` is any depth of subdomain but not `example.com`; `*` is anywhere, said aloud.
 *   Wildcards reach public addresses only (the proxy's address guard), so loopback and private hosts are named exactly.
 * - **port**: the scheme's default unless said; `:*` is any, but not for a loopback host, which is one address and port.
 * - **path-glob**: none, `/`, `/*` and `/**` are the whole host; `*` stays within a segment, `**` crosses them, and a last
 *   `/*` is everything below. A path that can be read in two ways matches no pattern with a path.
 *
 * @module
 */

import { UsageError } from "./errors.ts";
import { bracketHost, isAddressLiteral, isLoopbackName, normalizeHost } from "./host_name.ts";
import { escapeText } from "./name.ts";
import { isPublicSuffix } from "./public_suffix.ts";
import { matchesPath, normalizePath } from "./request_path.ts";

/** Schemes a pattern accepts. `either` is only had by loopback hosts written without a scheme. */
export type PatternScheme = "https" | "http" | "either";

/** A parsed host pattern. */
export interface HostPattern {
  /** Which schemes it accepts. */
  readonly scheme: PatternScheme;
  /** `exact`: `host` itself; `subdomains`: any depth below `host`; `any`: every host, `host` is empty. */
  readonly kind: "exact" | "subdomains" | "any";
  /** Normalised host, IPv6 without brackets. */
  readonly host: string;
  /** Port number; `default` follows the request's scheme; `any` accepts all. */
  readonly port: number | "default" | "any";
  /** Glob over normalised paths; null = the whole host. */
  readonly path: string | null;
}

/** The parts of a target that are matched; `Target` of `target.ts` has them. */
export interface MatchableTarget {
  /** Scheme of the request. */
  readonly scheme: "http" | "https";
  /** Normalised host, IPv6 without brackets. */
  readonly host: string;
  /** Port, also where it is the default. */
  readonly port: number;
  /** Raw path without query. */
  readonly path: string;
}

/** What {@linkcode parseHostPattern} may let through. */
export interface HostPatternOptions {
  /** Allows a wildcard over a public suffix, because the owner said so aloud. */
  allowPublicSuffix?: boolean;
}

/**
 * Parses one pattern.
 *
 * @throws {UsageError} `invalid_host_pattern`
 *
 * @example
 * ```ts
 * import { formatHostPattern, parseHostPattern } from "./host_pattern.ts";
 *
 * console.assert(formatHostPattern(parseHostPattern("HTTPS://API.OpenAI.com.:443/v1/*")) === "api.openai.com/v1/**");
 * ```
 */
export function parseHostPattern(text: string, options: HostPatternOptions = {}): HostPattern {
  const refuse = (why: string, hint = "write host[:port][/path], for example api.openai.com"): never => {
    throw new UsageError(`invalid host pattern '${escapeText(text)}': ${why}`, {
      code: "invalid_host_pattern",
      hint,
    });
  };
  if (text === "") refuse("it is empty");
  if (/[\s\p{Cc}]/u.test(text)) refuse("it holds a blank or a control character");
  const bad = /[!{}?#@\\;]/.exec(text);
  if (bad !== null) refuse(`'${bad[0]}' has no meaning in it`);

  const schemeEnd = text.indexOf("://");
  const said = schemeEnd < 0 ? null : text.slice(0, schemeEnd).toLowerCase();
  if (said !== null && said !== "http" && said !== "https") refuse("its scheme is neither http nor https");
  const rest = schemeEnd < 0 ? text : text.slice(schemeEnd + 3);
  const slash = rest.indexOf("/");
  const authority = slash < 0 ? rest : rest.slice(0, slash);
  const { hostText, portText } = splitPort(authority) ?? refuse("its host or port cannot be read");

  const kind = hostText === "*" ? "any" : hostText.startsWith("*.") ? "subdomains" : "exact";
  const bare = kind === "subdomains" ? hostText.slice(2) : hostText;
  const host = kind === "any" ? "" : normalizeHost(bare) ?? "";
  if (kind !== "any" && (host === "" || bare.includes("*"))) {
    refuse("its host is none; a wildcard is a whole '*' or a leading '*.'");
  }
  if (kind === "subdomains") {
    if (isAddressLiteral(host)) refuse("an address has no subdomains");
    if (options.allowPublicSuffix !== true && isPublicSuffix(host)) {
      refuse(
        `anybody can get a name under ${host}`,
        `name the exact host, or allow it aloud with --allow-public-suffix`,
      );
    }
  }
  const loopback = kind === "exact" && isLoopbackName(host);
  const scheme: PatternScheme = said === "http" || said === "https" ? said : loopback ? "either" : "https";
  const port = parsePort(portText, scheme);
  if (port === null) refuse("its port is not a number from 1 to 65535");
  if (port === "any" && loopback) refuse("a loopback pattern is one address and port", `write ${bare}:PORT`);
  const path = slash < 0 ? null : parseGlob(rest.slice(slash));
  if (path === "") refuse("its path is ambiguous (escapes, '.' or '..' segments, '[', '***')");
  return { scheme, kind, host, port: port ?? "default", path };
}

/** The canonical text of a pattern, as it is stored; parses back to the same pattern. */
export function formatHostPattern(pattern: HostPattern): string {
  const { scheme, kind, host, port, path } = pattern;
  const loopback = kind === "exact" && isLoopbackName(host);
  const prefix = scheme === "http" || (scheme === "https" && loopback) ? `${scheme}://` : "";
  const name = kind === "any" ? "*" : kind === "subdomains" ? `*.${host}` : bracketHost(host);
  const isDefault = port === "default" || (scheme !== "either" && port === defaultPort(scheme));
  return `${prefix}${name}${isDefault ? "" : `:${port === "any" ? "*" : port}`}${path ?? ""}`;
}

/** Whether scheme, host and port of a target lie within a pattern, whatever the paths. */
export function matchesOrigin(
  pattern: HostPattern,
  target: Pick<MatchableTarget, "scheme" | "host" | "port">,
): boolean {
  if (pattern.scheme !== "either" && pattern.scheme !== target.scheme) return false;
  const port = pattern.port === "default" ? defaultPort(target.scheme) : pattern.port;
  if (port !== "any" && port !== target.port) return false;
  return coversHost(pattern, "exact", target.host);
}

/** Whether a request's target lies within a pattern. */
export function matchesHost(pattern: HostPattern, target: MatchableTarget): boolean {
  if (!matchesOrigin(pattern, target)) return false;
  if (pattern.path === null) return true;
  const path = normalizePath(target.path);
  return path !== null && matchesPath(pattern.path, path);
}

/**
 * Whether the host of a target may receive what a pattern allows, by any scheme, port or path: what was sent to one may come back
 * from another. On loopback every port is a host of its own, and wildcards do not reach it.
 */
export function mayReceive(pattern: HostPattern, target: MatchableTarget): boolean {
  if (!coversHost(pattern, "exact", target.host)) return false;
  if (!isLoopbackName(target.host)) return true;
  if (pattern.kind !== "exact") return false;
  return pattern.port === "any" ||
    target.port === (pattern.port === "default" ? defaultPort(target.scheme) : pattern.port);
}

/**
 * Parses a list as it is given to `--hosts` (commas) or stored (array): blanks around and empty pieces are dropped,
 * repeated patterns kept once.
 *
 * @throws {UsageError} `invalid_host_pattern`
 */
export function parseHostList(
  list: string | readonly string[],
  options: HostPatternOptions = {},
): HostPattern[] {
  const patterns = new Map<string, HostPattern>();
  for (const piece of typeof list === "string" ? list.split(",") : list) {
    const text = piece.trim();
    if (text === "") continue;
    const pattern = parseHostPattern(text, options);
    patterns.set(formatHostPattern(pattern), pattern);
  }
  return [...patterns.values()];
}

/**
 * Whether a change from `current` to `next` provably allows nothing new: each next pattern lies within one current
 * pattern. Answers false when in doubt. An address or a one-label name is never within a wildcard, because naming it
 * exactly opens private addresses, which wildcards do not reach.
 */
export function isNarrower(next: readonly HostPattern[], current: readonly HostPattern[]): boolean {
  return next.every((pattern) => current.some((wide) => covers(wide, pattern)));
}

/** The pattern an owner would write to allow exactly a target's host: for hints. */
export function hostPatternFor(target: MatchableTarget): HostPattern {
  const scheme = isLoopbackName(target.host) ? "either" : target.scheme;
  const usual = target.port === defaultPort(target.scheme);
  return {
    scheme,
    kind: "exact",
    host: target.host,
    port: scheme === "either" && usual ? "default" : target.port,
    path: null,
  };
}

/** Port that a scheme implies. */
export function defaultPort(scheme: "http" | "https"): number {
  return scheme === "http" ? 80 : 443;
}

function covers(wide: HostPattern, narrow: HostPattern): boolean {
  if (wide.scheme !== "either" && wide.scheme !== narrow.scheme) return false;
  if (wide.port !== "any" && wide.port !== narrow.port) {
    // `default` and the number it stands for are the same port once the scheme is known.
    const known = narrow.scheme === "either" || wide.port !== "default" ? null : defaultPort(narrow.scheme);
    if (known === null || known !== narrow.port) return false;
  }
  const special = narrow.kind === "exact" && (isAddressLiteral(narrow.host) || !narrow.host.includes("."));
  if (special && wide.kind !== "exact") return false;
  if (!coversHost(wide, narrow.kind, narrow.host)) return false;
  if (wide.path === null || wide.path === narrow.path) return true;
  if (narrow.path === null || !wide.path.endsWith("/**")) return false;
  const prefix = wide.path.slice(0, -2);
  return !prefix.includes("*") && narrow.path.startsWith(prefix);
}

function coversHost(wide: HostPattern, kind: HostPattern["kind"], host: string): boolean {
  switch (wide.kind) {
    case "any":
      return true;
    case "subdomains":
      if (kind === "any") return false;
      return (host.length > wide.host.length && host.endsWith(wide.host) &&
        host.charCodeAt(host.length - wide.host.length - 1) === 0x2e) ||
        (kind === "subdomains" && host === wide.host);
    case "exact":
      return kind === "exact" && host === wide.host;
  }
}

function splitPort(authority: string): { hostText: string; portText: string | null } | null {
  const end = authority.startsWith("[") ? authority.indexOf("]") + 1 : authority.indexOf(":");
  if (authority.startsWith("[") && end === 0) return null;
  if (end < 0 || end === authority.length) return { hostText: authority, portText: null };
  if (authority[end] !== ":") return null;
  return { hostText: authority.slice(0, end), portText: authority.slice(end + 1) };
}

function parsePort(text: string | null, scheme: PatternScheme): HostPattern["port"] | null {
  if (text === null) return scheme === "either" ? "default" : defaultPort(scheme);
  if (text === "*") return "any";
  if (!/^\d{1,5}$/.test(text)) return null;
  const port = Number(text);
  return port >= 1 && port <= 65535 ? port : null;
}

// Null = the whole host, "" = refused.
function parseGlob(text: string): string | null {
  if (/[[\]]|\*{3}/.test(text)) return "";
  const ascii = encodeNonAscii(text);
  const normal = normalizePath(ascii);
  if (normal === null || /\/\.{1,2}(\/|$)/.test(ascii.replaceAll(/%2e/gi, "."))) return "";
  if (normal === "/" || normal === "/*" || normal === "/**") return null;
  return normal.endsWith("/*") ? `${normal}*` : normal;
}

function encodeNonAscii(text: string): string {
  return text.replaceAll(/\P{ASCII}+/gu, (run) => encodeURIComponent(run.toWellFormed()));
}
