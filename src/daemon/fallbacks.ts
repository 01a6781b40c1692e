/**
 * Secrets from the environment that stand in for credentials the vault does not hold yet. Taken out of the environment
 * when the daemon starts, kept masked, and gone with the key.
 *
 * @module
 */

import { utf8, wipe } from "../core/bytes.ts";
import type { CredentialType } from "../core/credential.ts";
import {
  FALLBACK_PREFIX,
  fallbackToken,
  type FallbackVariable,
  fallbackVariables,
  slugOfToken,
} from "../core/fallback.ts";
import type { HostPattern } from "../core/host_pattern.ts";
import type { ProxyCredential } from "../proxy/ports.ts";
import { MaskedSecret } from "./masked_secret.ts";

/** Longer values are no API keys, bytes. */
const MAX_FALLBACK_LENGTH = 8 * 1024;

/** A fallback as the proxy sees it. It belongs to no project, so that callers bound to one do not have it. */
export class FallbackCredential implements ProxyCredential {
  /** Its variable; callers and the log know it by this name. */
  readonly name: string;
  readonly id: string;
  readonly project = "";
  readonly type: CredentialType;
  readonly place = null;
  readonly hosts: readonly HostPattern[];
  readonly token: string;
  readonly tokenFingerprint: string;
  readonly fallback = true;
  /** Slug of the tokens it stands in for. */
  readonly slug: string;
  readonly #secret: MaskedSecret;

  /** Masks a copy of `secret`. */
  constructor({ variable, slug, hosts, type }: FallbackVariable, secret: Uint8Array, fingerprint: string) {
    this.name = variable;
    this.id = `fallback:${slug}`;
    this.slug = slug;
    this.type = type;
    this.hosts = hosts;
    this.token = fallbackToken(slug);
    this.tokenFingerprint = fingerprint;
    this.#secret = new MaskedSecret(secret);
  }

  /** The secret, in a buffer that the caller wipes. */
  openValue(): Uint8Array<ArrayBuffer> {
    return this.#secret.open();
  }

  /** Overwrites the secret. */
  wipe(): void {
    this.#secret.wipe();
  }
}

/** What is read and cleared; `Deno.env` is one. */
export interface EnvironmentPort {
  /** All variables. */
  toObject(): Record<string, string>;
  /** Removes one. */
  delete(name: string): void;
}

/** A variable taken out of the environment, with its value. */
export interface TakenFallback {
  /** What it is. */
  readonly variable: FallbackVariable;
  /** Its value; wiped once it is masked. */
  readonly secret: Uint8Array<ArrayBuffer>;
}

/** Takes all fallback variables out of an environment; nothing of them is left in it. */
export function takeFallbacks(environment: EnvironmentPort): TakenFallback[] {
  const all = environment.toObject();
  const taken = fallbackVariables(all).map((variable) => ({
    variable,
    secret: utf8(all[variable.variable] ?? ""),
  }));
  for (const name of Object.keys(all)) if (name.startsWith(FALLBACK_PREFIX)) environment.delete(name);
  return taken.filter(({ secret }) => {
    if (secret.length <= MAX_FALLBACK_LENGTH) return true;
    wipe(secret);
    return false;
  });
}

/** The fallbacks of a daemon, by slug. */
export class Fallbacks {
  readonly #bySlug = new Map<string, FallbackCredential>();

  /**
   * Masks the values and wipes what it was given.
   *
   * @param fingerprint keyed fingerprint of a token for the log
   */
  constructor(taken: readonly TakenFallback[], fingerprint: (token: string) => string) {
    for (const { variable, secret } of taken) {
      const token = fallbackToken(variable.slug);
      this.#bySlug.set(variable.slug, new FallbackCredential(variable, secret, fingerprint(token)));
      wipe(secret);
    }
  }

  /** Number of fallbacks. */
  get size(): number {
    return this.#bySlug.size;
  }

  /** All of them. */
  credentials(): Iterable<FallbackCredential> {
    return this.#bySlug.values();
  }

  /** The fallback that stands in for a token the vault knows nothing of. */
  find(token: string): FallbackCredential | undefined {
    if (this.#bySlug.size === 0) return undefined;
    const slug = slugOfToken(token);
    return slug === null ? undefined : this.#bySlug.get(slug);
  }

  /** Overwrites and forgets all of them. */
  wipe(): void {
    for (const credential of this.#bySlug.values()) credential.wipe();
    this.#bySlug.clear();
  }
}
