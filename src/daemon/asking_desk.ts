/**
 * Who needs the ports at which the proxy asks who calls: programs that `run` has started. Each such port is open while
 * somebody holds it, and once more whenever the proxy is opened again.
 *
 * @module
 */

import { logger } from "../platform/logging.ts";
import type { DaemonCore } from "./core.ts";

/** Who held a port at an older daemon has so long to come back, milliseconds. */
const COME_BACK_MS = 10_000;
/** How long requests under way may go on when nobody holds the port any more, milliseconds. */
const DRAIN_MS = 10_000;
/** An older daemon's port may be in use for a moment yet; how often and how long apart to try, milliseconds. */
const PORT_TRIES = 40;
const PORT_WAIT_MS = 50;

const log = logger("daemon");

/** The asking ports, by who holds them. */
export class AskingDesk {
  readonly #core: DaemonCore;
  readonly #holders = new Map<number, Set<AbortSignal>>();
  readonly #leaving = new Set<ReturnType<typeof setTimeout>>();

  /** With no port open. */
  constructor(core: DaemonCore) {
    this.#core = core;
  }

  /** The ports that are held, to be opened again by a successor. */
  get ports(): number[] {
    return [...this.#holders.keys()];
  }

  /**
   * Opens a port, or takes one that is open, until `gone`. The proxy must be open.
   *
   * @param port 0 takes the first that is open, or any free one
   * @throws {FailedError} `port_in_use`, `cannot_listen`, `not_open`.
   */
  hold(port: number, gone: AbortSignal): number {
    const [open] = this.#core.proxy()?.askingPorts ?? [];
    const held = port === 0 && open !== undefined ? open : this.#open(port);
    const holders = this.#holders.get(held) ?? new Set();
    this.#holders.set(held, holders.add(gone));
    const leave = () => {
      holders.delete(gone);
      this.#closeUnheld(held);
    };
    if (gone.aborted) leave();
    else gone.addEventListener("abort", leave, { once: true });
    return held;
  }

  /** Opens the ports of an older daemon, whose holders are about to come. */
  async inherit(ports: readonly number[]): Promise<void> {
    await Promise.all(ports.map(async (port) => {
      this.#holders.set(port, new Set());
      if (!(await this.#openAgain(port))) this.#holders.delete(port);
      this.#leaving.add(setTimeout(() => this.#closeUnheld(port), COME_BACK_MS));
    }));
  }

  /** Opens what is held, after the proxy was closed and opened again. */
  reopen(): void {
    for (const port of this.#holders.keys()) {
      try {
        this.#open(port);
      } catch (error) {
        log.error("cannot open a port of a running program again", { port, error });
      }
    }
  }

  /** Forgets who may yet come back, when the daemon ends. */
  end(): void {
    for (const timer of this.#leaving) clearTimeout(timer);
    this.#leaving.clear();
  }

  #open(port: number): number {
    return port !== 0 && this.#core.proxy()?.askingPorts.includes(port) === true
      ? port
      : this.#core.openAsking(port);
  }

  async #openAgain(port: number): Promise<boolean> {
    for (let tries = 1;; tries++) {
      try {
        this.#open(port);
        return true;
      } catch (error) {
        if (tries === PORT_TRIES) {
          log.error("cannot open the older daemon's port again", { port, error });
          return false;
        }
        await new Promise((resolve) => setTimeout(resolve, PORT_WAIT_MS));
      }
    }
  }

  #closeUnheld(port: number): void {
    if (this.#holders.get(port)?.size !== 0) return;
    this.#holders.delete(port);
    this.#core.closeAsking(port, DRAIN_MS).catch((error) => {
      log.error("a port did not close cleanly", { port, error });
    });
  }
}
