/**
 * An open vault.
 *
 * @module
 */

import { join } from "node:path";
import type { AuditRow } from "../core/audit.ts";
import { concat, equalInConstantTime, wipe } from "../core/bytes.ts";
import { canonical } from "../core/canonical.ts";
import { DeniedError, LockedError } from "../core/errors.ts";
import { NONCE_LENGTH, open, seal, TAG_LENGTH } from "./aead.ts";
import { Attempts } from "./attempts.ts";
import { AuditStore } from "./audit/store.ts";
import type { AuditCheck, AuditVerdict } from "./audit/check.ts";
import { AuditJournal } from "./audit/journal.ts";
import type { AuditNote } from "./context.ts";
import { buildDatabase } from "./create.ts";
import type { CredentialStore } from "./credentials.ts";
import { Database } from "./database.ts";
import type { DocumentStore } from "./documents.ts";
import { createDatabase, databaseExists, prepareDirectory, requireDatabase } from "./files.ts";
import { keyCheck, keysFor, readHeader, type VaultHeader, writeHeader } from "./header.ts";
import { DEFAULT_KDF_COST, deriveKek, type KdfCost, type KdfParameters, newKdfParameters } from "./kdf.ts";
import { newDataKey, unwrapDataKey, VaultKeys, wrapDataKey } from "./keys.ts";
import { migrate } from "./migrations.ts";
import { dropPlanted, guardSchema } from "./schema_guard.ts";
import type { VaultOptions } from "./options.ts";
import { assemble, type VaultParts } from "./parts.ts";
import type { PartitionStore } from "./partitions.ts";
import { checkNewPassword, checkPasswordGiven } from "./password.ts";
import type { ProjectStore } from "./projects.ts";
import { acceptRows } from "./repair.ts";
import { tokenFingerprint } from "./retired_tokens.ts";
import type { SettingStore } from "./settings.ts";
import { type VaultReport, verifyVault } from "./verify.ts";

/** What is told of an open vault. */
export interface VaultInfo {
  /** Random UUID. */
  readonly id: string;
  /** When it was made, milliseconds since the epoch. */
  readonly createdAt: number;
  /** Its directory. */
  readonly directory: string;
  /** Version of its schema. */
  readonly schemaVersion: number;
  /** Cost of deriving its key from the password. */
  readonly kdf: KdfCost;
}

/**
 * A vault whose database is open, and whose keys are in memory until {@linkcode Vault.dropKeys}.
 *
 * @example
 * ```ts
 * import { Vault } from "./vault.ts";
 *
 * const vault = await Vault.open("/home/me/.wispkey", new TextEncoder().encode("correct horse battery"));
 * console.log(vault.credentials.list());
 * vault.close();
 * ```
 */
export class Vault {
  readonly #directory: string;
  readonly #db: Database;
  readonly #options: VaultOptions;
  readonly #parts: VaultParts;
  #header: VaultHeader;
  #keys: VaultKeys | undefined;

  private constructor(
    directory: string,
    db: Database,
    header: VaultHeader,
    keys: VaultKeys,
    options: VaultOptions,
  ) {
    this.#directory = directory;
    this.#db = db;
    this.#header = header;
    this.#keys = keys;
    this.#options = options;
    this.#parts = assemble(db, header.id, () => this.#keys, options.now ?? Date.now);
  }

  /** Where it lies. */
  get directory(): string {
    return this.#directory;
  }

  /** Whether there is a vault in a directory. */
  static exists(directory: string): boolean {
    return databaseExists(directory);
  }

  /**
   * Creates a vault. A crash at any point leaves either no vault or a whole one.
   *
   * @param password UTF-8; the caller wipes it
   * @throws {UsageError} `empty_password`, `weak_password`; {FailedError} `vault_exists`, `kdf_parameters`,
   * `disk_full`, `vault_busy`, and the reasons why a directory cannot be used.
   */
  static async create(directory: string, password: Uint8Array, options: VaultOptions = {}): Promise<Vault> {
    checkNewPassword(password);
    await prepareDirectory(directory);
    const now = options.now ?? Date.now;
    const id = crypto.randomUUID();
    const kdf = newKdfParameters(options.kdf);
    const kek = await deriveKek(password, kdf, options.kdfLimits);
    const dataKey = newDataKey();
    const keys = new VaultKeys(dataKey, id);
    try {
      const key = await wrapDataKey(kek, dataKey, id, kdf);
      const header: VaultHeader = { id, createdAt: now(), kdf, key, keyCheck: keyCheck(keys, id) };
      await createDatabase(directory, (path) => buildDatabase(path, header, keys, now));
      return Vault.#open(directory, dataKey, options);
    } finally {
      keys.wipe();
      wipe(dataKey);
    }
  }

  /**
   * Opens a vault with its password. Who opens it writes `VaultUnlocked` to the log; a failed attempt is written here.
   *
   * @param password UTF-8; the caller wipes it
   * @throws {NotFoundError} `vault_not_found`; {LockedError} `wrong_password`, `too_many_attempts`;
   * {UsageError} `empty_password`; {FailedError} `newer_schema`, `vault_corrupt`, `vault_busy`, `vault_read_only`,
   * `kdf_parameters`.
   */
  static async open(directory: string, password: Uint8Array, options: VaultOptions = {}): Promise<Vault> {
    const path = requireDatabase(directory);
    checkPasswordGiven(password);
    const db = Database.open(path, options);
    let dataKey: Uint8Array<ArrayBuffer> | undefined;
    try {
      migrate(db);
      const planted = dropPlanted(db);
      guardSchema(db);
      const header = readHeader(db);
      const now = options.now ?? Date.now;
      const attempts = new Attempts(db, new AuditStore(db, header.id, () => undefined, () => 0));
      attempts.check(now());
      const kek = await deriveKek(password, header.kdf, options.kdfLimits);
      dataKey = await unwrapDataKey(kek, header.key, header.id, header.kdf);
      const keys = dataKey && keysFor(dataKey, header);
      if (keys === undefined) {
        attempts.failed(now());
        throw new LockedError("cannot unlock: the master password is wrong", {
          code: "wrong_password",
          hint: "try again: wispkey unlock",
        });
      }
      attempts.succeeded();
      return Vault.#opened(new Vault(directory, db, header, keys, options), planted);
    } catch (error) {
      db.close();
      throw error;
    } finally {
      wipe(dataKey);
    }
  }

  /**
   * Opens a vault with its data key, which is copied; the caller wipes his.
   *
   * @throws {LockedError} `wrong_key` if it is not this vault's; else as {@linkcode Vault.open}.
   */
  static openWithKey(directory: string, dataKey: Uint8Array, options: VaultOptions = {}): Promise<Vault> {
    return Promise.resolve().then(() => Vault.#open(directory, dataKey, options));
  }

  static #open(directory: string, dataKey: Uint8Array, options: VaultOptions): Vault {
    const db = Database.open(requireDatabase(directory), options);
    try {
      migrate(db);
      const planted = dropPlanted(db);
      guardSchema(db);
      const header = readHeader(db);
      const keys = keysFor(dataKey, header);
      if (keys === undefined) {
        throw new LockedError("cannot unlock: the key is not this vault's", {
          code: "wrong_key",
          hint: "wispkey unlock",
        });
      }
      return Vault.#opened(new Vault(directory, db, header, keys, options), planted);
    } catch (error) {
      db.close();
      throw error;
    }
  }

  /** Writes down that something was planted in the database, if it was. */
  static #opened(vault: Vault, planted: boolean): Vault {
    const reason = "triggers or views were planted in the database; they are removed";
    if (planted) vault.audit.append([{ event: "VaultChangedOutside", reason }], vault.#parts.context.now());
    return vault;
  }

  /** Identity and shape of the vault. */
  get info(): VaultInfo {
    const { id, createdAt, kdf: { memoryKiB, passes, parallelism } } = this.#header;
    return {
      id,
      createdAt,
      directory: this.#directory,
      schemaVersion: this.#db.pragma("user_version"),
      kdf: { memoryKiB, passes, parallelism },
    };
  }

  /** The credentials. */
  get credentials(): CredentialStore {
    return this.#parts.credentials;
  }

  /** The projects. */
  get projects(): ProjectStore {
    return this.#parts.projects;
  }

  /** The partitions. */
  get partitions(): PartitionStore {
    return this.#parts.partitions;
  }

  /** The settings. */
  get settings(): SettingStore {
    return this.#parts.settings;
  }

  /** The sealed documents. */
  get documents(): DocumentStore {
    return this.#parts.documents;
  }

  /** The log; works locked. */
  get audit(): AuditStore {
    return this.#parts.context.audit;
  }

  /**
   * Opens the journal of the log, for the one process that holds the vault open: what an earlier one left in it goes
   * into the log first.
   *
   * @throws {LockedError} `vault_locked`; {FailedError} if the file cannot be made.
   */
  openJournal(): AuditJournal {
    const path = (name: string) => join(this.#directory, name);
    return AuditJournal.open(path, this.#parts.context, this.#header.id);
  }

  /** Whether the keys were dropped. There is no way back: unlocking opens the vault anew. */
  get locked(): boolean {
    return this.#keys === undefined;
  }

  /** Anchors the log and wipes the keys; the database stays open for the log, whose rows then carry no MAC. */
  lock(): void {
    try {
      this.audit.anchor();
    } finally {
      this.dropKeys();
    }
  }

  /** Wipes the keys at once, without a word to the database. */
  dropKeys(): void {
    this.#keys?.wipe();
    this.#keys = undefined;
  }

  /** Wipes the keys and closes the database. */
  close(): void {
    try {
      this.lock();
    } finally {
      this.#db.close();
    }
  }

  /**
   * A copy of the data key, for the pipe to a fresh daemon; the caller wipes it.
   *
   * @throws {LockedError} `vault_locked`.
   */
  exportDataKey(): Uint8Array<ArrayBuffer> {
    return this.#parts.context.keys.exportDataKey();
  }

  /**
   * Wraps the data key under another password; rows are not touched. The cost becomes at least what a new vault has.
   *
   * @throws {UsageError} `empty_password`, `weak_password`; {LockedError} `vault_locked`.
   */
  async changePassword(next: Uint8Array, note: AuditNote = {}): Promise<void> {
    checkNewPassword(next);
    const dataKey = this.exportDataKey();
    try {
      const kdf = newKdfParameters(raisedCost(this.#header.kdf, this.#options.kdf ?? DEFAULT_KDF_COST));
      const kek = await deriveKek(next, kdf, this.#options.kdfLimits);
      const key = await wrapDataKey(kek, dataKey, this.#header.id, kdf);
      this.#header = this.#parts.context.change((_ledger) => {
        const header: VaultHeader = { ...readHeader(this.#db), kdf, key };
        writeHeader(this.#db, header);
        return [header, { event: "PasswordChanged", ...note }];
      });
      // The key as the old password wrapped it must not linger in the write-ahead file.
      this.#db.checkpoint();
    } finally {
      wipe(dataKey);
    }
  }

  /**
   * Proves to a process that holds the keys that this one got the password, for exactly one act.
   *
   * @param nonce the other's fresh random bytes
   * @param act the act as it was shown, in canonical form
   * @throws {LockedError} `vault_locked`.
   */
  proveAct(nonce: Uint8Array, act: string): Uint8Array<ArrayBuffer> {
    return this.#parts.context.keys.mac("acts", canonical([nonce, act]));
  }

  /** Whether a proof is for this nonce and act, in constant time; never while locked. */
  verifyAct(nonce: Uint8Array, act: string, proof: Uint8Array): boolean {
    return !this.locked && equalInConstantTime(this.proveAct(nonce, act), proof);
  }

  /**
   * Seals the payload of an act that is proven with the password, so that whoever carries it cannot read it. The key
   * serves one nonce and direction only.
   *
   * @throws {LockedError} `vault_locked`.
   */
  sealForAct(
    nonce: Uint8Array,
    direction: "request" | "reply",
    payload: Uint8Array,
  ): Uint8Array<ArrayBuffer> {
    const key = this.#actKey(nonce, direction);
    const sealed = seal(key, payload, new Uint8Array(0));
    wipe(key);
    return concat(sealed.nonce, sealed.tag, sealed.ciphertext);
  }

  /**
   * Opens what {@linkcode sealForAct} sealed, for the same nonce and direction; the caller wipes it.
   *
   * @throws {DeniedError} `bad_proof` if it is not that; {LockedError} `vault_locked`.
   */
  openForAct(nonce: Uint8Array, direction: "request" | "reply", sealed: Uint8Array): Uint8Array<ArrayBuffer> {
    const key = this.#actKey(nonce, direction);
    const plain = open(key, {
      nonce: sealed.subarray(0, NONCE_LENGTH),
      tag: sealed.subarray(NONCE_LENGTH, NONCE_LENGTH + TAG_LENGTH),
      ciphertext: sealed.subarray(NONCE_LENGTH + TAG_LENGTH),
    }, new Uint8Array(0));
    wipe(key);
    if (plain !== undefined) return plain;
    throw new DeniedError("cannot read what was sent along: it was not sealed for this act", {
      code: "bad_proof",
      hint: "wispkey unlock",
    });
  }

  #actKey(nonce: Uint8Array, direction: "request" | "reply"): Uint8Array<ArrayBuffer> {
    return this.#parts.context.keys.mac("acts", canonical(["payload", direction, nonce]));
  }

  /**
   * Keyed fingerprint of a token for the log, 16 hex digits.
   *
   * @throws {LockedError} `vault_locked`.
   */
  tokenFingerprint(token: string): string {
    return tokenFingerprint(this.#parts.context.keys, token);
  }

  /**
   * Makes several changes one: all of them take force, or, if `work` throws, none. Durable when it returns.
   *
   * @throws {LockedError} `vault_locked`, and what `work` throws.
   */
  transaction<T>(work: () => T): T {
    void this.#parts.context.keys;
    return this.#db.transaction("power", work);
  }

  /** From now on waits so long, milliseconds, for another connection that holds the database locked; then `vault_busy`. */
  waitAtMost(ms: number): void {
    this.#db.setBusyTimeout(ms);
  }

  /** A number that changes whenever another connection has written to the database. */
  dataVersion(): number {
    return this.#db.pragma("data_version");
  }

  /**
   * Number of changes so far, authenticated.
   *
   * @throws {LockedError} `vault_locked`; {DeniedError} `vault_tampered`, or `vault_rolled_back` if it is less than
   * what this process has seen.
   */
  generation(): number {
    const { keys, ledger } = this.#parts.context;
    return ledger.read(keys).generation;
  }

  /**
   * Begins a check of the log that goes on slice by slice, as long as the vault is open.
   *
   * @throws {LockedError} `vault_locked`.
   */
  beginAuditCheck(): AuditCheck {
    return this.audit.beginCheck(this.#parts.context.keys);
  }

  /**
   * Reads rows of the log since a time (ms since the epoch), oldest first and some at a time, as long as the vault is open. Each
   * was checked before it is given: nobody can have changed or removed it.
   *
   * @throws {LockedError} `vault_locked`; {DeniedError} `audit_tampered`, at whatever part.
   */
  provenAudit(since: number): Generator<AuditRow[], void> {
    return this.audit.proven(this.#parts.context.keys, since);
  }

  /**
   * Number of the last row of the log that was removed because of its age; 0 if none was.
   *
   * @throws {LockedError} `vault_locked`.
   */
  removedAuditRows(): number {
    return this.audit.startSeq(this.#parts.context.keys);
  }

  /**
   * Removes rows of the log up to one, as many as take some milliseconds; see `AuditStore.prune`.
   *
   * @returns how many went; 0 when nothing more is to be removed
   * @throws {LockedError} `vault_locked`; {DeniedError} `audit_tampered`.
   */
  pruneAudit(upTo: number): number {
    return this.audit.prune(this.#parts.context.keys, upTo);
  }

  /**
   * Checks everything: each row, the rows together, the log, the database.
   *
   * @param log gives what a check of the log found, where that was made slice by slice before
   * @throws {LockedError} `vault_locked`.
   */
  verify(log?: () => AuditVerdict): VaultReport {
    return verifyVault(this.#parts, log ?? (() => this.audit.verify(this.#parts.context.keys)));
  }

  /**
   * Takes the rows as they stand for what ought to be there, after a person has looked at what {@linkcode verify}
   * found. Rows that are not intact stay refused. An act that needs the password.
   */
  acceptRows(note: AuditNote = {}): void {
    acceptRows(this.#parts, note);
  }
}

function raisedCost(current: KdfParameters, target: KdfCost): KdfCost {
  return {
    memoryKiB: Math.max(current.memoryKiB, target.memoryKiB),
    passes: Math.max(current.passes, target.passes),
    parallelism: target.parallelism,
  };
}
