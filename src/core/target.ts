/**
 * The one parsed target of a request: what is checked against host patterns is what is dialled and what `Host` says.
 *
 * @module
 */

import { addressKind } from "./address.ts";
import { FailedError } from "./errors.ts";
import { bracketHost, isAddressLiteral, isLoopbackName, normalizeHost } from "./host_name.ts";
import { defaultPort } from "./host_pattern.ts";

/** Where a request goes. Path and query are kept byte for byte as the client wrote them. */
export interface Target {
  /** Scheme. */
  readonly scheme: "http" | "https";
  /** Normalised host, IPv6 without brackets. */
  readonly host: string;
  /** Port, also where it is the scheme's default. */
  readonly port: number;
  /** Raw path, starts with `/`. */
  readonly path: string;
  /** Raw query with its `?`, or empty. */
  readonly query: string;
  /** Text for the outgoing `Host`: IPv6 in brackets, the port only where it is not the default. */
  readonly authority: string;
}

/**
 * Parses an absolute `http`, `https`, `ws` or `wss` URL as it comes in a request line or in `X-Target-Url`.
 *
 * @throws {FailedError} `bad_target` for any other scheme, userinfo, a fragment, an empty or impossible host, a bad port,
 * blanks, control characters, a backslash before the query, or a host that is not ASCII.
 */
export function parseTarget(text: string): Target {
  const colon = text.indexOf("://");
  if (colon < 0) throw badTarget("it is not an absolute URL");
  const authorityStart = colon + 3;
  let end = authorityStart;
  while (end < text.length && !isDelimiter(text.charCodeAt(end))) end++;
  return targetOf(text.slice(0, colon), text.slice(authorityStart, end), text.slice(end));
}

/** A WebSocket is opened by a request of HTTP, RFC 6455 section 3. */
const SCHEMES: ReadonlyMap<string, "http" | "https"> = new Map([
  ["http", "http"],
  ["https", "https"],
  ["ws", "http"],
  ["wss", "https"],
]);

/**
 * Puts a target together from its written parts; the base-URL mode `/to/<scheme>/<host>/…` has them apart.
 *
 * @param rest path and query; empty or beginning with `?` means the path `/`
 * @throws {FailedError} `bad_target`, see {@linkcode parseTarget}.
 */
export function targetOf(schemeText: string, authorityText: string, rest: string): Target {
  const scheme = SCHEMES.get(schemeText.toLowerCase());
  if (scheme === undefined) throw badTarget("its scheme is neither http nor https");
  const { host, port } = parseAuthority(scheme, authorityText);
  const mark = rest.indexOf("?");
  const path = mark < 0 ? rest : rest.slice(0, mark);
  const query = mark < 0 ? "" : rest.slice(mark);
  if (path !== "" && !path.startsWith("/")) throw badTarget("its path does not start with '/'");
  for (let i = 0; i < rest.length; i++) {
    const c = rest.charCodeAt(i);
    if (c <= 0x20 || c === 0x7f || c > 0xff) {
      throw badTarget("it holds a blank, a control or a non-ASCII character");
    }
    if (c === 0x23) throw badTarget("it has a fragment");
    if (c === 0x5c && i < path.length) throw badTarget("its path holds a backslash");
  }
  const authority = port === defaultPort(scheme) ? bracketHost(host) : `${bracketHost(host)}:${port}`;
  return { scheme, host, port, path: path === "" ? "/" : path, query, authority };
}

/**
 * Parses `host[:port]` as in a URL or a `Host` field.
 *
 * @throws {FailedError} `bad_target`
 */
export function parseAuthority(scheme: "http" | "https", text: string): { host: string; port: number } {
  const bracket = text.startsWith("[") ? text.indexOf("]") : 0;
  const colon = text.indexOf(":", Math.max(bracket, 0));
  const hostText = colon < 0 ? text : text.slice(0, colon);
  if (text.includes("@")) throw badTarget("it has userinfo before its host");
  // deno-fmt-ignore
  if (/\P{ASCII}/u.test(text)) throw badTarget("its host is not ASCII; write an international name in punycode (xn--…)");
  const host = normalizeHost(hostText);
  if (host === null) throw badTarget("its host cannot be read");
  if (colon < 0) return { host, port: defaultPort(scheme) };
  const portText = text.slice(colon + 1);
  const port = /^\d{1,5}$/.test(portText) ? Number(portText) : 0;
  if (port < 1 || port > 65535) throw badTarget("its port is not a number from 1 to 65535");
  return { host, port };
}

/**
 * Whether a target is our own listener, as far as its text tells: any loopback or unspecified spelling with our port.
 * Names that resolve to loopback are found by the address guard after the lookup.
 */
export function isSelf(target: Pick<Target, "host" | "port">, listener: { readonly port: number }): boolean {
  if (target.port !== listener.port) return false;
  const { host } = target;
  if (isLoopbackName(host) || host.endsWith(".localhost")) return true;
  return isAddressLiteral(host) && isThisMachine(host);
}

/** Whether an address (IPv6 without brackets) is loopback or unspecified, which connects to loopback. */
export function isThisMachine(address: string): boolean {
  const kind = addressKind(address);
  return kind === "loopback" || kind === "unspecified";
}

function isDelimiter(c: number): boolean {
  // `/`, `?`, `#` end an authority; `\` does too for browsers, which makes it ambiguous and is refused as a path.
  return c === 0x2f || c === 0x3f || c === 0x23 || c === 0x5c;
}

function badTarget(why: string): FailedError {
  return new FailedError(`cannot use the target: ${why}`, {
    code: "bad_target",
    hint: "write http://host[:port]/path or https://host[:port]/path",
  });
}
