/**
 * A caller that lives while its program does: opened at the daemon and held there, also when another daemon takes over.
 *
 * @module
 */

import { fromUtf8, wipe } from "../../core/bytes.ts";
import { FailedError, WispKeyError } from "../../core/errors.ts";
import type { ProxyAccess } from "../../core/run/environment.ts";
import type { Params } from "../../daemon/api.ts";
import type { DaemonClient } from "../backend.ts";
import type { CliIo } from "../io.ts";
import { DEFAULT_PORT } from "../proxy/spec.ts";

/** How long to wait before looking for the daemon again, milliseconds. */
const RETRY_MS = 500;

/** An open caller. */
export class HeldCaller {
  /** Where and as whom the program reaches the proxy. */
  readonly access: ProxyAccess;
  readonly #io: CliIo;
  readonly #id: string;
  readonly #released = Promise.withResolvers<void>();
  #isReleased = false;
  #daemon: DaemonClient;

  private constructor(io: CliIo, daemon: DaemonClient, id: string, access: ProxyAccess) {
    this.#io = io;
    this.#daemon = daemon;
    this.#id = id;
    this.access = access;
  }

  /**
   * Opens a caller and the proxy.
   *
   * @param daemon unlocked; belongs to the caller from now on
   * @throws {WispKeyError} what the daemon could not do.
   */
  static async open(io: CliIo, daemon: DaemonClient, draft: Params<"caller.open">): Promise<HeldCaller> {
    const { result: { caller }, payload } = await daemon.call("caller.open", draft);
    if (payload === undefined) {
      throw new FailedError("cannot open a caller: no secret came", { code: "no_secret" });
    }
    const secret = fromUtf8(payload);
    wipe(payload);
    const { proxy, askingPort, ended } = await holdAtFreePort(daemon, caller.id);
    const access = {
      port: proxy.port,
      askingPort: askingPort ?? proxy.port,
      caller: { name: caller.name, secret },
    };
    const held = new HeldCaller(io, daemon, caller.id, access);
    void held.#keep(ended);
    return held;
  }

  /** Ends the caller; answers the daemon to end as well, if nobody else needs it. The connection stays open. */
  async release(): Promise<DaemonClient> {
    this.#isReleased = true;
    this.#released.resolve();
    try {
      await this.#daemon.call("caller.revoke", { caller: this.#id, ended: true });
    } catch (error) {
      // It was revoked, or its daemon is gone, which comes to the same.
      if (!(error instanceof WispKeyError)) throw error;
    }
    return this.#daemon;
  }

  /** Holds it again whenever the connection is lost, as by an unlock, until it ends. */
  async #keep(ended: Promise<"closed" | string>): Promise<void> {
    for (let why = await ended; why === "closed" && !this.#isReleased;) {
      why = await this.#holdAgain() ?? await this.#pause();
    }
  }

  async #holdAgain(): Promise<string | undefined> {
    let daemon: DaemonClient | null = null;
    try {
      daemon = await this.#io.backend.connect();
      if (daemon === null) return undefined;
      const { ended } = await daemon.holdCaller({
        id: this.#id,
        port: this.access.port,
        askingPort: this.access.askingPort,
      });
      if (this.#isReleased) {
        daemon.close();
        return undefined;
      }
      this.#daemon = daemon;
      return await ended;
    } catch (error) {
      daemon?.close();
      // It is unknown to the new daemon: there is nothing left to hold.
      if (error instanceof WispKeyError && error.code === "caller_not_found") return "ended";
      return undefined; // A daemon that is starting or ending: it is asked again.
    }
  }

  async #pause(): Promise<"closed"> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, RETRY_MS);
    await Promise.race([promise, this.#released.promise]);
    clearTimeout(timer);
    return "closed";
  }
}

/** The usual port, so that a later `serve` finds it there; another one if somebody has it. */
async function holdAtFreePort(daemon: DaemonClient, id: string): ReturnType<DaemonClient["holdCaller"]> {
  try {
    return await daemon.holdCaller({ id, port: DEFAULT_PORT, askingPort: 0 });
  } catch (error) {
    if (!(error instanceof WispKeyError && error.code === "port_in_use")) throw error;
    return await daemon.holdCaller({ id, port: 0, askingPort: 0 });
  }
}
