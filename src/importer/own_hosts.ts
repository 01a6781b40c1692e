/**
 * Hosts of a person's own accounts, which stand in other variables of the same source: `OKTA_DOMAIN` beside
 * `OKTA_API_TOKEN`. Only hosts under the provider's own name are believed.
 *
 * @module
 */

import type { Provider } from "../core/provider.ts";
import { hostOfUrl, hostPattern } from "./formats/hosts.ts";

/** Answers for each provider the hosts that some named values tell. */
export function ownHostsOf(
  values: readonly { readonly name: string; readonly value: string }[],
): (provider: Provider) => readonly string[] {
  const byName = new Map<string, string[]>();
  for (const { name, value } of values) {
    if (value.length > 512) continue;
    const key = name.split(".").at(-1)?.toUpperCase() ?? "";
    const known = byName.get(key);
    if (known === undefined) byName.set(key, [value]);
    else known.push(value);
  }
  return ({ ownHosts }) => {
    if (ownHosts === undefined) return [];
    const found = ownHosts.variables.flatMap((name) => byName.get(name) ?? []).map(hostIn);
    return [...new Set(found)].filter((host) => host !== null && isUnder(host, ownHosts.suffix)) as string[];
  };
}

function hostIn(value: string): string | null {
  const host = value.includes("//") ? hostOfUrl(value) : hostPattern(value.split("/")[0] ?? "");
  // What is sent in clear is not proposed.
  return host === null || host.startsWith("http:") ? null : host;
}

function isUnder(host: string, suffix: string): boolean {
  return host.endsWith(suffix) && host.length > suffix.length;
}
