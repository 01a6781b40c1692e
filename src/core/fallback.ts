/**
 * Fallback variables: `WISPKEY_FALLBACK_<SLUG>` stands in for a credential that the vault does not hold yet, for tokens
 * `wk_<slug>_…`. `WISPKEY_FALLBACK_<SLUG>_HOSTS` says where it may go; without, the catalogue's hosts for that provider.
 *
 * @module
 */

import type { CredentialType } from "./credential.ts";
import { WispKeyError } from "./errors.ts";
import { formatHostPattern, type HostPattern, parseHostList } from "./host_pattern.ts";
import { suggestByName } from "./provider.ts";
import { TOKEN_PREFIX } from "./token.ts";

/** What the names of all such variables begin with. */
export const FALLBACK_PREFIX = "WISPKEY_FALLBACK_";
const HOSTS_SUFFIX = "_HOSTS";
/** More variables than this are a mistake; the first ones count. */
const MAX_FALLBACKS = 64;

/** One variable, without its value. */
export interface FallbackVariable {
  /** Its name. */
  readonly variable: string;
  /** Slug of the tokens it stands in for, in lower case. */
  readonly slug: string;
  /** Where its value may go; none = nowhere. */
  readonly hosts: readonly HostPattern[];
  /** Decides where the value may stand in a request: the provider's type, else `bearer_token`. */
  readonly type: CredentialType;
  /** Why it may go nowhere; null if it may go somewhere. */
  readonly flaw: string | null;
}

/**
 * The fallback variables of an environment, in the order of their names. Empty ones count as unset. A list of hosts that
 * cannot be read opens nothing, and nothing else in its stead.
 *
 * @param environment all variables, or those that begin with {@linkcode FALLBACK_PREFIX}
 */
export function fallbackVariables(environment: Readonly<Record<string, string>>): FallbackVariable[] {
  const names = Object.keys(environment).filter((name) =>
    /^WISPKEY_FALLBACK_[A-Z0-9_]+$/.test(name) && !name.endsWith(HOSTS_SUFFIX) && environment[name] !== ""
  );
  return names.sort().slice(0, MAX_FALLBACKS).map((variable) => {
    const slug = variable.slice(FALLBACK_PREFIX.length).toLowerCase();
    const provider = suggestByName(slug);
    const { hosts, flaw } = hostsOf(variable, environment[`${variable}${HOSTS_SUFFIX}`], provider?.hosts);
    return { variable, slug, hosts, type: provider?.type ?? "bearer_token", flaw };
  });
}

/** The slug of a token: what stands between `wk_` and the random part at its end; null for what is no token. */
export function slugOfToken(token: string): string | null {
  const parts = /^wk_([a-z0-9_]*[a-z0-9])_[a-z0-9]{6,}$/.exec(token);
  return parts?.[1] ?? null;
}

/** A token for a fallback, in whose place found values are put; looked up, it finds the same fallback. */
export function fallbackToken(slug: string): string {
  return `${TOKEN_PREFIX}${slug}_fallback`;
}

/** One line on a variable, for `unlock`: its name and where it may go. */
export function describeFallback({ variable, hosts, flaw }: FallbackVariable): string {
  return `${variable} (${flaw ?? `to ${hosts.map(formatHostPattern).join(", ")}`})`;
}

function hostsOf(
  variable: string,
  given: string | undefined,
  known: readonly string[] | undefined,
): Pick<FallbackVariable, "hosts" | "flaw"> {
  if (given === undefined || given.trim() === "") {
    return known === undefined
      ? { hosts: [], flaw: `used nowhere: ${variable}${HOSTS_SUFFIX} is not set` }
      : { hosts: parseHostList(known), flaw: null };
  }
  try {
    const hosts = parseHostList(given);
    return {
      hosts,
      flaw: hosts.length === 0 ? `used nowhere: ${variable}${HOSTS_SUFFIX} names no host` : null,
    };
  } catch (error) {
    if (!(error instanceof WispKeyError)) throw error;
    return { hosts: [], flaw: `used nowhere: ${variable}${HOSTS_SUFFIX} cannot be read` };
  }
}
