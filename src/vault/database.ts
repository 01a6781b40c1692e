/**
 * A SQLite database in write-ahead mode, as the vault uses it: statements prepared once, one transaction at a time,
 * errors in our own words.
 *
 * @module
 */

import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import { FailedError } from "../core/errors.ts";
import { Checkpointer } from "./checkpointer.ts";
import { sqliteError } from "./sqlite_errors.ts";

/** Marks a SQLite file as a vault ("WkVt"). */
export const APPLICATION_ID = 0x576b5674;

/** What a column may hold. */
export type SqlValue = null | number | bigint | string | Uint8Array;

/** A row as read: column by name. */
export type Row = Record<string, SqlValue>;

/** Another process may hold the write lock for so long before we give up, milliseconds. */
export const BUSY_TIMEOUT_MS = 5_000;

/** The write-ahead file is moved into the database by a commit that makes it this long, in pages of 4 KiB. */
const OWN_CHECKPOINT_PAGES = 4_000;
/** The same where a thread does it: only if that does not keep up. */
const SPARE_CHECKPOINT_PAGES = 40_000;

/** How to open a database. */
export interface DatabaseOptions {
  /** Open for reading only. */
  readOnly?: boolean;
  /** See {@linkcode BUSY_TIMEOUT_MS}. */
  busyTimeoutMs?: number;
}

/** A prepared statement whose errors are ours. */
export class Statement {
  readonly #statement: StatementSync;
  readonly #path: string;

  /** Wraps a statement of the database at `path`. */
  constructor(statement: StatementSync, path: string) {
    this.#statement = statement;
    this.#path = path;
  }

  /** Runs it; answers the number of changed rows. */
  run(...values: SQLInputValue[]): number {
    try {
      return Number(this.#statement.run(...values).changes);
    } catch (error) {
      throw sqliteError(error, this.#path);
    }
  }

  /** The first row. */
  get(...values: SQLInputValue[]): Row | undefined {
    try {
      return this.#statement.get(...values) as Row | undefined;
    } catch (error) {
      throw sqliteError(error, this.#path);
    }
  }

  /** All rows. */
  all(...values: SQLInputValue[]): Row[] {
    try {
      return this.#statement.all(...values) as Row[];
    } catch (error) {
      throw sqliteError(error, this.#path);
    }
  }

  /** All rows as lists of their columns' values, in a third less time; only for a statement prepared with `lists`. */
  lists(...values: SQLInputValue[]): SqlValue[][] {
    return this.all(...values) as unknown as SqlValue[][];
  }

  /** Rows one by one, for tables that may be long. */
  *iterate(...values: SQLInputValue[]): Generator<Row, void> {
    try {
      yield* this.#statement.iterate(...values) as Iterable<Row>;
    } catch (error) {
      throw sqliteError(error, this.#path);
    }
  }
}

/** An open database. */
export class Database {
  /** Where it lies. */
  readonly path: string;
  readonly #db: DatabaseSync;
  #busyTimeoutMs: number;
  readonly #statements = new Map<string, Statement>();
  readonly #endListeners: ((committed: boolean) => void)[] = [];
  #onBegin: () => void = () => {};
  #commits = 0;

  private constructor(db: DatabaseSync, path: string, busyTimeoutMs: number) {
    this.#db = db;
    this.#busyTimeoutMs = busyTimeoutMs;
    this.path = path;
  }

  /**
   * Opens an existing file, which the caller has created with the mode it must have: the write-ahead files inherit it.
   *
   * @throws {FailedError} `vault_corrupt`, `vault_busy`, `vault_read_only`.
   */
  static open(path: string, options: DatabaseOptions = {}): Database {
    const readOnly = options.readOnly ?? false;
    const timeout = Math.trunc(options.busyTimeoutMs ?? BUSY_TIMEOUT_MS);
    let db: DatabaseSync | undefined;
    try {
      db = new DatabaseSync(path, {
        readOnly,
        timeout,
        enableForeignKeyConstraints: true,
        enableDoubleQuotedStringLiterals: false,
      });
      // What is deleted or replaced (old wrapped keys, removed values) is overwritten, not left in free pages.
      // A schema planted by someone else must not run functions or rewrite itself.
      db.exec("PRAGMA trusted_schema=OFF; PRAGMA secure_delete=ON");
      // Another program's database, such as a vault of an earlier build, is refused soon, and stays as it is.
      if (!readOnly && !isForeign(db)) {
        // On macOS a sync leaves data in the disk's own cache unless all of it is asked for; elsewhere that changes nothing.
        db.exec(
          "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA fullfsync=ON; " +
            `PRAGMA wal_autocheckpoint=${OWN_CHECKPOINT_PAGES}`,
        );
      }
      db.prepare("SELECT count(*) FROM sqlite_schema").get();
      return new Database(db, path, timeout);
    } catch (error) {
      db?.close();
      throw sqliteError(error, path);
    }
  }

  /**
   * A statement, prepared at first use and kept.
   *
   * @param bigints read integers as `bigint`: for rows that others may have written, where a number beyond 2^53
   * must not end the whole query
   * @param lists see {@linkcode Statement.lists}
   */
  prepare(sql: string, options: { bigints?: boolean; lists?: boolean } = {}): Statement {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    try {
      const prepared = this.#db.prepare(sql);
      if (options.bigints) prepared.setReadBigInts(true);
      // The runtime has it (node:sqlite), its types do not name it yet.
      if (options.lists) {
        (prepared as StatementSync & { setReturnArrays(on: boolean): void }).setReturnArrays(true);
      }
      const statement = new Statement(prepared, this.path);
      this.#statements.set(sql, statement);
      return statement;
    } catch (error) {
      throw sqliteError(error, this.path);
    }
  }

  /** Runs statements that take no values. */
  exec(sql: string): void {
    try {
      this.#db.exec(sql);
    } catch (error) {
      throw sqliteError(error, this.path);
    }
  }

  /** The number a pragma answers. */
  pragma(name: string): number {
    return Number(Object.values(this.prepare(`PRAGMA ${name}`).get() ?? {})[0] ?? 0);
  }

  /**
   * Runs `work` as one transaction that holds the write lock from its beginning. Inside another transaction it
   * becomes part of that one.
   *
   * @param durability `power` survives a power cut once it returns; `process` survives the end of the process at
   * once and a power cut a little later (no wait for the disk)
   */
  transaction<T>(durability: "power" | "process", work: () => T): T {
    if (this.#db.isTransaction) return work();
    if (durability === "power") this.exec("PRAGMA synchronous=FULL");
    try {
      this.prepare("BEGIN IMMEDIATE").run();
      try {
        this.#onBegin();
        const result = work();
        this.prepare("COMMIT").run();
        this.#commits++;
        for (const listener of this.#endListeners) listener(true);
        return result;
      } catch (error) {
        // A full disk rolls back by itself.
        if (this.#db.isTransaction) this.exec("ROLLBACK");
        for (const listener of this.#endListeners) listener(false);
        throw error;
      }
    } finally {
      if (durability === "power") this.exec("PRAGMA synchronous=NORMAL");
    }
  }

  /** How many transactions this connection has committed. */
  get commits(): number {
    return this.#commits;
  }

  /** Has something looked at inside each transaction, before anything else; what it throws undoes the transaction. */
  onBegin(check: () => void): void {
    this.#onBegin = check;
  }

  /** Tells how each transaction ended, so that what was remembered of one that was rolled back is forgotten. */
  onTransactionEnd(listener: (committed: boolean) => void): void {
    this.#endListeners.push(listener);
  }

  /**
   * Moves the write-ahead file into the database and empties it, so that replaced pages do not linger there; if
   * another process is reading, as far as that can be done without waiting for it.
   */
  checkpoint(): void {
    this.exec("PRAGMA busy_timeout=0");
    try {
      this.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    } catch (error) {
      // A later checkpoint does the rest; what was changed is committed already.
      if (!(error instanceof FailedError && error.code === "vault_busy")) throw error;
    } finally {
      this.exec(`PRAGMA busy_timeout=${this.#busyTimeoutMs}`);
    }
  }

  /** From now on waits so long for others to give up the write lock, milliseconds; see {@linkcode BUSY_TIMEOUT_MS}. */
  setBusyTimeout(ms: number): void {
    this.#busyTimeoutMs = Math.trunc(ms);
    this.exec(`PRAGMA busy_timeout=${this.#busyTimeoutMs}`);
  }

  /** From now on a thread moves the write-ahead file into the database, told by {@linkcode Checkpointer.changed}. */
  checkpointElsewhere(): Checkpointer {
    const pages = (count: number) => {
      if (this.#db.isOpen) this.exec(`PRAGMA wal_autocheckpoint=${count}`);
    };
    pages(SPARE_CHECKPOINT_PAGES);
    return new Checkpointer(this.path, () => pages(OWN_CHECKPOINT_PAGES));
  }

  /** Closes the database. Idempotent. */
  close(): void {
    if (this.#db.isOpen) this.#db.close();
  }
}

function isForeign(db: DatabaseSync): boolean {
  const { application_id: id } = db.prepare("PRAGMA application_id").get() ?? {};
  return id !== APPLICATION_ID && db.prepare("SELECT 1 FROM sqlite_schema").get() !== undefined;
}
