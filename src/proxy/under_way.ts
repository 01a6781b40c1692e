/**
 * Answers that are still on their way. Whenever a right is taken away, each of them is asked about again, and what may not go
 * on is cut. Nothing is asked at other times, so that an answer costs no more than a place in a set, and a small one not
 * even that.
 *
 * @module
 */

import { type Refusal, toRefusal } from "./refusal.ts";

/** Something that goes on after it was allowed: a response's body, a WebSocket. */
export interface OpenAnswer {
  /** Throws if what it was allowed by does not hold any more. */
  check(): void;
  /** Ends it so that nobody takes it for complete. */
  cut(why: Refusal): void;
}

/** What is under way; told by whoever takes rights away. */
export class UnderWay {
  readonly #open = new Set<OpenAnswer>();
  #changes = 0;
  #isShut = false;
  #isAsking = false;

  /** How often rights have changed; another number than before means that they are to be asked about again. */
  get changes(): number {
    return this.#changes;
  }

  /** Whether a person has locked the vault; it is never opened again under the same proxy. */
  get isShut(): boolean {
    return this.#isShut;
  }

  /** Number of answers that are watched. */
  get size(): number {
    return this.#open.size;
  }

  /** Watches an answer until its work is done. */
  async during<T>(work: Promise<T>, answer: OpenAnswer): Promise<T> {
    this.#open.add(answer);
    try {
      return await work;
    } finally {
      this.#open.delete(answer);
    }
  }

  /** A credential or a caller was changed: cuts what may not go on, once for all changes of this turn. */
  rightsChanged(): void {
    this.#changes++;
    if (this.#isAsking || this.#open.size === 0) return;
    this.#isAsking = true;
    queueMicrotask(() => this.#askAll());
  }

  /** The vault was locked by a person: what a secret was used for, or is searched for secrets, ends as well. */
  shut(): void {
    this.#isShut = true;
    this.rightsChanged();
  }

  #askAll(): void {
    this.#isAsking = false;
    for (const answer of this.#open) {
      try {
        answer.check();
      } catch (error) {
        this.#open.delete(answer);
        answer.cut(toRefusal(error));
      }
    }
  }
}
