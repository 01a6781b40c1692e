/**
 * The thread of `thread.ts`. It has a connection of its own.
 *
 * @module
 */

import { wipe } from "../../core/bytes.ts";
import { AuditStore } from "./store.ts";
import { beginGeneration } from "./generation.ts";
import { Database } from "../database.ts";
import { guardSchema } from "../schema_guard.ts";
import { HmacKey } from "../hmac.ts";
import type { LogKeyPurpose, LogKeys } from "../keys.ts";
import { LogReport, type Settled } from "./thread_report.ts";
import type { LogThreadMessage, LogThreadReply, SettleOrder } from "./thread.ts";

/** Rows that are put into the index after each order. A little more than an order has, so that none are left behind. */
const INDEX_ROWS = 1_024;

/** So long another process may hold the database locked, milliseconds: the ordering thread may be waiting. */
const WAIT_MS = 1_000;

/** What of a worker's global object is used here. */
interface WorkerGlobal {
  onmessage: ((message: MessageEvent<LogThreadMessage>) => void) | null;
  postMessage(reply: LogThreadReply): void;
}

/** The keys of the log, and no others. */
class Keys implements LogKeys {
  readonly #keys: Readonly<Record<LogKeyPurpose, HmacKey>>;

  /** Wipes what it is given. */
  constructor({ audit, rows }: Readonly<Record<LogKeyPurpose, Uint8Array<ArrayBuffer>>>) {
    this.#keys = { audit: new HmacKey(audit), rows: new HmacKey(rows) };
    wipe(audit, rows);
  }

  mac(purpose: LogKeyPurpose, message: Uint8Array): Uint8Array<ArrayBuffer> {
    return this.#keys[purpose].mac(message);
  }

  wipe(): void {
    this.#keys.audit.wipe();
    this.#keys.rows.wipe();
  }
}

/** The log as this thread writes it. */
class Log {
  readonly #db: Database;
  readonly #audit: AuditStore;
  #dataVersion: number;
  #ownCommits = -1;

  constructor(path: string, vaultId: string, keys: LogKeys) {
    this.#db = Database.open(path, { busyTimeoutMs: WAIT_MS });
    guardSchema(this.#db);
    // The checkpoint has a thread of its own.
    this.#db.exec("PRAGMA wal_autocheckpoint=0");
    // What the vault's record says of the log's end comes with each order.
    this.#audit = new AuditStore(this.#db, vaultId, () => keys, () => 0);
    this.#dataVersion = this.#db.pragma("data_version");
  }

  settle({ generation, rows, seen, ownCommits }: SettleOrder): Settled {
    this.#audit.expect(seen);
    const seqs = this.#db.transaction("process", () => {
      // Nobody else writes from here on.
      this.look(ownCommits);
      if (!beginGeneration(this.#db, generation, generation + 1)) {
        throw new Error("the journal is not of the generation that was ordered");
      }
      return this.#audit.appendRecords(rows);
    });
    const { tail } = this.#audit;
    if (tail === undefined) throw new Error("the log has no end after rows were written");
    return { first: seqs[0] ?? 0, tail };
  }

  index(): void {
    this.#audit.index.step(INDEX_ROWS);
  }

  /** Tells if somebody wrote since the last look. If the ordering thread did too it may have been nobody else. */
  look(ownCommits: number): void {
    const version = this.#db.pragma("data_version");
    const others = version !== this.#dataVersion && ownCommits === this.#ownCommits;
    this.#dataVersion = version;
    this.#ownCommits = ownCommits;
    if (others) thread.postMessage({ kind: "others wrote" });
  }

  close(): void {
    this.#db.close();
  }
}

const thread = globalThis as unknown as WorkerGlobal;
let opened: { report: LogReport; keys: Keys; open: () => Log } | undefined;
let current: Log | undefined;

thread.onmessage = ({ data: message }) => {
  switch (message.kind) {
    case "open": {
      const keys = new Keys(message.keys);
      const { path, vaultId } = message;
      opened = { report: new LogReport(message.report), keys, open: () => new Log(path, vaultId, keys) };
      return;
    }
    case "settle":
      return settle(message);
    case "look":
      return current?.look(message.ownCommits);
    case "end":
      opened?.keys.wipe();
      current?.close();
      thread.postMessage({ kind: "ended" });
  }
};

function settle(order: SettleOrder): void {
  if (opened === undefined) throw new Error("an order came before the vault was opened");
  try {
    current ??= opened.open();
    opened.report.done(current.settle(order));
    thread.postMessage({ kind: "reported" });
    current.index();
  } catch (error) {
    // If it was the index that failed, the report is made already, and whoever has time makes the index.
    opened.report.failed();
    thread.postMessage({ kind: "reported", failure: error instanceof Error ? error.message : String(error) });
  }
}
