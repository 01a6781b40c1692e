/**
 * Which hosts a credential may go to, asked once for each tunnel: remembered, because a vault may hold very many.
 *
 * @module
 */

import { type MatchableTarget, matchesOrigin } from "../core/host_pattern.ts";
import type { Caller, ProxyCredential } from "../proxy/ports.ts";

/** Answers that are remembered; more begin anew. */
const MAX_ANSWERS = 1_024;

/** Finds a credential for a host. Cleared whenever a credential changes, and when the vault is locked. */
export class ReachIndex {
  readonly #credentials: (caller: Caller) => Iterable<ProxyCredential>;
  readonly #answers = new Map<string, ProxyCredential | null>();

  /** Over the credentials in a caller's scope whose rows are as they ought to be. */
  constructor(credentials: (caller: Caller) => Iterable<ProxyCredential>) {
    this.#credentials = credentials;
  }

  /** Number of answers that are remembered. */
  get size(): number {
    return this.#answers.size;
  }

  /** See `Keyring.credentialFor`. */
  find(target: Pick<MatchableTarget, "scheme" | "host" | "port">, caller: Caller): ProxyCredential | null {
    const { project, credentials: names } = caller;
    const key = JSON.stringify([target.scheme, target.host, target.port, project, names]);
    let answer = this.#answers.get(key);
    if (answer === undefined) {
      answer = this.#search(target, caller);
      if (this.#answers.size >= MAX_ANSWERS) this.#answers.clear();
      this.#answers.set(key, answer);
    }
    return answer;
  }

  /** Forgets all answers. */
  clear(): void {
    this.#answers.clear();
  }

  #search(
    target: Pick<MatchableTarget, "scheme" | "host" | "port">,
    caller: Caller,
  ): ProxyCredential | null {
    for (const credential of this.#credentials(caller)) {
      if (credential.hosts.some((pattern) => matchesOrigin(pattern, target))) return credential;
    }
    return null;
  }
}
