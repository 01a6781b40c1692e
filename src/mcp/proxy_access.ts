/**
 * The server's own way through the proxy: a caller named `mcp`, bound to the active project, held for as long as the server
 * lives and is wanted. Holding it keeps the proxy's listener open; what the server opened closes with it.
 *
 * @module
 */

import { fromUtf8, wipe } from "../core/bytes.ts";
import { FailedError, WispKeyError } from "../core/errors.ts";
import type { DaemonClient } from "../daemon/client.ts";
import type { DaemonLink } from "./daemon_link.ts";

/** Name of the server as a caller: what policies and the log call it. */
const CALLER_NAME = "mcp";

/** Where the proxy listens and what the server shows it. */
export interface Access {
  /** Port on 127.0.0.1. */
  readonly port: number;
  /** `http://127.0.0.1:PORT`. */
  readonly address: string;
  /** Value of `Proxy-Authorization`. */
  readonly authorization: string;
}

interface Held {
  readonly access: Access;
  readonly client: DaemonClient;
  readonly id: string;
  /** Settles when the caller ends, or its connection does. */
  readonly ended: Promise<unknown>;
}

/** Opens a caller for a project when it is first wanted, and again when it ended: by a new daemon, or a person. */
export class ProxyAccess {
  readonly #daemon: DaemonLink;
  readonly #port: number;
  readonly #held = new Map<string, Promise<Held>>();
  #closed = false;

  /**
   * Without a caller yet.
   *
   * @param port where the listener is opened if it is closed; another one if somebody has it
   */
  constructor(daemon: DaemonLink, port: number) {
    this.#daemon = daemon;
    this.#port = port;
  }

  /**
   * The way through the proxy as a caller of a project.
   *
   * @throws {WispKeyError} `vault_locked`, or what else the daemon could not do.
   */
  async open(project: string): Promise<Access> {
    if (this.#closed) {
      throw new FailedError("cannot open the proxy: the server is ending", { code: "server_ending" });
    }
    const known = this.#held.get(project);
    if (known !== undefined) return (await known).access;
    const opening = this.#hold(project);
    this.#held.set(project, opening);
    const forget = () => {
      if (this.#held.get(project) === opening) this.#held.delete(project);
    };
    // What went wrong is told to whoever waits below.
    void opening.then(({ ended }) => ended).then(forget, forget);
    return (await opening).access;
  }

  /** Gives a caller up that the proxy does not know any more, unless another one has taken its place. */
  async drop(project: string, failed: Access): Promise<void> {
    const opening = this.#held.get(project);
    // One that could not be opened is told to whoever waits for it.
    const held = await opening?.catch(() => undefined);
    if (held?.access !== failed || this.#held.get(project) !== opening) return;
    this.#held.delete(project);
    await release(opening);
  }

  /** Ends the callers and takes no more. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#held.values()].map(release));
    this.#held.clear();
  }

  async #hold(project: string): Promise<Held> {
    const client = await this.#daemon.connect();
    try {
      const { result: { caller }, payload } = await client.call("caller.open", {
        name: CALLER_NAME,
        project,
        credentials: null,
        seconds: 0,
        intercept: false,
      });
      if (payload === undefined) {
        throw new FailedError("cannot open a caller: no secret came", { code: "no_secret" });
      }
      const authorization = `Basic ${btoa(`${caller.name}:${fromUtf8(payload)}`)}`;
      wipe(payload);
      const { proxy: { port, address }, ended } = await holdAtFreePort(client, caller.id, this.#port);
      void ended.then(() => client.close());
      return { access: { port, address, authorization }, client, id: caller.id, ended };
    } catch (error) {
      client.close();
      throw error;
    }
  }
}

async function release(opening: Promise<Held> | undefined): Promise<void> {
  try {
    const held = await opening;
    if (held === undefined) return;
    try {
      await held.client.call("caller.revoke", { caller: held.id, ended: true });
    } finally {
      held.client.close();
    }
  } catch (error) {
    // It could not be opened, has ended, or its daemon is gone: all come to the same.
    if (!(error instanceof WispKeyError)) throw error;
  }
}

async function holdAtFreePort(
  client: DaemonClient,
  id: string,
  port: number,
): ReturnType<DaemonClient["holdCaller"]> {
  try {
    return await client.holdCaller({ id, port });
  } catch (error) {
    if (!(error instanceof WispKeyError && error.code === "port_in_use")) throw error;
    return await client.holdCaller({ id, port: 0 });
  }
}
