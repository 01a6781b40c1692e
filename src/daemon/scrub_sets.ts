/**
 * What responses are searched for, compiled once for each set of credentials that may go to the same host.
 *
 * @module
 */

import { equalInConstantTime, wipe } from "../core/bytes.ts";
import { DeniedError } from "../core/errors.ts";
import { isLoopbackName } from "../core/host_name.ts";
import { type MatchableTarget, mayReceive } from "../core/host_pattern.ts";
import { type ScrubSecret, ScrubSet } from "../core/scrub/mod.ts";
import type { ProxyCredential } from "../proxy/ports.ts";

/**
 * A shorter secret is only looked for where the request carried its token, bytes: that an answer was scrubbed would confirm a
 * guess, and short values can be guessed.
 */
export const UNASKED_MINIMUM = 16;

/** Hosts whose sets are remembered; more begin anew. */
const MAX_HOSTS = 1_024;

/** Where the secrets come from. */
export interface ScrubSource {
  /** Credentials in scope whose rows are as they ought to be. */
  readonly credentials: () => Iterable<ProxyCredential>;
  /** Opens a secret, which is wiped afterwards. Throws {@linkcode DeniedError} for a row that was tampered with. */
  readonly open: (credential: ProxyCredential) => Uint8Array;
}

interface Members {
  readonly credentials: readonly ProxyCredential[];
  /** Those of 16 bytes and more. */
  readonly set: ScrubSet<ProxyCredential> | null;
  /** Those that have something shorter. */
  readonly short: ReadonlySet<ProxyCredential>;
  /** Sets with short secrets, by the ids of those that a request carried. */
  readonly carried: Map<string, ScrubSet<ProxyCredential>>;
}

/** Sets by host. Cleared whenever a credential changes, and when the vault is locked. */
export class ScrubSets {
  readonly #source: ScrubSource;
  readonly #byHost = new Map<string, Members | null>();
  readonly #byIds = new Map<string, Members>();

  /** Empty. */
  constructor(source: ScrubSource) {
    this.#source = source;
  }

  /** The set for a target, held once for the caller; null if there is nothing to look for. */
  take(target: MatchableTarget, carried: readonly ProxyCredential[]): ScrubSet<ProxyCredential> | null {
    const host = isLoopbackName(target.host) ? `${target.host} ${target.port}` : target.host;
    let members = this.#byHost.get(host);
    if (members === undefined) {
      if (this.#byHost.size >= MAX_HOSTS) this.#byHost.clear();
      members = this.#membersOf(target);
      this.#byHost.set(host, members);
    }
    if (members === null) return null;
    const short = members.short;
    const asked = short.size === 0 ? [] : carried.filter((credential) => short.has(credential));
    if (asked.length === 0) return members.set?.retain() ?? null;
    const key = asked.map(({ id }) => id).sort().join();
    let set = members.carried.get(key);
    if (set === undefined) {
      set = this.#compile(members.credentials, new Set(asked));
      members.carried.set(key, set);
    }
    return set.retain();
  }

  /** Forgets all; what is in use is wiped by its last user. */
  clear(): void {
    for (const { set, carried } of this.#byIds.values()) {
      set?.release();
      for (const other of carried.values()) other.release();
    }
    this.#byIds.clear();
    this.#byHost.clear();
  }

  #membersOf(target: MatchableTarget): Members | null {
    const credentials = [...this.#source.credentials()].filter(({ hosts }) =>
      hosts.some((pattern) => mayReceive(pattern, target))
    );
    if (credentials.length === 0) return null;
    const ids = credentials.map(({ id }) => id).join();
    let members = this.#byIds.get(ids);
    if (members === undefined) {
      const set = this.#compile(credentials, new Set());
      const short = new Set(credentials.filter((credential) => this.#hasShort(credential)));
      members = { credentials, set: set.size === 0 ? null : set, short, carried: new Map() };
      this.#byIds.set(ids, members);
    }
    return members;
  }

  #hasShort(credential: ProxyCredential): boolean {
    return this.#withValue(credential, (value) => shortestPart(credential, value) < UNASKED_MINIMUM) ?? false;
  }

  #compile(
    credentials: readonly ProxyCredential[],
    asked: ReadonlySet<ProxyCredential>,
  ): ScrubSet<ProxyCredential> {
    const secrets: ScrubSecret<ProxyCredential>[] = [];
    try {
      for (const credential of credentials) {
        this.#withValue(credential, (value) => {
          const isPair = credential.type === "basic_auth";
          const minimum = asked.has(credential) ? 0 : UNASKED_MINIMUM;
          // A former version of a row with the same value: the present one, which comes first, gives its token.
          const known = secrets.some(({ owner, value: other }) =>
            owner.id === credential.id && equalInConstantTime(other, value)
          );
          if (known) return;
          const copy = value.slice();
          secrets.push({
            owner: credential,
            token: credential.token,
            value: copy,
            kind: { isPair, isHalfOfPair: mayBeHalfOfPair(credential), minimum },
          });
        });
      }
      return new ScrubSet(secrets);
    } finally {
      wipe(...secrets.map(({ value }) => value));
    }
  }

  #withValue<T>(credential: ProxyCredential, use: (value: Uint8Array) => T): T | undefined {
    let value: Uint8Array;
    try {
      value = this.#source.open(credential);
    } catch (error) {
      // Such a row is never sent anywhere, so no response can bring it back.
      if (error instanceof DeniedError) return undefined;
      throw error;
    }
    try {
      return use(value);
    } finally {
      wipe(value);
    }
  }
}

/** Whether the agent may choose what stands beside it in `Authorization: Basic`: as declared, or as the catalogue says. */
function mayBeHalfOfPair({ type, place }: ProxyCredential): boolean {
  return type === "api_key" && (place === null || place.in === "basic");
}

function shortestPart({ type }: ProxyCredential, value: Uint8Array): number {
  return type === "basic_auth" ? value.length - value.indexOf(0x3a) - 1 : value.length;
}
