/**
 * Hosts as sources write them.
 *
 * @module
 */

import { formatHostPattern, parseHostPattern } from "../../core/host_pattern.ts";

/** The host of an address, with its port if it has one, as a host pattern; null if it is none. `http` is kept, aloud. */
export function hostOfUrl(address: string): string | null {
  const match = /^(?:(https?):)?\/\/(?:[^/?#@]*@)?([^/?#@\s]+)/i.exec(address.trim());
  return match?.[2] === undefined ? null : hostPattern(match[2], match[1]?.toLowerCase() === "http");
}

/** A bare `host` or `host:port` as a host pattern; null if it is none. */
export function hostPattern(host: string, plainHttp = false): string | null {
  try {
    const pattern = parseHostPattern(plainHttp ? `http://${host}` : host);
    return pattern.kind === "exact" ? formatHostPattern(pattern) : null;
  } catch {
    return null; // What is no host is none; whoever imports is shown that there is none.
  }
}
