/**
 * Decides of each named value whether it is a secret, whose, and where it may go.
 *
 * @module
 */

import type { Place } from "../../core/credential.ts";
import { type Provider, suggestByName, wordsOfName } from "../../core/provider.ts";
import { type CredentialTerms, termsOf, UNKNOWN_TERMS } from "./draft.ts";
import { formOf } from "./forms.ts";
import { providerOfKey } from "./known_keys.ts";
import { emptyReason, isAboutName, isPublicName, settingReason } from "./plain.ts";
import { looksRandom } from "./randomness.ts";

/** A named value to judge. */
export interface NamedValue {
  /** Name of the variable, or the path to it. */
  readonly name: string;
  /** The value. */
  readonly value: string;
  /** Hosts that the source itself names for it, e.g. the machine of a netrc entry. */
  readonly hosts?: readonly string[];
  /** Whether the source says that it is a secret; e.g. a password manager's password. */
  readonly certain?: boolean;
  /** Whether the value is `user:password`. */
  readonly pair?: boolean;
  /** The place where programs that read such a source put the value. */
  readonly place?: Place;
}

/** No secret: stays as it is. */
export interface PlainVerdict {
  /** Which verdict this is. */
  readonly kind: "plain";
  /** Why, in a few words. */
  readonly why: string;
}

/** A secret. */
export interface SecretVerdict extends CredentialTerms {
  /** Which verdict this is. */
  readonly kind: "secret";
  /** What it is, for people: the provider's name, or what its form says. */
  readonly title: string;
  /** Whose it is; null if nobody's that is known. */
  readonly provider: Provider | null;
  /** Why a proxy cannot use it; null if it can. */
  readonly reveal: string | null;
}

/** What was found out about a value. */
export type Verdict = PlainVerdict | SecretVerdict;

/** Words that make a value a secret, whatever it looks like. */
const STRONG = new Set(
  "secret secrets password passwd pwd pass passphrase passcode credential credentials salt pepper mnemonic"
    .split(" "),
);
/** Words that make a value a secret if it looks random. */
const WEAK = new Set(
  "key keys token tokens auth apikey pat bearer jwt cookie session signing signature encryption hmac seed otp pin hash webhook dek kek"
    .split(" "),
);

/** Least length of a value under a strong name. */
const LEAST_STRONG = 4;

/** Judges one value. `ownHosts` are hosts that other values of the same source name for a provider. */
export function recognize(
  variable: NamedValue,
  ownHosts: (provider: Provider) => readonly string[] = () => [],
): Verdict {
  const { name, value, certain = false } = variable;
  const empty = emptyReason(value);
  if (
    empty !== null &&
    !(certain && empty !== "empty" && empty !== "already a wisp token" && empty !== "a reference")
  ) {
    return { kind: "plain", why: empty };
  }
  const named = suggestByName(name);
  const byName = named !== undefined && hasShape(named, value) ? named : undefined;
  const byKey = providerOfKey(value);
  if (isPublicName(name) && (byKey === undefined || byKey.id === "google-ai")) {
    return { kind: "plain", why: "public by its name" };
  }
  // The name chooses between two whose keys have the same form.
  if (byKey !== undefined && byName !== undefined) {
    return secretOf(byName, ownHosts(byName), variable);
  }
  if (byKey !== undefined) return secretOf(byKey, ownHosts(byKey), variable);
  const form = formOf(value);
  if (form !== null && form.id !== "jwt") {
    return { kind: "secret", title: form.title, provider: null, reveal: form.reveal, ...UNKNOWN_TERMS };
  }
  if (!certain) {
    const strength = strengthOf(name);
    const setting = settingReason(value);
    const byForm = byName !== undefined && !isAboutName(name) && strength !== "none" && setting === null;
    if (!byForm) {
      if (isAboutName(name)) return { kind: "plain", why: setting ?? "its name tells of a setting" };
      const isNumber = setting === "a number" && strength === "strong" && value.length >= LEAST_STRONG;
      if (setting !== null && !isNumber) return { kind: "plain", why: setting };
      if (form === null && !looksSecret(strength, value)) {
        return {
          kind: "plain",
          why: strength === "none" ? "its name tells of no secret" : "too plain for a secret",
        };
      }
    }
  }
  if (named !== undefined) return secretOf(named, ownHosts(named), variable);
  const terms = withSource(UNKNOWN_TERMS, null, variable);
  return { kind: "secret", title: form?.title ?? "Secret", provider: null, reveal: null, ...terms };
}

function secretOf(provider: Provider, ownHosts: readonly string[], variable: NamedValue): SecretVerdict {
  const { title, reveal = null } = provider;
  const terms = withSource(termsOf(provider, ownHosts), provider, variable);
  return { kind: "secret", title, provider, reveal, ...terms };
}

/** What the source itself says of hosts and place wins over what the catalogue supposes. */
function withSource(
  terms: CredentialTerms,
  provider: Provider | null,
  variable: NamedValue,
): CredentialTerms {
  const { hosts = [], place = null, pair = false } = variable;
  if (provider?.reveal !== undefined) return terms;
  const elsewhere = hosts.some((host) => !terms.hosts.includes(host));
  const own = elsewhere ? { ...terms, hosts } : terms;
  if (pair) return { ...own, type: "basic_auth", place: null };
  return place === null || (hosts.length > 0 && !elsewhere) ? own : { ...own, type: "api_key", place };
}

function hasShape({ keys = [], shapes = [] }: Provider, value: string): boolean {
  return [...keys, ...shapes].some(({ source }) => new RegExp(`^(?:${source})$`).test(value));
}

/** How strongly a name says that its value is a secret. */
function strengthOf(name: string): "strong" | "weak" | "none" {
  const words = wordsOfName(name);
  if (words.some((word) => STRONG.has(word))) return "strong";
  return words.some((word) => WEAK.has(word)) ? "weak" : "none";
}

function looksSecret(strength: "strong" | "weak" | "none", value: string): boolean {
  if (strength === "strong") return value.length >= LEAST_STRONG;
  return strength === "weak" && looksRandom(value);
}
