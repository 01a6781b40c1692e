/**
 * Network settings that other programs take from the environment and ours does not, because an agent can write it: which
 * there are, and the command by which the owner takes each over.
 *
 * @module
 */

import { isLoopbackName } from "./host_name.ts";
import { formatNetworkRule, parseNetworkRule } from "./network_rule.ts";
import { formatProxyUrl, parseProxyUrl, type ProxyUrl, showProxyUrl } from "./proxy_url.ts";
import { shellQuote } from "./shell_quote.ts";

/** In the order that counts; the lower-case spelling first, as curl does. */
const PROXY_VARIABLES = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "http_proxy", "HTTP_PROXY"];
const EXCEPTION_VARIABLES = ["no_proxy", "NO_PROXY"];
const CERTIFICATE_VARIABLES = [
  "NODE_EXTRA_CA_CERTS",
  "SSL_CERT_FILE",
  "REQUESTS_CA_BUNDLE",
  "CURL_CA_BUNDLE",
  "AWS_CA_BUNDLE",
];

/** A setting that could be taken over from a variable. */
export interface NetworkSuggestion {
  /** The variable. */
  readonly variable: string;
  /** The setting that would take it over. */
  readonly key: "proxy.upstream" | "proxy.no_proxy" | "proxy.extra_ca";
  /** What it says, without a password: `the proxy http://***@proxy.test:3128`. */
  readonly what: string;
  /** The value to be set, as text; of certificates the file's path. May hold a password. */
  readonly value: string;
  /** The exact command, without a password. */
  readonly command: string;
}

/** What is known when suggestions are made. */
export interface NetworkSurroundings {
  /** An environment variable; undefined if it is unset or empty. */
  readonly env: (name: string) => string | undefined;
  /** Ports of our own proxy, which such a variable may name with good reason. */
  readonly ownPorts: readonly number[];
  /** The vault's directory: certificates in it are our own. */
  readonly vaultDir: string;
  /** Settings that were set, whatever to: their owner has decided. */
  readonly set: readonly string[];
}

/** What of the environment could be taken over, the proxy first. */
export function networkSuggestions(surroundings: NetworkSurroundings): NetworkSuggestion[] {
  const proxy = suggestProxy(surroundings);
  const suggestions = [
    proxy,
    // Exceptions from no proxy mean nothing.
    proxy !== null || surroundings.set.includes("proxy.upstream") ? suggestExceptions(surroundings) : null,
    suggestCertificates(surroundings),
  ];
  return suggestions.filter((each) =>
    each !== null && !surroundings.set.includes(each.key)
  ) as NetworkSuggestion[];
}

function suggestProxy({ env, ownPorts }: NetworkSurroundings): NetworkSuggestion | null {
  for (const variable of PROXY_VARIABLES) {
    const text = env(variable);
    const bare = text !== undefined && !text.includes("://");
    const url = text === undefined ? null : parseProxyUrl(bare ? `http://${text}` : text);
    if (url === null || isOurs(url, ownPorts)) continue;
    return {
      variable,
      key: "proxy.upstream",
      what: `the proxy ${showProxyUrl(url)}`,
      value: formatProxyUrl(url),
      command: `wispkey config set proxy.upstream ${
        url.user === null ? shellQuote(formatProxyUrl(url)) : `"${bare ? "http://" : ""}$${variable}"`
      }`,
    };
  }
  return null;
}

function suggestExceptions({ env }: NetworkSurroundings): NetworkSuggestion | null {
  for (const variable of EXCEPTION_VARIABLES) {
    const rules = (env(variable) ?? "").split(/[\s,]+/).map(parseNetworkRule).filter((rule) => rule !== null);
    const value = [...new Set(rules.map(formatNetworkRule))].join(",");
    if (value === "") continue;
    return {
      variable,
      key: "proxy.no_proxy",
      what: "exceptions from the proxy",
      value,
      command: `wispkey config set proxy.no_proxy ${shellQuote(value)}`,
    };
  }
  return null;
}

function suggestCertificates({ env, vaultDir }: NetworkSurroundings): NetworkSuggestion | null {
  for (const variable of CERTIFICATE_VARIABLES) {
    const path = env(variable);
    if (path === undefined || isWithin(path, vaultDir)) continue;
    return {
      variable,
      key: "proxy.extra_ca",
      what: "a file of certificate authorities",
      value: path,
      command: `wispkey config set proxy.extra_ca ${shellQuote(path)}`,
    };
  }
  return null;
}

function isWithin(path: string, directory: string): boolean {
  return path.startsWith(`${directory}/`) || path.startsWith(`${directory}\\`);
}

function isOurs({ host, port }: ProxyUrl, ownPorts: readonly number[]): boolean {
  return isLoopbackName(host) && ownPorts.includes(port);
}
