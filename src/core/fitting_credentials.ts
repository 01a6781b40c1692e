/**
 * Which credentials may go to a target, the closest first.
 *
 * @module
 */

import type { Credential } from "./credential.ts";
import { type HostPattern, matchesHost, parseHostPattern } from "./host_pattern.ts";
import type { Target } from "./target.ts";

/** What is looked at. */
export type HostBound = Pick<Credential, "hosts" | "hostsConfirmed">;

const RANKS: Readonly<Record<HostPattern["kind"], number>> = { exact: 4, subdomains: 2, any: 0 };

/**
 * The credentials whose hosts let them go to a target: those that name it exactly before those of a wildcard, with a path before
 * those without, confirmed before unconfirmed.
 */
export function fittingCredentials<C extends HostBound>(credentials: readonly C[], target: Target): C[] {
  return credentials
    .map((credential) => ({ credential, rank: rankOf(credential, target) }))
    .filter(({ rank }) => rank >= 0)
    .sort((a, b) => b.rank - a.rank)
    .map(({ credential }) => credential);
}

/** -1 if none of its patterns matches. */
function rankOf({ hosts, hostsConfirmed }: HostBound, target: Target): number {
  const ranks = hosts
    .map((text) => parseHostPattern(text, { allowPublicSuffix: true }))
    .filter((pattern) => matchesHost(pattern, target))
    .map(({ kind, path }) => 2 * (RANKS[kind] + (path === null ? 0 : 1)));
  return ranks.length === 0 ? -1 : Math.max(...ranks) + (hostsConfirmed ? 1 : 0);
}
