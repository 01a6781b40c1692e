/**
 * Connections kept for the next request to the same origin.
 *
 * @module
 */

import { type DeadlineClock, sharedClock } from "./deadline.ts";
import { dial, type Dialled, type DialOptions, type Origin } from "./dial.ts";
import { UpstreamConnection } from "./upstream.ts";

/** Bounds of a pool, and what it is made of. */
export interface PoolOptions {
  /** Idle connections kept for one origin. */
  maxIdlePerOrigin?: number;
  /** Idle connections kept in all. */
  maxIdle?: number;
  /** An idle connection older than this is closed, in milliseconds. */
  idleTimeoutMs?: number;
  /** Makes connections; {@linkcode dial} by default. */
  dial?: (origin: Origin, options: DialOptions) => Promise<Dialled>;
  /** For the deadlines of its connections. */
  clock?: DeadlineClock;
}

/**
 * Keeps idle connections, last in first out. A connection on which anything happens while it is idle, be it bytes or
 * the end, is closed and never used again.
 */
export class ConnectionPool implements Disposable {
  readonly #idle = new Map<string, UpstreamConnection[]>();
  readonly #maxIdlePerOrigin: number;
  readonly #maxIdle: number;
  readonly #idleTimeoutMs: number;
  readonly #dial: (origin: Origin, options: DialOptions) => Promise<Dialled>;
  readonly #clock: DeadlineClock;
  #idleCount = 0;
  #closed = false;

  /** Makes an empty pool. */
  constructor(options: PoolOptions = {}) {
    this.#maxIdlePerOrigin = options.maxIdlePerOrigin ?? 512;
    this.#maxIdle = options.maxIdle ?? 1024;
    this.#idleTimeoutMs = options.idleTimeoutMs ?? 60_000;
    this.#dial = options.dial ?? dial;
    this.#clock = options.clock ?? sharedClock;
  }

  /** Number of idle connections. */
  get idleCount(): number {
    return this.#idleCount;
  }

  /** Takes an idle connection, the one used last, or undefined. */
  takeIdle(origin: Origin): UpstreamConnection | undefined {
    const key = keyOf(origin);
    const connections = this.#idle.get(key);
    if (connections === undefined) return undefined;
    for (;;) {
      const connection = connections.pop();
      if (connections.length === 0) this.#idle.delete(key);
      if (connection === undefined) return undefined;
      this.#idleCount--;
      connection.reader.unwatch();
      connection.readDeadline.disarm();
      const age = Date.now() - connection.idleSince;
      if (
        age >= 0 && age < this.#idleTimeoutMs && !connection.reader.ended && connection.reader.buffered === 0
      ) {
        connection.reused = true;
        return connection;
      }
      connection.close();
    }
  }

  /**
   * Makes a new connection.
   *
   * @throws what {@linkcode dial} throws.
   */
  async connect(origin: Origin, options: DialOptions): Promise<UpstreamConnection> {
    return new UpstreamConnection(origin, await this.#dial(origin, options), this.#clock);
  }

  /** Takes a connection back whose exchange ended cleanly; keeps or closes it. */
  release(connection: UpstreamConnection): void {
    const { reader } = connection;
    const key = keyOf(connection.origin);
    const connections = this.#idle.get(key) ?? [];
    if (
      this.#closed || connection.closed || reader.ended || reader.buffered > 0 ||
      this.#idleCount >= this.#maxIdle || connections.length >= this.#maxIdlePerOrigin
    ) {
      return connection.close();
    }
    connection.idleSince = Date.now();
    connection.readDeadline.arm(this.#idleTimeoutMs);
    connections.push(connection);
    this.#idle.set(key, connections);
    this.#idleCount++;
    reader.relax();
    reader.watch(() => this.#drop(key, connection));
  }

  /** Closes all idle connections; those in use close when they come back. */
  close(): void {
    this.#closed = true;
    for (const connections of this.#idle.values()) {
      for (const connection of connections) connection.close();
    }
    this.#idle.clear();
    this.#idleCount = 0;
  }

  /** The same as `close`. */
  [Symbol.dispose](): void {
    this.close();
  }

  #drop(key: string, connection: UpstreamConnection): void {
    const connections = this.#idle.get(key);
    const index = connections?.indexOf(connection) ?? -1;
    if (connections !== undefined && index >= 0) {
      connections.splice(index, 1);
      if (connections.length === 0) this.#idle.delete(key);
      this.#idleCount--;
    }
    connection.close();
  }
}

function keyOf(origin: Origin): string {
  return `${origin.scheme}://${origin.host}:${origin.port} ${origin.partition ?? ""}`;
}
