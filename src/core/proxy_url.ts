/**
 * The address of an upstream proxy, as `proxy.upstream` and the usual environment variables write it.
 *
 * @module
 */

import { bracketHost, normalizeHost } from "./host_name.ts";

/** How an upstream proxy is spoken to. `socks5h` lets the proxy resolve names, `socks5` does not. */
export type ProxyScheme = "http" | "https" | "socks5" | "socks5h";

/** A parsed address of an upstream proxy. */
export interface ProxyUrl {
  /** How it is spoken to. */
  readonly scheme: ProxyScheme;
  /** Normalised name or address literal, IPv6 without brackets. */
  readonly host: string;
  /** Port. */
  readonly port: number;
  /** User name, decoded; null if there is none. */
  readonly user: string | null;
  /** Password, decoded; a secret. Empty if only a user name was given. */
  readonly password: string;
}

const DEFAULT_PORTS: Readonly<Record<ProxyScheme, number>> = {
  http: 80,
  https: 443,
  socks5: 1080,
  socks5h: 1080,
};
/** RFC 1929 allows so many bytes each for name and password. */
const MAX_USERINFO_BYTES = 255;

/**
 * Parses `scheme://[user[:password]@]host[:port][/]`; null if that is not what it is. User name and password are
 * percent-encoded where they hold `:`, `@`, `/` or `%`.
 *
 * @example
 * ```ts
 * import { parseProxyUrl, showProxyUrl } from "./proxy_url.ts";
 *
 * const url = parseProxyUrl("socks5h://me:p%40ss@Proxy.example.com");
 * console.assert(url?.password === "p@ss" && showProxyUrl(url) === "socks5h://***@proxy.example.com:1080");
 * ```
 */
export function parseProxyUrl(text: string): ProxyUrl | null {
  if (/[\s\p{Cc}]/u.test(text)) return null;
  const parts = /^([a-z0-9]+):\/\/(?:([^@/?#]*)@)?([^@/?#]+)\/?$/i.exec(text);
  if (parts === null) return null;
  const scheme = parts[1]?.toLowerCase() ?? "";
  if (!isProxyScheme(scheme)) return null;
  const place = splitAuthority(parts[3] ?? "", DEFAULT_PORTS[scheme]);
  const login = splitLogin(parts[2]);
  return place === null || login === null ? null : { scheme, ...place, ...login };
}

/** The canonical text of an address, password and all; parses back to the same address. */
export function formatProxyUrl(url: ProxyUrl): string {
  const { scheme, host, port, user, password } = url;
  const login = user === null
    ? ""
    : `${encodeURIComponent(user)}${password === "" ? "" : `:${encodeURIComponent(password)}`}@`;
  return `${scheme}://${login}${bracketHost(host)}:${port}`;
}

/** The address as it may be shown: of user name and password only that there are some. */
export function showProxyUrl({ scheme, host, port, user }: ProxyUrl): string {
  return `${scheme}://${user === null ? "" : "***@"}${bracketHost(host)}:${port}`;
}

function isProxyScheme(text: string): text is ProxyScheme {
  return Object.hasOwn(DEFAULT_PORTS, text);
}

function splitAuthority(text: string, standard: number): { host: string; port: number } | null {
  const parts = /^(\[[^\]]*\]|[^:]*)(?::(\d{1,5}))?$/.exec(text);
  if (parts === null) return null;
  const host = normalizeHost(parts[1] ?? "");
  const port = parts[2] === undefined ? standard : Number(parts[2]);
  return host === null || port < 1 || port > 65_535 ? null : { host, port };
}

function splitLogin(text: string | undefined): { user: string | null; password: string } | null {
  if (text === undefined) return { user: null, password: "" };
  const colon = text.indexOf(":");
  try {
    const user = decodeURIComponent(colon < 0 ? text : text.slice(0, colon));
    const password = colon < 0 ? "" : decodeURIComponent(text.slice(colon + 1));
    const fits = [user, password].every((each) =>
      new TextEncoder().encode(each).length <= MAX_USERINFO_BYTES && !/\p{Cc}/u.test(each)
    );
    // A colon in the user name would move the border between the two in Basic authentication (RFC 7617 section 2).
    return fits && user !== "" && !user.includes(":") ? { user, password } : null;
  } catch {
    // A stray percent sign: `decodeURIComponent` has no other way to say so.
    return null;
  }
}
