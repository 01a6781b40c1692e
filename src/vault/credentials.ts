/**
 * The credentials of a vault. Every change is one transaction together with its audit row.
 *
 * @module
 */

import type { AuditEntry, AuditEvent } from "../core/audit.ts";
import {
  type Credential,
  type CredentialDraft,
  type CredentialPatch,
  DEFAULT_PARTITION,
} from "../core/credential.ts";
import { equalInConstantTime, wipe } from "../core/bytes.ts";
import { checkDetails } from "../core/limits.ts";
import { checkName } from "../core/name.ts";
import { mintToken } from "../core/token.ts";
import { open, seal } from "./aead.ts";
import type { AuditNote, VaultContext } from "./context.ts";
import {
  checkValueLength,
  credentialNotFound,
  credentialTampered,
  duplicateName,
  duplicateToken,
  partitionNotFound,
} from "./credential_errors.ts";
import {
  bindingOf,
  type CheckedCredential,
  credentialMac,
  METADATA_COLUMNS,
  readCredentialRow,
  type SealedCredential,
  valueBinding,
} from "./credential_row.ts";
import { storableText } from "./columns.ts";
import type { Row } from "./database.ts";
import { LedgerChange } from "./ledger.ts";
import { RetiredTokens, tokenFingerprint } from "./retired_tokens.ts";

export type { CheckedCredential, SealedCredential };

/** Which credentials to list. */
export interface CredentialFilter {
  /** Only this project's. */
  projectId?: string;
  /** Only this partition's. */
  partitionId?: string;
}

/** Reads and changes credentials. All but {@linkcode CredentialStore.count} throw `vault_locked` while locked. */
export class CredentialStore {
  readonly #context: VaultContext;
  /** Tokens that are no longer valid. */
  readonly retired: RetiredTokens;

  /** The credentials in the vault of `context`. */
  constructor(context: VaultContext) {
    this.#context = context;
    this.retired = new RetiredTokens(context);
  }

  /** How many there are, in all or as the filter says. */
  count(filter: CredentialFilter = {}): number {
    const sql = `SELECT count(*) AS n FROM credentials
      WHERE (?1 IS NULL OR project_id = ?1) AND (?2 IS NULL OR partition_id = ?2)`;
    const row = this.#context.db.prepare(sql).get(filter.projectId ?? null, filter.partitionId ?? null);
    return Number(row?.n ?? 0);
  }

  /** Metadata by name, each with whether its row is intact. */
  list(filter: CredentialFilter = {}): CheckedCredential[] {
    const rows = this.#select(
      `SELECT ${METADATA_COLUMNS} FROM credentials
       WHERE (?1 IS NULL OR project_id = ?1) AND (?2 IS NULL OR partition_id = ?2) ORDER BY name, project_id`,
      filter.projectId ?? null,
      filter.partitionId ?? null,
    );
    return rows.map((row) => row.credential);
  }

  /** All rows with their encrypted values, for an index in memory. */
  all(): SealedCredential[] {
    return this.#select(`SELECT ${METADATA_COLUMNS}, ciphertext FROM credentials`);
  }

  /**
   * Whether rows as {@linkcode all} gave them are exactly those that ought to be there: none removed, none put back as
   * it was before a change. (A single changed row shows as not intact by itself.)
   *
   * @throws {DeniedError} `vault_tampered`, `vault_rolled_back`.
   */
  complete(rows: readonly SealedCredential[]): boolean {
    const { keys, ledger } = this.#context;
    const found = new LedgerChange(keys, 0, 0, new Map());
    for (const row of rows) found.toggle("credentials", row.credential.id, row.mac);
    return equalInConstantTime(found.digest("credentials"), ledger.read(keys).digest("credentials"));
  }

  /** One row with its encrypted value. */
  sealed(id: string): SealedCredential | undefined {
    return this.#stored(id);
  }

  /** Metadata of the credential of a name. */
  get(projectId: string, name: string): CheckedCredential | undefined {
    return this.#select(
      `SELECT ${METADATA_COLUMNS} FROM credentials WHERE project_id = ? AND name = ?`,
      projectId,
      name,
    )[0]?.credential;
  }

  /** Metadata of the credential of an id. */
  getById(id: string): CheckedCredential | undefined {
    return this.#select(`SELECT ${METADATA_COLUMNS} FROM credentials WHERE id = ?`, id)[0]?.credential;
  }

  /** Whether no credential has a token, or had it. */
  isTokenFree(token: string): boolean {
    const taken = this.#context.db.prepare("SELECT 1 FROM credentials WHERE token = ?").get(token);
    return taken === undefined && this.retired.find(token) === undefined;
  }

  /** Looks up a token that was rotated away or removed. */
  findRetired(token: string): ReturnType<RetiredTokens["find"]> {
    return this.retired.find(token);
  }

  /**
   * Decrypts a value from a row in memory; the caller wipes it.
   *
   * @throws {DeniedError} `credential_tampered`, naming the credential.
   */
  openSealed(row: SealedCredential): Uint8Array<ArrayBuffer> {
    const { credential, value } = row;
    const plain = credential.intact
      ? open(this.#context.keys.key("values"), value, bindingOf(row))
      : undefined;
    if (plain === undefined) throw credentialTampered(credential.name);
    return plain;
  }

  /**
   * Decrypts a value; the caller wipes it, and has written to the log that it does this.
   *
   * @throws {NotFoundError} `credential_not_found`; {DeniedError} `credential_tampered`.
   */
  openValue(id: string): Uint8Array<ArrayBuffer> {
    return this.openSealed(this.#require(id));
  }

  /**
   * Adds a credential under a new token.
   *
   * @param value the secret, 0 to 1 MiB; the caller wipes it
   * @throws {UsageError} `invalid_name`, `too_long`, `too_many`; {FailedError} `duplicate_name`, `value_too_large`;
   * {NotFoundError} `partition_not_found`.
   */
  add(draft: CredentialDraft, value: Uint8Array, note: AuditNote = {}): CheckedCredential {
    const [added] = this.addMany([{ draft, value }], note);
    if (added === undefined) throw new Error("one credential was added, and none came back");
    return added;
  }

  /**
   * Adds credentials, each under a new token, in one transaction: all of them, or none.
   *
   * @throws what {@linkcode CredentialStore.add} throws.
   */
  addMany(
    entries: readonly { draft: CredentialDraft; value: Uint8Array }[],
    note: AuditNote = {},
  ): CheckedCredential[] {
    const now = this.#context.now();
    for (const { draft, value } of entries) {
      checkValueLength(draft.name, value);
      checkDetails(draft);
    }
    return this.#context.change((ledger) => {
      const rows: AuditEntry[] = [];
      const added = entries.map(({ draft, value }) => {
        const credential: Credential = {
          ...draft,
          id: crypto.randomUUID(),
          name: checkName(draft.name, "credential"),
          description: storableText(draft.description),
          hostsConfirmed: draft.hostsConfirmed ?? false,
          token: draft.token === undefined
            ? this.#mintToken(draft.name)
            : this.#freeToken(draft.token, draft.name),
          createdAt: now,
          updatedAt: now,
          lastUsedAt: null,
        };
        this.#checkPlace(credential);
        this.#write(ledger, credential, 1, value);
        rows.push(this.#entry("CredentialAdded", credential, note));
        return { ...credential, intact: true };
      });
      return [added, rows];
    });
  }

  /**
   * Changes metadata; the value is sealed anew under it. A move to another project that names no partition leads to
   * the one every project begins with.
   *
   * @throws {NotFoundError} `credential_not_found`, `partition_not_found`; {DeniedError} `credential_tampered`;
   * {UsageError} `invalid_name`, `too_long`, `too_many`; {FailedError} `duplicate_name`.
   */
  edit(id: string, patch: CredentialPatch, note: AuditNote = {}): CheckedCredential {
    checkDetails(patch);
    return this.#context.change((ledger) => {
      const before = this.#require(id);
      const credential: Credential = {
        ...plain(before.credential),
        ...patch,
        updatedAt: this.#context.now(),
      };
      if (patch.projectId !== undefined && patch.partitionId === undefined) {
        credential.partitionId = this.#firstPartition(patch.projectId);
      }
      credential.name = checkName(credential.name, "credential");
      credential.description = storableText(credential.description);
      this.#checkPlace(credential);
      this.#reseal(ledger, before, credential);
      const reason = `changed ${Object.keys(patch).sort().join(", ")}`;
      return [
        { ...credential, intact: true },
        this.#entry("CredentialEdited", credential, { reason, ...note }),
      ];
    });
  }

  /**
   * Puts another secret under the same token, which takes the credential's hosts for confirmed: who gives the secret
   * was shown them. Works on a row that was changed behind our back only by `remove` and
   * `add`, because nobody can tell any more where it was meant to go.
   *
   * @throws {NotFoundError} `credential_not_found`; {DeniedError} `credential_tampered`; {FailedError} `value_too_large`.
   */
  replaceValue(id: string, value: Uint8Array, note: AuditNote = {}): CheckedCredential {
    const result = this.#context.change<CheckedCredential>((ledger) => {
      const before = this.#require(id);
      checkValueLength(before.credential.name, value);
      if (!before.credential.intact) throw credentialTampered(before.credential.name);
      const credential: Credential = {
        ...plain(before.credential),
        hostsConfirmed: true,
        updatedAt: this.#context.now(),
      };
      this.#write(ledger, credential, before.revision + 1, value, before);
      return [{ ...credential, intact: true }, this.#entry("CredentialValueReplaced", credential, note)];
    });
    this.#context.db.checkpoint();
    return result;
  }

  /**
   * Gives a new token; the old one is remembered as rotated.
   *
   * @throws {NotFoundError} `credential_not_found`; {DeniedError} `credential_tampered`.
   */
  rotateToken(id: string, note: AuditNote = {}): CheckedCredential {
    return this.#context.change((ledger) => {
      const before = this.#require(id);
      const credential: Credential = {
        ...plain(before.credential),
        token: this.#mintToken(before.credential.name),
        updatedAt: this.#context.now(),
      };
      this.#reseal(ledger, before, credential);
      this.retired.insert(before.credential, "rotated", credential.updatedAt);
      return [{ ...credential, intact: true }, this.#entry("CredentialRotated", credential, note)];
    });
  }

  /**
   * Removes a credential, intact or not; its token is remembered as removed.
   *
   * @throws {NotFoundError} `credential_not_found`.
   */
  remove(id: string, note: AuditNote = {}): void {
    this.#context.change((ledger) => {
      const before = this.#require(id);
      this.#context.db.prepare("DELETE FROM credentials WHERE id = ?").run(id);
      ledger.toggle("credentials", id, before.mac);
      // The token of a row that was changed behind our back may be anything.
      if (before.credential.intact) this.retired.insert(before.credential, "removed", this.#context.now());
      return [undefined, this.#entry("CredentialRemoved", before.credential, note)];
    });
    this.#context.db.checkpoint();
  }

  /** Notes when values were last used: id to time in milliseconds. Ids that are gone are passed over. */
  touch(lastUsed: ReadonlyMap<string, number>): void {
    const { db } = this.#context;
    db.transaction("process", () => {
      const update = db.prepare("UPDATE credentials SET last_used_at = ? WHERE id = ?");
      for (const [id, at] of lastUsed) update.run(at, id);
    });
  }

  #select(sql: string, ...values: (string | null)[]): SealedCredential[] {
    const { db, keys } = this.#context;
    return db.prepare(sql, { bigints: true }).all(...values).map((row: Row) => {
      return readCredentialRow(row, keys);
    });
  }

  #stored(id: string): SealedCredential | undefined {
    return this.#select(`SELECT ${METADATA_COLUMNS}, ciphertext FROM credentials WHERE id = ?`, id)[0];
  }

  #require(id: string): SealedCredential {
    const stored = this.#stored(id);
    if (stored === undefined) throw credentialNotFound(id);
    return stored;
  }

  #mintToken(name: string): string {
    const { db } = this.#context;
    const taken = db.prepare("SELECT 1 FROM credentials WHERE token = ?");
    for (;;) {
      const token = mintToken(name);
      if (taken.get(token) === undefined && this.retired.find(token) === undefined) return token;
    }
  }

  /** A token that comes with the credential must never have been another's. */
  #freeToken(token: string, name: string): string {
    const taken =
      this.#context.db.prepare("SELECT 1 FROM credentials WHERE token = ?").get(token) !== undefined;
    if (!taken && this.retired.find(token) === undefined) return token;
    throw duplicateToken(name);
  }

  /** The name must be free in the project, the partition must be the project's. */
  #checkPlace({ id, name, projectId, partitionId }: Credential): void {
    const { db } = this.#context;
    const other = db.prepare("SELECT 1 FROM credentials WHERE project_id = ? AND name = ? AND id <> ?");
    if (other.get(projectId, name, id) !== undefined) throw duplicateName(name);
    const partition = db.prepare("SELECT 1 FROM partitions WHERE project_id = ? AND id = ?");
    if (partition.get(projectId, partitionId) === undefined) throw partitionNotFound();
  }

  #firstPartition(projectId: string): string {
    const partition = this.#context.db.prepare("SELECT id FROM partitions WHERE project_id = ? AND name = ?");
    const id = partition.get(projectId, DEFAULT_PARTITION)?.id;
    if (typeof id !== "string") throw partitionNotFound();
    return id;
  }

  #reseal(ledger: LedgerChange, before: SealedCredential, credential: Credential): void {
    const value = this.openSealed(before);
    try {
      this.#write(ledger, credential, before.revision + 1, value, before);
    } finally {
      wipe(value);
    }
  }

  #write(
    ledger: LedgerChange,
    c: Credential,
    revision: number,
    value: Uint8Array,
    before?: SealedCredential,
  ): void {
    const { db, keys } = this.#context;
    const sealed = seal(keys.key("values"), value, valueBinding(c, revision));
    const mac = credentialMac(keys, c, revision, sealed);
    if (before !== undefined) ledger.toggle("credentials", c.id, before.mac);
    ledger.toggle("credentials", c.id, mac);
    db.prepare(
      `INSERT INTO credentials (${METADATA_COLUMNS}, ciphertext)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET project_id = excluded.project_id, partition_id = excluded.partition_id,
         name = excluded.name, description = excluded.description, type = excluded.type, place = excluded.place,
         hosts = excluded.hosts, tags = excluded.tags, token = excluded.token, revision = excluded.revision,
         hosts_confirmed = excluded.hosts_confirmed,
         updated_at = excluded.updated_at, mac = excluded.mac, nonce = excluded.nonce, tag = excluded.tag,
         ciphertext = excluded.ciphertext`,
    ).run(
      c.id,
      c.projectId,
      c.partitionId,
      c.name,
      c.description,
      c.type,
      c.place === null ? null : JSON.stringify(c.place),
      JSON.stringify(c.hosts),
      JSON.stringify(c.tags),
      c.token,
      revision,
      c.createdAt,
      c.updatedAt,
      c.lastUsedAt,
      mac,
      sealed.nonce,
      sealed.tag,
      c.hostsConfirmed ? 1 : 0,
      sealed.ciphertext,
    );
  }

  #entry(event: AuditEvent, credential: Credential, note: AuditNote) {
    const { db, keys } = this.#context;
    const project = db.prepare("SELECT name FROM projects WHERE id = ?").get(credential.projectId)?.name;
    return {
      event,
      credential: credential.name,
      project: typeof project === "string" ? project : credential.projectId,
      tokenFingerprint: tokenFingerprint(keys, credential.token),
      ...note,
    };
  }
}

function plain({ intact: _, ...credential }: CheckedCredential): Credential {
  return credential;
}
