/**
 * The thread of `checkpointer.ts`. It holds a connection of its own and no key: what it moves is sealed.
 *
 * @module
 */

import { DatabaseSync } from "node:sqlite";
import type { CheckpointOrder, CheckpointReport } from "./checkpointer.ts";

/** With so many pages of 4 KiB the write-ahead file is begun anew, for which writers wait a moment. */
const RESTART_PAGES = 4_000;

/** What of a worker's global object is used here. */
interface WorkerGlobal {
  onmessage: ((message: MessageEvent<CheckpointOrder>) => void) | null;
  postMessage(report: CheckpointReport): void;
}

const thread = globalThis as unknown as WorkerGlobal;
let db: DatabaseSync | undefined;

thread.onmessage = ({ data: order }) => {
  if (order.kind === "end") {
    db?.close();
    thread.postMessage({ done: true, ended: true });
    return;
  }
  try {
    db ??= openDatabase(order.path);
    const pages = checkpoint(db, "PASSIVE");
    // The passive one has moved and synced nearly all; what came meanwhile is little.
    if (pages >= RESTART_PAGES) checkpoint(db, "RESTART");
    thread.postMessage({ done: true, ended: false });
  } catch {
    // A disk that is full or gone: the connection that writes meets it too, and has words for it.
    thread.postMessage({ done: false, ended: false });
  }
};

function openDatabase(path: string): DatabaseSync {
  const opened = new DatabaseSync(path, { timeout: 100 });
  opened.exec(
    "PRAGMA trusted_schema=OFF; PRAGMA synchronous=NORMAL; PRAGMA fullfsync=ON; PRAGMA wal_autocheckpoint=0",
  );
  return opened;
}

/** Pages in the write-ahead file afterwards. A busy database is left for the next time. */
function checkpoint(db: DatabaseSync, mode: "PASSIVE" | "RESTART"): number {
  const row = db.prepare(`PRAGMA wal_checkpoint(${mode})`).get();
  return Number(row?.log ?? 0);
}
