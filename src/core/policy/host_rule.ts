/**
 * Hosts in policies: `[scheme://]host[:port]`. Without a scheme or a port all of them are meant, so that a denied host
 * cannot be reached by another door.
 *
 * @module
 */

import { isAddressLiteral, normalizeHost } from "../host_name.ts";
import { defaultPort } from "../host_pattern.ts";
import { quoted, ValueMistake } from "./mistake.ts";

/** A host or hosts. */
export interface HostRule {
  /** As it was written. */
  readonly text: string;
  /** The only scheme; null for both. */
  readonly scheme: "http" | "https" | null;
  /** `exact`: `host` itself; `subdomains`: any depth below it, not itself; `any`: every host. */
  readonly kind: "exact" | "subdomains" | "any";
  /** Normalised, IPv6 without brackets; empty for `any`. */
  readonly host: string;
  /** The only port; null for all. */
  readonly port: number | null;
}

/**
 * Reads a host rule.
 *
 * @throws {ValueMistake} if it is none.
 */
export function parseHostRule(text: string): HostRule {
  const refuse = (why: string): never => {
    throw new ValueMistake(`${quoted(text)} is no host: ${why}`);
  };
  if (text === "") refuse("it is empty");
  if (/^!|:\/\/!/.test(text)) refuse("'!' has no meaning in it; there are allowed_hosts and denied_hosts");
  const schemeEnd = text.indexOf("://");
  const scheme = schemeEnd < 0 ? null : text.slice(0, schemeEnd).toLowerCase();
  if (scheme !== null && scheme !== "http" && scheme !== "https") {
    refuse("its scheme is neither http nor https");
  }
  const rest = schemeEnd < 0 ? text : text.slice(schemeEnd + 3);
  const slash = rest.indexOf("/");
  const path = slash < 0 ? "" : rest.slice(slash);
  if (path !== "" && path !== "/" && path !== "/*" && path !== "/**") {
    refuse("a path goes into allowed_paths or denied_paths");
  }
  const authority = slash < 0 ? rest : rest.slice(0, slash);
  if (authority.includes("@")) refuse("it has userinfo before its host");
  const parts = /^(\[[^\]]*\]|[^:]*)(?::([^:]*))?$/.exec(authority);
  const name = parts?.[1] ?? "";
  if (parts === null) refuse("its port cannot be read; write an IPv6 address in brackets");
  const portText = parts?.[2];
  const port = portText === undefined || portText === "*" ? null : Number(portText);
  if (port !== null && (!/^\d{1,5}$/.test(portText ?? "") || port < 1 || port > 65_535)) {
    refuse("its port is not a number from 1 to 65535");
  }
  const kind = name === "*" ? "any" : name.startsWith("*.") ? "subdomains" : "exact";
  const bare = kind === "any" ? "" : kind === "subdomains" ? name.slice(2) : name;
  if (bare.includes("*")) refuse("a star is the whole host, or stands before its first dot: '*.example.com'");
  const host = kind === "any" ? "" : normalizeHost(bare);
  if (host === null) return refuse("it cannot be read");
  if (kind === "subdomains" && isAddressLiteral(host)) refuse("an address has no subdomains");
  return { text, scheme: scheme as HostRule["scheme"], kind, host, port };
}

/** Whether a target's host, scheme and port fall under a rule. */
export function matchesHostRule(
  rule: HostRule,
  target: { readonly scheme: "http" | "https"; readonly host: string; readonly port: number },
): boolean {
  if (rule.scheme !== null && rule.scheme !== target.scheme) return false;
  // A scheme alone stands for its port, as in a URL.
  const port = rule.port ?? (rule.scheme === null ? null : defaultPort(rule.scheme));
  if (port !== null && port !== target.port) return false;
  switch (rule.kind) {
    case "any":
      return true;
    case "exact":
      return rule.host === target.host;
    case "subdomains":
      return target.host.length > rule.host.length && target.host.endsWith(rule.host) &&
        target.host.charCodeAt(target.host.length - rule.host.length - 1) === 0x2e;
  }
}
