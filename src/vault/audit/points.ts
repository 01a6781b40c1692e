/**
 * Rows of the log that are written down outside it under a MAC: its head, which it has reached at least, and its start, the
 * last of the rows that were removed because they were too old.
 *
 * @module
 */

import { type ChainHead, firstLink, LINK_LENGTH } from "../../core/audit_chain.ts";
import { equalInConstantTime } from "../../core/bytes.ts";
import { canonical } from "../../core/canonical.ts";
import { Columns } from "../columns.ts";
import type { Database } from "../database.ts";
import { FORMAT_VERSION, type LogKeys } from "../keys.ts";

/** Which of them; also the name of the table that holds it. */
export type AuditPoint = "audit_head" | "audit_start";

const LABELS: Readonly<Record<AuditPoint, string>> = {
  audit_head: "wispkey audit head",
  audit_start: "wispkey audit start",
};

/** A point as it was read. */
export interface StoredPoint {
  /** The row it names. */
  point: ChainHead;
  /** Whether it is as it was written; without keys, whether it might be. */
  trusted: boolean;
}

/** Reads and writes the points of one vault's log. */
export class AuditPoints {
  readonly #db: Database;
  readonly #vaultId: string;

  /** The points of the vault `vaultId`. */
  constructor(db: Database, vaultId: string) {
    this.#db = db;
    this.#vaultId = vaultId;
  }

  /** Reads one; undefined if it was never written. */
  read(which: AuditPoint, keys: LogKeys | undefined): StoredPoint | undefined {
    const row = this.#db.prepare(`SELECT seq, link, mac FROM ${which}`, { bigints: true }).get();
    if (row === undefined) return undefined;
    const columns = new Columns(row);
    const point = { seq: columns.integer("seq"), link: columns.bytes("link") };
    const mac = columns.bytes("mac");
    const wellFormed = !columns.damaged && point.link.length === LINK_LENGTH;
    // Without keys nobody can tell; the rows then written are marked as unauthenticated themselves.
    const trusted = wellFormed &&
      (keys === undefined || equalInConstantTime(this.#mac(which, keys, point), mac));
    return { point, trusted };
  }

  /** Where the log begins: the sealed start if there is one that is as it was written, else before row 1. */
  start(keys: LogKeys): ChainHead {
    const stored = this.read("audit_start", keys);
    return stored?.trusted === true ? stored.point : { seq: 0, link: firstLink() };
  }

  /** Writes one, inside a transaction. */
  write(which: AuditPoint, keys: LogKeys, point: ChainHead): void {
    this.#db.prepare(
      `INSERT INTO ${which} (one, seq, link, mac) VALUES (1, ?, ?, ?)
       ON CONFLICT (one) DO UPDATE SET seq = excluded.seq, link = excluded.link, mac = excluded.mac`,
    ).run(point.seq, point.link, this.#mac(which, keys, point));
  }

  #mac(which: AuditPoint, keys: LogKeys, { seq, link }: ChainHead): Uint8Array {
    return keys.mac("rows", canonical([LABELS[which], FORMAT_VERSION, this.#vaultId, seq, link]));
  }
}
