/**
 * Fairness among very many connections.
 *
 * Deno's event loop may finish 128 socket operations a turn (Tokio's cooperative budget). What is over that is put
 * off, and is woken only after the sockets that have become ready in the meantime: with more than 128 busy
 * connections, those that are served keep coming first and the others starve, some for a second. Admitting so few
 * requests a turn that the budget is never used up lets the others in.
 *
 * @module
 */

/** Up to this many connections the budget cannot be used up, and nothing is held back. */
const FREE_CONNECTIONS = 64;
/** A request costs about four operations: two reads, two writes. */
const REQUESTS_PER_TURN = 32;

/** Lets in so many requests in each turn of the event loop, first come, first served. */
export class Turnstile {
  readonly #freeConnections: number;
  readonly #requestsPerTurn: number;
  #connections = 0;
  #admitted = 0;
  #timed = false;
  #waiting: (() => void)[] = [];

  /** Makes a turnstile that stands open up to `freeConnections` connections. */
  constructor(freeConnections: number = FREE_CONNECTIONS, requestsPerTurn: number = REQUESTS_PER_TURN) {
    this.#freeConnections = freeConnections;
    this.#requestsPerTurn = requestsPerTurn;
  }

  /** Counts a connection. */
  enter(): void {
    this.#connections++;
  }

  /** Counts a connection no more. */
  leave(): void {
    this.#connections--;
  }

  /** Asks to handle a request: undefined for at once, else a promise for the turn it may. */
  admit(): Promise<void> | undefined {
    if (this.#connections <= this.#freeConnections && this.#waiting.length === 0) return undefined;
    // A timer, not `setImmediate`: only a timer makes the event loop look after what was put off.
    if (!this.#timed) {
      this.#timed = true;
      setTimeout(() => this.#turn(), 0);
    }
    if (this.#admitted < this.#requestsPerTurn) {
      this.#admitted++;
      return undefined;
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #turn(): void {
    const admitted = this.#waiting.splice(0, this.#requestsPerTurn);
    this.#admitted = admitted.length;
    this.#timed = this.#waiting.length > 0;
    if (this.#timed) setTimeout(() => this.#turn(), 0);
    for (const admit of admitted) admit();
  }
}

/** The turnstile of all listeners of this process: they share one event loop. */
export const sharedTurnstile: Turnstile = new Turnstile();
