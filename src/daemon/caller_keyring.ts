/**
 * The keyring as a caller with a scope of its own sees it: what lies outside does not exist.
 *
 * @module
 */

import type { MatchableTarget } from "../core/host_pattern.ts";
import type { ScrubSet } from "../core/scrub/mod.ts";
import type { Caller, Keyring, ProxyCredential, TokenMatch } from "../proxy/ports.ts";

/** Which credentials somebody may use. */
export interface CallerScope {
  /** Name of the project; null = the scope of plain callers, as it was set at unlock. */
  readonly project: string | null;
  /** Names of the only credentials; null = all. */
  readonly credentials: readonly string[] | null;
}

/** The scope of plain callers. */
export const PLAIN_SCOPE: CallerScope = { project: null, credentials: null };

/** The scope of a caller. */
export function scopeOfCaller({ project, credentials }: Caller): CallerScope {
  return { project, credentials };
}

/** The keyring that this is a part of. */
export interface WholeKeyring extends Keyring {
  /** Looks up an exact token inside a scope. */
  findIn(scope: CallerScope, token: string): TokenMatch;
  /** Those of a scope that may stand in a body. */
  bodyCredentialsOf(scope: CallerScope): readonly ProxyCredential[];
  /** What responses to callers of a project are searched for. */
  scrubSetOf(
    project: string | null,
    target: MatchableTarget,
    carried: readonly ProxyCredential[],
  ): ScrubSet<ProxyCredential> | null;
}

/** A {@linkcode Keyring} for one caller. */
export class CallerKeyring implements Keyring {
  readonly #whole: WholeKeyring;
  readonly #scope: CallerScope;

  /** The part of `whole` that `caller` may use. */
  constructor(whole: WholeKeyring, caller: Caller) {
    this.#whole = whole;
    this.#scope = scopeOfCaller(caller);
  }

  /** See {@linkcode Keyring.locked}. */
  get locked(): boolean {
    return this.#whole.locked;
  }

  /** See {@linkcode Keyring.tokenLengths}. */
  get tokenLengths(): readonly number[] {
    return this.#whole.tokenLengths;
  }

  /** See {@linkcode Keyring.bodyCredentials}. */
  get bodyCredentials(): readonly ProxyCredential[] {
    return this.#whole.bodyCredentialsOf(this.#scope);
  }

  /** See {@linkcode Keyring.find}. */
  find(token: string): TokenMatch {
    return this.#whole.findIn(this.#scope, token);
  }

  /** See {@linkcode Keyring.isLive}. */
  isLive(token: string): boolean {
    return this.#whole.isLive(token);
  }

  /** See {@linkcode Keyring.openValue}. */
  openValue(credential: ProxyCredential): Uint8Array<ArrayBuffer> {
    return this.#whole.openValue(credential);
  }

  /**
   * See {@linkcode Keyring.scrubSet}. Searched for is every secret of the project: a host may hold what others in it have
   * sent, and a caller that may not use a secret is to read it even less.
   */
  scrubSet(target: MatchableTarget, carried: readonly ProxyCredential[]): ScrubSet<ProxyCredential> | null {
    return this.#whole.scrubSetOf(this.#scope.project, target, carried);
  }

  /** See {@linkcode Keyring.credentialFor}. */
  credentialFor(
    target: Pick<MatchableTarget, "scheme" | "host" | "port">,
    caller: Caller,
  ): ProxyCredential | null {
    return this.#whole.credentialFor(target, caller);
  }

  /** See {@linkcode Keyring.used}. */
  used(credential: ProxyCredential): void {
    this.#whole.used(credential);
  }

  /** See {@linkcode Keyring.scopedTo}. */
  scopedTo(caller: Caller): Keyring {
    return this.#whole.scopedTo(caller);
  }
}
