/**
 * The audit log: a table with a keyed chain (`core/audit_chain.ts`) and, beside it, its anchored head.
 *
 * The head moves in the same transaction as the rows, so that rows cut off the end are always missed. What this
 * process has seen it remembers, and refuses to continue a log that went back behind that.
 *
 * @module
 */

import type { AuditEntry, AuditFilter, AuditRow } from "../core/audit.ts";
import {
  type ChainHead,
  type ChainRow,
  type ChainVerdict,
  encodeAuditRow,
  firstLink,
  LINK_LENGTH,
  nextLink,
  verifyChain,
} from "../core/audit_chain.ts";
import { equalInConstantTime } from "../core/bytes.ts";
import { canonical } from "../core/canonical.ts";
import { DeniedError } from "../core/errors.ts";
import { cleanEntry, readAuditRow } from "./audit_columns.ts";
import { Columns } from "./columns.ts";
import type { Database, Row } from "./database.ts";
import { sha256 } from "./hmac.ts";
import { FORMAT_VERSION, type VaultKeys } from "./keys.ts";

/** Where the next row goes: after this number, on this link. */
interface Tail {
  seq: number;
  link: Uint8Array;
}

const INSERT =
  `INSERT INTO audit (seq, at, event, credential, project, token_fingerprint, caller, host, path, method,
  status, denied, reason, refers_to, bytes_out, bytes_in, duration_ms, mac)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

/** Reads and writes the log of one vault. */
export class AuditStore {
  readonly #db: Database;
  readonly #vaultId: string;
  readonly #keys: () => VaultKeys | undefined;
  readonly #leastSeq: () => number;
  #tail: Tail | undefined;
  /** The newest head this process has seen committed. */
  #seen: ChainHead | undefined;
  #pendingHead: ChainHead | undefined;

  /**
   * @param keys the keys, or `undefined` while locked
   * @param leastSeq the log is known, from elsewhere, to have reached at least this row
   */
  constructor(db: Database, vaultId: string, keys: () => VaultKeys | undefined, leastSeq: () => number) {
    this.#db = db;
    this.#vaultId = vaultId;
    this.#keys = keys;
    this.#leastSeq = leastSeq;
    db.onTransactionEnd((committed) => committed ? this.#remember() : this.#forget());
  }

  /**
   * Appends rows in one transaction (or in the one that is open) and answers their numbers. While locked the rows
   * carry no MAC.
   *
   * @param at time of the rows, milliseconds since the epoch
   * @throws {DeniedError} `audit_tampered` if the log went back behind what this process has seen.
   */
  append(entries: readonly AuditEntry[], at: number): number[] {
    if (entries.length === 0) return [];
    return this.#db.transaction("process", () => this.#insert(entries, at));
  }

  /** Reads rows: oldest first, or with `last` newest first. */
  query(filter: AuditFilter = {}): AuditRow[] {
    return queryAudit(this.#db, filter);
  }

  /** The newest row that carries a MAC: its number and link. Number 0 if there is none. */
  head(): ChainHead {
    return this.#readHead(this.#keys())?.head ?? { seq: 0, link: firstLink() };
  }

  /** Number of rows in the log. */
  count(): number {
    return Number(this.#db.prepare("SELECT count(*) AS n FROM audit").get()?.n ?? 0);
  }

  /**
   * Checks the whole log against the chain and its head.
   */
  verify(keys: VaultKeys): ChainVerdict {
    const stored = this.#readHead(keys);
    if (stored === undefined || !stored.trusted) {
      return { ok: false, badSeq: stored?.head.seq ?? 1, reason: "the log's head is not as it was written" };
    }
    const least = Math.max(this.#seen?.seq ?? 0, this.#leastSeq());
    if (stored.head.seq < least) {
      return { ok: false, badSeq: stored.head.seq + 1, reason: "an older log was put in its place" };
    }
    return verifyChain(this.#chainRows(0), stored.head, (m) => keys.mac("audit", m), sha256);
  }

  #insert(entries: readonly AuditEntry[], at: number): number[] {
    const keys = this.#keys();
    if (keys === undefined) return this.#insertUnauthenticated(entries, at);
    const tail = this.#currentTail(keys, at);
    const seqs = entries.map((entry) => this.#insertAfter(tail, keys, entry, at));
    this.#tail = tail;
    this.#writeHead(keys, { ...tail });
    return seqs;
  }

  /** Inserts a row with its MAC and moves `tail` onto it. */
  #insertAfter(tail: Tail, keys: VaultKeys, given: AuditEntry, at: number): number {
    const entry = cleanEntry(given);
    const seq = tail.seq + 1;
    const link = nextLink(tail.link, encodeAuditRow(seq, at, entry), (m) => keys.mac("audit", m));
    this.#insertRow(seq, at, entry, link);
    tail.seq = seq;
    tail.link = link;
    return seq;
  }

  #insertUnauthenticated(entries: readonly AuditEntry[], at: number): number[] {
    let seq = Math.max(this.#lastRow().seq, this.#readHead(undefined)?.head.seq ?? 0);
    return entries.map((entry) => {
      this.#insertRow(++seq, at, cleanEntry(entry), null);
      return seq;
    });
  }

  #insertRow(seq: number, at: number, e: AuditEntry, mac: Uint8Array | null): void {
    this.#db.prepare(INSERT).run(
      seq,
      at,
      e.event,
      e.credential ?? null,
      e.project ?? null,
      e.tokenFingerprint ?? null,
      e.caller ?? null,
      e.host ?? null,
      e.path ?? null,
      e.method ?? null,
      e.status ?? null,
      e.denied === undefined ? null : Number(e.denied),
      e.reason ?? null,
      e.refersTo ?? null,
      e.bytesOut ?? null,
      e.bytesIn ?? null,
      e.durationMs ?? null,
      mac,
    );
  }

  #lastRow(): { seq: number; mac: unknown } {
    const last = this.#db.prepare("SELECT seq, mac FROM audit ORDER BY seq DESC LIMIT 1").get();
    return { seq: Number(last?.seq ?? 0), mac: last?.mac };
  }

  /** Where the log ends: as remembered if nobody else wrote, else as the table and the head tell. */
  #currentTail(keys: VaultKeys, at: number): Tail {
    const last = this.#lastRow();
    const tail = this.#tail;
    if (tail !== undefined && tail.seq === last.seq && isLink(last.mac, tail.link)) return { ...tail };

    const stored = this.#readHead(keys);
    const trusted = stored === undefined ? last.seq === 0 : stored.trusted;
    const head = stored?.head ?? { seq: 0, link: firstLink() };
    const least = Math.max(this.#seen?.seq ?? 0, this.#leastSeq());
    if (trusted && head.seq >= least) return this.#walk(head);

    if (this.#seen !== undefined) {
      throw new DeniedError("cannot write the audit log: it was changed behind our back", {
        code: "audit_tampered",
        hint: "wispkey doctor",
      });
    }
    // A log that was tampered with while no process watched must not keep the owner out. It goes on behind a row
    // that says so, after a gap that no later check overlooks.
    const restart: Tail = { seq: Math.max(head.seq, last.seq, least) + 1, link: firstLink() };
    this.#insertAfter(restart, keys, {
      event: "VaultChangedOutside",
      reason: "the audit log was changed before this row",
    }, at);
    return restart;
  }

  /** From the head over the unauthenticated rows after it. */
  #walk(head: ChainHead): Tail {
    let { seq, link } = head;
    for (const row of this.#chainRows(head.seq)) {
      link = nextLink(link, row.bytes, sha256);
      seq = row.seq;
    }
    return { seq, link };
  }

  *#chainRows(afterSeq: number): Generator<ChainRow, void> {
    const rows = this.#db.prepare("SELECT * FROM audit WHERE seq > ? ORDER BY seq", { bigints: true });
    for (const raw of rows.iterate(afterSeq)) {
      const { row, mac, damaged } = readAuditRow(raw);
      // A damaged row has no bytes that could match.
      yield { seq: row.seq, mac, bytes: damaged ? new Uint8Array(0) : encodeAuditRow(row.seq, row.at, row) };
    }
  }

  #readHead(keys: VaultKeys | undefined): { head: ChainHead; trusted: boolean } | undefined {
    const row = this.#db.prepare("SELECT seq, link, mac FROM audit_head", { bigints: true }).get();
    if (row === undefined) return undefined;
    const columns = new Columns(row);
    const head = { seq: columns.integer("seq"), link: columns.bytes("link") };
    const mac = columns.bytes("mac");
    const wellFormed = !columns.damaged && head.link.length === LINK_LENGTH;
    // Without keys nobody can tell; the rows then written are marked as unauthenticated themselves.
    const trusted = wellFormed && (keys === undefined || equalInConstantTime(this.#headMac(keys, head), mac));
    return { head, trusted };
  }

  #writeHead(keys: VaultKeys, head: ChainHead): void {
    this.#db.prepare(
      `INSERT INTO audit_head (one, seq, link, mac) VALUES (1, ?, ?, ?)
       ON CONFLICT (one) DO UPDATE SET seq = excluded.seq, link = excluded.link, mac = excluded.mac`,
    ).run(head.seq, head.link, this.#headMac(keys, head));
    this.#pendingHead = head;
  }

  #headMac(keys: VaultKeys, head: ChainHead): Uint8Array {
    return keys.mac(
      "rows",
      canonical(["wispkey audit head", FORMAT_VERSION, this.#vaultId, head.seq, head.link]),
    );
  }

  #remember(): void {
    if (this.#pendingHead !== undefined) this.#seen = this.#pendingHead;
    this.#pendingHead = undefined;
  }

  #forget(): void {
    this.#tail = undefined;
    this.#pendingHead = undefined;
  }
}

function isLink(stored: unknown, link: Uint8Array): boolean {
  return stored instanceof Uint8Array && equalInConstantTime(stored, link);
}

/** Reads rows of a log, open or locked: oldest first, or with `last` newest first. */
export function queryAudit(db: Database, filter: AuditFilter): AuditRow[] {
  const conditions: string[] = [];
  const values: (string | number)[] = [];
  const where = (condition: string, value: string | number | undefined) => {
    if (value === undefined) return;
    conditions.push(condition);
    values.push(value);
  };
  where("credential = ?", filter.credential);
  where("event = ?", filter.event);
  where("at >= ?", filter.since);
  where("at < ?", filter.until);
  where("seq > ?", filter.afterSeq);
  const clause = conditions.length === 0 ? "" : `WHERE ${conditions.join(" AND ")}`;
  const order = filter.last === undefined ? "ORDER BY seq" : "ORDER BY seq DESC LIMIT ?";
  if (filter.last !== undefined) values.push(Math.max(0, Math.trunc(filter.last)));
  const statement = db.prepare(`SELECT * FROM audit ${clause} ${order}`, { bigints: true });
  return statement.all(...values).map((row: Row) => readAuditRow(row).row);
}
