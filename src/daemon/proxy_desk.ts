/**
 * Who opens and closes the proxy's listener: calls, watchers that are attached to it, an older daemon's bequest. Keeps
 * `proxy.json` in step.
 *
 * @module
 */

import { FailedError } from "../core/errors.ts";
import { logger } from "../platform/logging.ts";
import type { Params, ProxyInfo } from "./api.ts";
import type { DaemonCore } from "./core.ts";
import { writeProxyFile } from "./info.ts";
import type { InheritedProxy } from "./succession.ts";

/** A watcher that was attached to an older daemon has so long to come back, milliseconds. */
const REATTACH_MS = 10_000;
/** How long requests under way may go on when the listener closes and the daemon stays, milliseconds. */
const DRAIN_MS = 10_000;
/** An older daemon's port may be in use for a moment yet; how often and how long apart to try, milliseconds. */
const PORT_TRIES = 40;
const PORT_WAIT_MS = 50;

const log = logger("daemon");

/** The proxy's listener, opened and closed by one at a time. */
export class ProxyDesk {
  readonly #core: DaemonCore;
  readonly #file: string;
  readonly #attached = new Set<AbortSignal>();
  readonly #closed = new Set<() => void>();
  #turn: Promise<unknown> = Promise.resolve();
  #draining: Promise<void> = Promise.resolve();
  #reattach: ReturnType<typeof setTimeout> | undefined;

  /**
   * With the listener closed.
   *
   * @param core whose proxy it is
   * @param file path of `proxy.json`
   */
  constructor(core: DaemonCore, file: string) {
    this.#core = core;
    this.#file = file;
  }

  /** Whether somebody is attached who wants the listener closed when they go. */
  get attached(): boolean {
    return this.#attached.size > 0 || this.#reattach !== undefined;
  }

  /**
   * Opens the listener, or answers the one that is open.
   *
   * @throws {FailedError} `proxy_running` if it is open on another port than the one asked for.
   */
  open({ port, explicitPort, intercept = false }: Params<"proxy.open">): Promise<ProxyInfo> {
    return this.#inTurn(async () => {
      const running = this.#core.proxy();
      if (running === null) return await this.#open(port, intercept);
      if (explicitPort && port !== 0 && port !== running.port) {
        throw new FailedError(
          `cannot listen on port ${port}: the proxy already listens on port ${running.port}`,
          { code: "proxy_running", hint: "wispkey stop" },
        );
      }
      return intercept && !running.intercept ? this.#core.interceptAll() : running;
    });
  }

  /** Opens an older daemon's listener again; if its port is gone, the daemon goes on without. */
  inherit({ port, attached, intercept = false }: InheritedProxy): Promise<void> {
    return this.#inTurn(async () => {
      try {
        await this.#openAgain(port, intercept);
      } catch (error) {
        log.error("cannot open the older daemon's port again", { port, error });
        return;
      }
      if (!attached) return;
      this.#reattach = setTimeout(() => {
        this.#reattach = undefined;
        if (!this.attached) void this.close(DRAIN_MS);
      }, REATTACH_MS);
    });
  }

  /**
   * Closes the listener; false if it was not open. Requests under way go on for at most `drainMs`, see
   * {@linkcode drained}.
   */
  close(drainMs: number = DRAIN_MS): Promise<boolean> {
    return this.#inTurn(async () => {
      clearTimeout(this.#reattach);
      this.#reattach = undefined;
      if (this.#core.proxy() === null) return false;
      this.#draining = this.#core.closeProxy(drainMs).catch((error) => {
        log.error("the proxy did not close cleanly", { error });
      });
      await Deno.remove(this.#file).catch(() => undefined); // Somebody tidied up already.
      for (const tell of this.#closed) tell();
      this.#closed.clear();
      return true;
    });
  }

  /** Settles when the requests that were under way at the last closing have ended. */
  drained(): Promise<void> {
    return this.#draining;
  }

  /** Calls back once when the listener closes; the result takes that back. */
  onClose(callback: () => void): () => void {
    this.#closed.add(callback);
    return () => this.#closed.delete(callback);
  }

  /** Closes the listener when the last of those attached is gone. */
  attach(gone: AbortSignal): void {
    clearTimeout(this.#reattach);
    this.#reattach = undefined;
    this.#attached.add(gone);
    gone.addEventListener("abort", () => {
      this.#attached.delete(gone);
      if (!this.attached) void this.close();
    }, { once: true });
  }

  async #openAgain(port: number, intercept: boolean): Promise<void> {
    for (let tries = 1;; tries++) {
      try {
        await this.#open(port, intercept);
        return;
      } catch (error) {
        if (tries === PORT_TRIES) throw error;
        await new Promise((resolve) => setTimeout(resolve, PORT_WAIT_MS));
      }
    }
  }

  async #open(port: number, intercept: boolean): Promise<ProxyInfo> {
    const info = await this.#core.openProxy(port, intercept);
    await writeProxyFile(this.#file, info);
    return info;
  }

  #inTurn<T>(act: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(act);
    this.#turn = result.catch(() => undefined); // Its caller is told; the next one takes its turn all the same.
    return result;
  }
}
