/**
 * Puts rows into the log on a thread of its own. A row costs as much as a tenth of the request it tells of, and hundreds
 * at once hold up every other request; so while many come, another thread makes their links and commits them.
 *
 * @module
 */

import { logger } from "../../platform/logging.ts";
import type { TimedRecord } from "./store.ts";
import type { LogKeyPurpose, VaultKeys } from "../keys.ts";
import { LogReport, ReportState, type Settled } from "./thread_report.ts";

/** What the thread has to know of the vault. */
export interface LogThreadVault {
  /** The database. */
  readonly path: string;
  /** Id of the vault. */
  readonly vaultId: string;
}

/** Rows that are to go into the log in one transaction. */
export interface SettleOrder {
  /** The journal's generation that holds them; the next one begins with them. */
  readonly generation: number;
  /** The rows. */
  readonly rows: readonly TimedRecord[];
  /** The log is known to have reached this row. */
  readonly seen: number;
  /** Transactions that the connection of the ordering thread has committed so far. */
  readonly ownCommits: number;
}

/** What the thread is told. The report's memory is shared; keys are handed over, and wiped by the thread. */
export type LogThreadMessage =
  | (LogThreadVault & {
    readonly kind: "open";
    readonly report: SharedArrayBuffer;
    readonly keys: Readonly<Record<LogKeyPurpose, Uint8Array<ArrayBuffer>>>;
  })
  | ({ readonly kind: "settle" } & SettleOrder)
  | { readonly kind: "look"; readonly ownCommits: number }
  | { readonly kind: "end" };

/** What it answers. */
export type LogThreadReply =
  /** There is a report to be read. */
  | { readonly kind: "reported"; readonly failure?: string }
  /** Somebody else than this process wrote to the database. */
  | { readonly kind: "others wrote" }
  /** The keys are wiped, the database is closed. */
  | { readonly kind: "ended" };

/** For so long the ordering thread waits for an order that it needs done at once, milliseconds. */
const PATIENCE_MS = 15_000;

const log = logger("vault");

/** The thread of one open vault. It has the keys of the log, and no others. */
export class LogThread {
  readonly #report = new LogReport();
  readonly #worker: Worker;
  readonly #onOthersWrote: () => void;
  /** Told what came of the order under way; undefined if it cannot be known to have been carried out. */
  #listener: ((settled: Settled | undefined) => void) | undefined;
  #dead = false;
  readonly #ended = Promise.withResolvers<void>();

  /**
   * Starts the thread.
   *
   * @param onOthersWrote called when it notices that somebody else than this process has written to the database
   */
  constructor(vault: LogThreadVault, keys: VaultKeys, onOthersWrote: () => void) {
    this.#onOthersWrote = onOthersWrote;
    this.#worker = new Worker(new URL("./thread_worker.ts", import.meta.url), {
      type: "module",
      name: "log",
    });
    this.#worker.onmessage = ({ data }: MessageEvent<LogThreadReply>) => this.#hear(data);
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#die();
    };
    const given = { audit: new Uint8Array(keys.key("audit")), rows: new Uint8Array(keys.key("rows")) };
    this.#tell({ kind: "open", ...vault, report: this.#report.buffer, keys: given }, [
      given.audit.buffer,
      given.rows.buffer,
    ]);
  }

  /** Whether it takes orders: not while one is under way, and not after it failed. */
  get ready(): boolean {
    return !this.#dead && this.#listener === undefined;
  }

  /** Whether it does not take orders any more. */
  get dead(): boolean {
    return this.#dead;
  }

  /**
   * Gives an order; only while {@linkcode ready}.
   *
   * @param listener called once, never from inside this call: with what came of it, or with undefined if the thread failed
   */
  settle(order: SettleOrder, listener: (settled: Settled | undefined) => void): void {
    if (!this.ready) throw new Error("the thread of the log has something to do");
    this.#listener = listener;
    this.#report.begin();
    this.#tell({ kind: "settle", ...order });
  }

  /** Makes it look whether somebody else has written to the database. */
  look(ownCommits: number): void {
    if (!this.#dead) this.#tell({ kind: "look", ownCommits });
  }

  /** Holds the calling thread until the order under way is done, and its listener told; a thread that takes longer is given up. */
  wait(ms: number = PATIENCE_MS): void {
    if (this.#listener === undefined) return;
    if (!this.#report.wait(ms)) this.#die();
    else this.#collect();
  }

  /** Ends the thread after the order under way; resolves once it has wiped its keys and closed the database. Idempotent. */
  async end(): Promise<void> {
    if (!this.#dead) {
      this.#dead = true;
      this.#tell({ kind: "end" });
    }
    await this.#ended.promise;
    this.#worker.terminate();
  }

  #tell(message: LogThreadMessage, transfer: Transferable[] = []): void {
    this.#worker.postMessage(message, transfer);
  }

  #hear(reply: LogThreadReply): void {
    if (reply.kind === "ended") return this.#ended.resolve();
    if (reply.kind === "others wrote") return this.#onOthersWrote();
    if (reply.failure !== undefined) {
      log.warn("the thread of the log has failed", { error: new Error(reply.failure) });
    }
    this.#collect();
  }

  #collect(): void {
    const listener = this.#listener;
    const state = this.#report.state;
    if (listener === undefined || state === ReportState.Busy) return;
    this.#listener = undefined;
    if (state === ReportState.Done) return listener(this.#report.read());
    // What it met (a full disk, a log that was changed) whoever settles the rows instead meets too, and has words for it.
    listener(undefined);
  }

  /** A thread that broke, or does not answer. It may still commit what it was given. */
  #die(): void {
    this.#dead = true;
    this.#worker.terminate();
    this.#ended.resolve();
    const listener = this.#listener;
    this.#listener = undefined;
    listener?.(undefined);
  }
}
