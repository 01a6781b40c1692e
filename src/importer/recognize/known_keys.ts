/**
 * Keys that the catalogue knows by their form alone, found by how they begin.
 *
 * @module
 */

import type { Provider } from "../../core/provider.ts";
import { PROVIDERS } from "../../core/provider_catalogue.ts";

/** A form of key and whose it is. */
export interface KnownKey {
  /** Its provider. */
  readonly provider: Provider;
  /** What every such key begins with, at least three characters. */
  readonly beginning: string;
  /** The whole key, anchored at both ends. */
  readonly whole: RegExp;
  /** The key inside a text, to be matched where it begins (sticky). */
  readonly inside: RegExp;
}

/** Characters by which two keys are told apart first. */
const FIRST = 3;

/** Every form of the catalogue. */
export const KNOWN_KEYS: readonly KnownKey[] = PROVIDERS.flatMap((provider) =>
  (provider.keys ?? []).map((key) => ({
    provider,
    beginning: beginningOf(key.source),
    whole: new RegExp(`^(?:${key.source})$`),
    inside: new RegExp(`(?:${key.source})(?![\\w])`, "y"),
  }))
);

const BY_FIRST = Map.groupBy(KNOWN_KEYS, ({ beginning }) => beginning.slice(0, FIRST));

/** The provider whose key a value is, by its form alone. Where forms overlap the one with the longest beginning wins. */
export function providerOfKey(value: string): Provider | undefined {
  let best: KnownKey | undefined;
  for (const key of BY_FIRST.get(value.slice(0, FIRST)) ?? []) {
    if (key.beginning.length <= (best?.beginning.length ?? 0) || !value.startsWith(key.beginning)) continue;
    if (key.whole.test(value)) best = key;
  }
  return best?.provider;
}

/** The fixed characters a pattern begins with. */
function beginningOf(source: string): string {
  const fixed = /^(?:[\w-]|\\\.)+/.exec(source)?.[0] ?? "";
  // A character that a quantifier follows may be missing or repeated.
  const follows = source[fixed.length];
  const certain = follows === "{" || follows === "?" || follows === "*" || follows === "+"
    ? fixed.replace(/(?:\\\.|.)$/, "")
    : fixed;
  return certain.replaceAll("\\", "");
}
