/**
 * Requests that were refused lately, so that who got a refusal can ask about it by its id. In memory: the log counts
 * denials that repeat instead of writing each of them.
 *
 * @module
 */

import type { RefusedRequest } from "../proxy/refused_request.ts";

/** Most requests remembered; the oldest one goes. */
export const MAX_REFUSED = 512;

/** The newest refused requests. */
export class RefusedRequests {
  readonly #byId = new Map<string, RefusedRequest>();

  /** Remembers one. */
  note(refused: RefusedRequest): void {
    this.#byId.set(refused.id, refused);
    if (this.#byId.size <= MAX_REFUSED) return;
    for (const oldest of this.#byId.keys()) {
      this.#byId.delete(oldest);
      return;
    }
  }

  /** The request of an id; undefined if it is not remembered. */
  find(id: string): RefusedRequest | undefined {
    return this.#byId.get(id);
  }
}
