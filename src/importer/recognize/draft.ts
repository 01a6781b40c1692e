/**
 * From a provider to a credential: type, place and hosts.
 *
 * @module
 */

import type { CredentialType, Place } from "../../core/credential.ts";
import type { Provider, ProviderPlace } from "../../core/provider.ts";

/** What decides where a secret may go. */
export interface CredentialTerms {
  /** Its type. */
  readonly type: CredentialType;
  /** The declared place, where the type needs one or the host is not in the catalogue. */
  readonly place: Place | null;
  /** Where it may go; none = nowhere yet. */
  readonly hosts: readonly string[];
}

/** Terms of a secret of nobody known: a generic key without a host. */
export const UNKNOWN_TERMS: CredentialTerms = { type: "api_key", place: null, hosts: [] };

/**
 * The terms of a provider's key.
 *
 * @param ownHosts hosts of the person's own account or registry, which the catalogue cannot know
 */
export function termsOf(provider: Provider, ownHosts: readonly string[] = []): CredentialTerms {
  const hosts = [...new Set([...provider.hosts, ...ownHosts])];
  const [first] = provider.places;
  if (first === undefined) return UNKNOWN_TERMS;
  const { type } = provider;
  if (type === "custom_header" && first.in === "header") {
    return { type, place: { in: "header", name: first.name }, hosts };
  }
  if (type === "query_param" && first.in === "query") {
    return { type, place: { in: "query", name: first.name }, hosts };
  }
  // For hosts of the catalogue the places are known there; elsewhere they have to be declared.
  const needsPlace = type === "api_key" && provider.hosts.length === 0;
  return { type, place: needsPlace ? declared(first) : null, hosts };
}

function declared(place: ProviderPlace): Place | null {
  switch (place.in) {
    case "basic":
      return { in: "basic", part: place.part };
    case "query":
      return { in: "query", name: place.name };
    case "header": {
      const usual = place.name === "authorization" &&
        (place.scheme === undefined || place.scheme === "bearer" || place.scheme === "token");
      return usual ? null : { in: "header", name: place.name };
    }
  }
}
