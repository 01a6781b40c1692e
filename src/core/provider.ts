/**
 * What is known about well-known API providers: their exact hosts and the place where their keys stand. Suggests, never
 * decides on its own where a secret goes; it does narrow where an `api_key` may stand on a host it knows.
 *
 * @module
 */

import type { CredentialType } from "./credential.ts";
import { PROVIDERS } from "./provider_catalogue.ts";

/** A place where a provider takes its key. Names and schemes are in lower case. */
export type ProviderPlace =
  /** The header's whole value, or `<scheme> <key>`. */
  | { readonly in: "header"; readonly name: string; readonly scheme?: string }
  /** The parameter's whole value. */
  | { readonly in: "query"; readonly name: string }
  /** One half of `Authorization: Basic base64(user:password)`. */
  | { readonly in: "basic"; readonly part: "user" | "password" };

/** The hosts of an account's own, for providers that give each customer a name. */
export interface OwnHosts {
  /** What such a host ends with, e.g. `.okta.com`; a host that ends otherwise is not believed. */
  readonly suffix: string;
  /** Variables whose value usually is the host, or a URL on it. */
  readonly variables: readonly string[];
}

/** One provider. */
export interface Provider {
  /** Short name in lower case. */
  readonly id: string;
  /** Name for people. */
  readonly title: string;
  /** Exact hosts of its API; they are also valid host patterns. */
  readonly hosts: readonly string[];
  /** Hosts that differ from account to account. */
  readonly ownHosts?: OwnHosts;
  /** Whether it is a registry of packages: those are the user's choice, so the catalogue names no host of any. */
  readonly registry?: boolean;
  /** Why no proxy can put this key into a request; such keys work through `run --reveal`. */
  readonly reveal?: string;
  /** Where those hosts take the key, the usual place first. */
  readonly places: readonly ProviderPlace[];
  /** The credential type to suggest. */
  readonly type: CredentialType;
  /** Words in a credential's or variable's name that point to it, as lower case words. */
  readonly names: readonly string[];
  /** Environment variables in which programs expect its key. */
  readonly variables: readonly string[];
  /** What its keys begin with, where that tells it apart. */
  readonly prefixes: readonly string[];
  /** Whole keys that are nobody else's: a fixed beginning, then alphabet and length. */
  readonly keys?: readonly RegExp[];
  /** Whole keys that could be anybody's; believed only where a name points to the provider. */
  readonly shapes?: readonly RegExp[];
  /** The variable by which its SDK can be sent to another base URL. */
  readonly baseUrl?: string;
  /** The documentation to check this entry against: an address, or for a registry the name of the page. */
  readonly source: string;
}

const BY_HOST = new Map(
  PROVIDERS.flatMap((provider) => provider.hosts.map((host) => [host, provider] as const)),
);
const BY_VARIABLE = new Map(
  PROVIDERS.flatMap((provider) => provider.variables.map((name) => [name.toLowerCase(), provider] as const)),
);
// Without blanks, so that `openAiKey`, `open_ai_key` and `OPENAI_KEY` are the same.
const BY_HINT = new Map(
  PROVIDERS.flatMap((provider) =>
    provider.names.map((hint) => [hint.replaceAll(" ", ""), provider] as const)
  ),
);
/** Most words of a name that are looked at together. */
const MOST_WORDS = 5;

/** The words of a name in lower case, whether it is written `OPENAI_API_KEY`, `openai-api-key` or `openaiApiKey`. */
export function wordsOfName(name: string): string[] {
  const humps = name.replace(/([a-z0-9])([A-Z])/g, "$1 $2").replace(/([A-Z])([A-Z][a-z])/g, "$1 $2");
  return humps.toLowerCase().split(/[^a-z0-9]+/).filter((word) => word !== "");
}

/**
 * The provider that a credential's or environment variable's name points to: the one whose variable it is, else the one of
 * the longest hint in it.
 */
export function suggestByName(name: string): Provider | undefined {
  const variable = BY_VARIABLE.get(name.toLowerCase());
  if (variable !== undefined) return variable;
  const words = wordsOfName(name);
  let best: Provider | undefined;
  let longest = 0;
  for (let from = 0; from < words.length; from++) {
    for (let count = Math.min(MOST_WORDS, words.length - from); count > 0; count--) {
      const hint = words.slice(from, from + count).join("");
      const provider = hint.length > longest ? BY_HINT.get(hint) : undefined;
      if (provider === undefined) continue;
      best = provider;
      longest = hint.length;
    }
  }
  return best;
}

/** The provider whose keys begin like a value; the longest prefix wins. The value is only looked at as bytes. */
export function suggestByValue(value: Uint8Array): Provider | undefined {
  let best: Provider | undefined;
  let longest = 0;
  for (const provider of PROVIDERS) {
    for (const prefix of provider.prefixes) {
      if (prefix.length > longest && startsWith(value, prefix)) {
        best = provider;
        longest = prefix.length;
      }
    }
  }
  return best;
}

/** The provider that owns a normalised host. */
export function providerOfHost(host: string): Provider | undefined {
  return BY_HOST.get(host);
}

/** Where a known host takes its key, or undefined for hosts outside the catalogue. */
export function placeFor(host: string): readonly ProviderPlace[] | undefined {
  return BY_HOST.get(host)?.places;
}

function startsWith(value: Uint8Array, prefix: string): boolean {
  if (value.length < prefix.length) return false;
  for (let i = 0; i < prefix.length; i++) if (value[i] !== prefix.charCodeAt(i)) return false;
  return true;
}
