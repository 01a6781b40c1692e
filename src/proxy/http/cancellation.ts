/**
 * One-way news that something is over. It does what an `AbortSignal` does for one event at a fraction of its price,
 * which counts on the path of every request.
 *
 * @module
 */

/** Something that happens at most once. */
export class Cancellation {
  #reason: Error | undefined;
  #listeners: Set<(reason: Error) => void> | undefined;
  #controller: AbortController | undefined;

  /** Whether it has happened. */
  get cancelled(): boolean {
    return this.#reason !== undefined;
  }

  /** Why it happened. */
  get reason(): Error | undefined {
    return this.#reason;
  }

  /** The same as a standard signal, for what takes one; made when first asked for. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#reason !== undefined) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  /** Lets it happen; later calls do nothing. */
  cancel(reason: Error): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    const listeners = this.#listeners;
    this.#listeners = undefined;
    if (listeners !== undefined) { for (const listener of listeners) listener(reason); }
    this.#controller?.abort(reason);
  }

  /** Calls `listener` when it happens, at once if it has; listeners must not throw. */
  subscribe(listener: (reason: Error) => void): void {
    if (this.#reason !== undefined) listener(this.#reason);
    else (this.#listeners ??= new Set()).add(listener);
  }

  /** Forgets a listener. */
  unsubscribe(listener: (reason: Error) => void): void {
    this.#listeners?.delete(listener);
  }
}
