/**
 * One port on the loopback addresses of this machine, for as many connections as allowed.
 *
 * @module
 */

import { FailedError } from "../../core/errors.ts";
import { closeQuietly } from "./dial.ts";
import { HttpError, reasonOf } from "./errors.ts";
import { type RequestHandler, ServerConnection, type ServerOptions } from "./server.ts";
import { refuseConnection } from "./refuse.ts";

/** What a listener is given. */
export interface ListenOptions extends Omit<ServerOptions, "remote"> {
  /** Port; 0 takes any that is free on both addresses. */
  port: number;
  /** Read for each connection: how many may be open at once. */
  maxConnections: () => number;
}

/** How often a free port is looked for that is free on IPv6, too. */
const PORT_ATTEMPTS = 20;
const IPV4 = "127.0.0.1";
const IPV6 = "::1";

/**
 * Listens on `127.0.0.1` and, where there is IPv6, on `::1` with the same port.
 *
 * @throws {FailedError} `port_in_use` or `cannot_listen`.
 */
export function listen(options: ListenOptions, handler: RequestHandler): HttpListener {
  return new HttpListener(bindBoth(options.port), options, handler);
}

/** An open port; made by {@linkcode listen}. */
export class HttpListener implements AsyncDisposable {
  /** The port, the same on both addresses. */
  readonly port: number;
  readonly #listeners: readonly Deno.TcpListener[];
  readonly #options: ListenOptions;
  readonly #handler: RequestHandler;
  readonly #connections = new Map<ServerConnection, Promise<void>>();
  readonly #accepting: Promise<unknown>;
  #closed = false;

  /** Begins to accept. */
  constructor(listeners: readonly Deno.TcpListener[], options: ListenOptions, handler: RequestHandler) {
    this.port = portOf(listeners[0]);
    this.#listeners = listeners;
    this.#options = options;
    this.#handler = handler;
    this.#accepting = Promise.all(listeners.map((listener) => this.#accept(listener)));
  }

  /** Number of connections being served. */
  get connections(): number {
    return this.#connections.size;
  }

  /** The addresses it listens on. */
  get addresses(): string[] {
    return this.#listeners.map((listener) => (listener.addr as Deno.NetAddr).hostname);
  }

  /**
   * Takes no more connections, ends the idle ones, and gives the others `drainMs` milliseconds to finish the request
   * they are at. Resolves when the last one is closed. What was taken over is not waited for.
   */
  async close({ drainMs = 0 }: { drainMs?: number } = {}): Promise<void> {
    this.#closed = true;
    for (const listener of this.#listeners) closeQuietly(listener);
    await this.#accepting;
    for (const connection of this.#connections.keys()) connection.drain();
    const timer = setTimeout(() => {
      for (const connection of this.#connections.keys()) connection.abort();
    }, drainMs);
    await Promise.all(this.#connections.values());
    clearTimeout(timer);
  }

  /** Closes without draining. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #accept(listener: Deno.TcpListener): Promise<void> {
    while (!this.#closed) {
      let stream: Deno.TcpConn;
      try {
        stream = await listener.accept();
      } catch (error) {
        if (this.#closed) return;
        // A connection that broke before it was taken, or no file descriptors left: both pass.
        if (!(error instanceof Deno.errors.ConnectionAborted)) await pause();
        continue;
      }
      this.#serve(stream);
    }
  }

  #serve(stream: Deno.TcpConn): void {
    try {
      stream.setNoDelay(true);
    } catch {
      // The client has already gone; serving it finds that out.
    }
    if (this.#connections.size >= this.#options.maxConnections()) {
      const error = new HttpError(
        503,
        "too_many_connections",
        "cannot take the connection: too many are open",
      );
      return void refuseConnection(stream, this.#options.onError(error));
    }
    const { hostname, port } = stream.remoteAddr;
    const connection = new ServerConnection(stream, this.#handler, {
      ...this.#options,
      remote: `${hostname}:${port}`,
    });
    this.#connections.set(connection, connection.serve().finally(() => this.#connections.delete(connection)));
  }
}

function bindBoth(port: number): Deno.TcpListener[] {
  for (let attempt = 1;; attempt++) {
    const first = bind(IPV4, port);
    try {
      return [first, bind(IPV6, portOf(first))];
    } catch (error) {
      if (error instanceof FailedError && error.code === "no_such_address") return [first];
      closeQuietly(first);
      // Asked for any port, and the one that was free on IPv4 is taken on IPv6: try another.
      if (port === 0 && attempt < PORT_ATTEMPTS) continue;
      throw error;
    }
  }
}

function bind(hostname: string, port: number): Deno.TcpListener {
  try {
    return Deno.listen({ hostname, port });
  } catch (cause) {
    if (cause instanceof Deno.errors.AddrInUse) {
      throw new FailedError(`cannot listen on port ${port}: another program uses it`, {
        code: "port_in_use",
        hint: "wispkey serve --random-port",
        cause,
      });
    }
    if (cause instanceof Deno.errors.PermissionDenied) {
      throw new FailedError(`cannot listen on port ${port}: this user may not use it`, {
        code: "port_not_allowed",
        hint: "wispkey serve --random-port",
        cause,
      });
    }
    const code = hostname === IPV6 ? "no_such_address" : "cannot_listen";
    throw new FailedError(`cannot listen on ${hostname} port ${port}: ${reasonOf(cause)}`, { code, cause });
  }
}

function portOf(listener: Deno.TcpListener | undefined): number {
  return (listener?.addr as Deno.NetAddr).port;
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 50));
}
