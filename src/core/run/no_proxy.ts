/**
 * `NO_PROXY`: the hosts that a program reaches without the proxy.
 *
 * @module
 */

import type { HostPattern } from "../host_pattern.ts";

const LOOPBACK: readonly string[] = ["localhost", "127.0.0.1", "::1"];

/**
 * The list for a program whose credentials may go to `hosts`: loopback, where base URLs of ours lead too, and what was on the
 * list before. A host that a credential names is taken off it, because no token would be replaced on the way there.
 *
 * @param before the value that the environment has, if any
 * @param port our own port on 127.0.0.1, which never goes through itself
 */
export function noProxyList(before: string | undefined, hosts: readonly HostPattern[], port: number): string {
  const entries = LOOPBACK.filter((name) =>
    !hosts.some(({ kind, host }) => kind === "exact" && host === name)
  );
  if (!entries.includes("127.0.0.1")) entries.push(`127.0.0.1:${port}`);
  for (const entry of (before ?? "").split(/[\s,]+/)) {
    if (entry === "" || entry === "*" || LOOPBACK.includes(entry)) continue;
    if (/^127\.0\.0\.1:\d+$/.test(entry) || hosts.some((pattern) => covers(entry, pattern))) continue;
    if (!entries.includes(entry)) entries.push(entry);
  }
  return entries.join(",");
}

/** Whether an entry, which also means what is below it, takes in a host that a credential may go to. */
function covers(entry: string, { kind, host }: HostPattern): boolean {
  if (kind === "any") return false;
  const name = entry.toLowerCase().replace(/:\d+$/, "").replace(/^\*?\./, "").replace(/^\[(.*)\]$/, "$1");
  return host === name || host.endsWith(`.${name}`) || (kind === "subdomains" && name.endsWith(`.${host}`));
}
