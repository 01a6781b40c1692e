/**
 * Reads the vault of an earlier build, schema 1 to 5, without writing to it.
 *
 * Its names, hosts and tokens lie there in clear and nothing authenticates them: whoever takes them over shows them to
 * the owner first.
 *
 * @module
 */

import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { wipe } from "../core/bytes.ts";
import { DEFAULT_PARTITION, DEFAULT_PROJECT, MAX_VALUE_LENGTH } from "../core/credential.ts";
import { FailedError, LockedError, NotFoundError } from "../core/errors.ts";
import { escapeText } from "../core/name.ts";
import { isTokenForm } from "../core/token.ts";
import { NONCE_LENGTH, open, TAG_LENGTH } from "../vault/aead.ts";
import { deriveEarlierKey } from "./earlier_key.ts";
import { readV1Details, readV1Hosts, readV1Type, usableName } from "./v1_credential.ts";
import type { CredentialWithValue } from "./write.ts";

/** Name of their database, the same as ours. */
export const EARLIER_DATABASE = "vault.db";
/** What a database is called that made room for ours. */
export const KEPT_DATABASE = "earlier-vault.db";
/** Newest schema that can be read. */
const NEWEST_SCHEMA = 5;

/** A credential of an earlier vault. */
export interface EarlierCredential extends CredentialWithValue {
  /** Name of its project. */
  project: string;
  /** Its token; null if it never could have worked and a new one is needed. */
  token: string | null;
}

/** What is in an earlier vault. */
export interface EarlierVault {
  /** Its schema as it says itself. */
  schema: number;
  /** Its projects with their partitions, empty ones too. */
  projects: { name: string; description: string; partitions: { name: string; description: string }[] }[];
  /** Its credentials; the receiver wipes the values. */
  credentials: EarlierCredential[];
  /** What means nothing here and was changed or left out, for people. */
  notes: string[];
  /** Names of credentials that cannot be taken over, and why. */
  leftOut: { name: string; why: string }[];
}

type Row = Record<string, unknown>;

/** Path of the earlier vault in a directory: in its own place, or where it made room for ours. */
export function findEarlierVault(directory: string): string {
  for (const name of [EARLIER_DATABASE, KEPT_DATABASE]) {
    const path = join(directory, name);
    if (isEarlierDatabase(path)) return path;
  }
  throw new NotFoundError(
    `cannot migrate: there is no vault of an earlier build in '${escapeText(directory)}'`,
    {
      code: "earlier_vault_not_found",
      hint: "name its directory: wispkey migrate DIR",
    },
  );
}

function isEarlierDatabase(path: string): boolean {
  try {
    if (!Deno.statSync(path).isFile) return false;
    return withDatabase(path, (db) => tables(db).has("vault_meta"));
  } catch {
    // Not there, or no database: in either case no vault of an earlier build.
    return false;
  }
}

/**
 * Reads everything.
 *
 * @param password UTF-8; the caller wipes it
 * @throws {LockedError} `wrong_password`; {FailedError} `earlier_vault_newer`, `earlier_vault_damaged`.
 */
export async function readEarlierVault(path: string, password: Uint8Array): Promise<EarlierVault> {
  const { schema, passwordHash } = withDatabase(path, readMeta);
  if (!(schema >= 1 && schema <= NEWEST_SCHEMA)) {
    throw new FailedError(
      `cannot migrate '${escapeText(path)}': its schema ${schema} is not from 1 to ${NEWEST_SCHEMA}`,
      {
        code: "earlier_vault_newer",
        hint: "export its projects as bundles there, and import them here: wispkey project import FILE",
      },
    );
  }
  const key = await deriveEarlierKey(passwordHash, password);
  if (key === undefined) {
    throw new LockedError("cannot migrate: the master password of the earlier vault is wrong", {
      code: "wrong_password",
      hint: "wispkey migrate --earlier-password-file FILE, if it differs from the new one",
    });
  }
  try {
    return withDatabase(path, (db) => readAll(db, schema, key));
  } finally {
    wipe(key);
  }
}

function withDatabase<T>(path: string, work: (db: DatabaseSync) => T): T {
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    db.exec("PRAGMA trusted_schema=OFF; PRAGMA query_only=ON");
    return work(db);
  } catch (error) {
    if (!(error instanceof Error) || (error as { code?: unknown }).code !== "ERR_SQLITE_ERROR") throw error;
    throw new FailedError(`cannot read '${escapeText(path)}': its database is damaged`, {
      code: "earlier_vault_damaged",
      hint: "put back a copy of that vault that you trust",
      cause: error,
    });
  } finally {
    db.close();
  }
}

function tables(db: DatabaseSync): Set<string> {
  return new Set(
    db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all().map(({ name }) => String(name)),
  );
}

function readMeta(db: DatabaseSync): { schema: number; passwordHash: string } {
  const meta = new Map(
    db.prepare("SELECT key, value FROM vault_meta").all().map((
      { key, value },
    ) => [String(key), String(value)]),
  );
  return { schema: Number(meta.get("version") ?? "1"), passwordHash: meta.get("password_hash") ?? "" };
}

function readAll(db: DatabaseSync, schema: number, key: Uint8Array): EarlierVault {
  const groups = new Groups(db);
  const notes: string[] = groups.notes;
  const vault: EarlierVault = { schema, projects: groups.projects, credentials: [], notes, leftOut: [] };
  const taken = new Map<string, Set<string>>();
  for (const row of db.prepare("SELECT * FROM credentials ORDER BY name").iterate()) {
    const name = text(row, "name");
    const value = decrypt(text(row, "encrypted_value"), key);
    if (value === undefined || value.length > MAX_VALUE_LENGTH) {
      const why = value === undefined ? "its value cannot be decrypted" : "its value is larger than 1 MiB";
      vault.leftOut.push({ name, why });
      wipe(value);
      continue;
    }
    const place = groups.of(text(row, "partition_id"));
    let names = taken.get(place.project);
    if (names === undefined) taken.set(place.project, names = new Set());
    const usable = usableName(name, names, notes);
    const token = text(row, "wisp_token");
    if (!isTokenForm(token)) {
      notes.push(`${escapeText(usable)}: no program could find its token; it gets a new one`);
    }
    if (/^(bearer|basic) /i.test(firstBytes(value))) {
      notes.push(
        `${escapeText(usable)}: its value begins with a scheme, which would be sent twice; look at it`,
      );
    }
    vault.credentials.push({
      ...place,
      name: usable,
      ...readV1Details(text(row, "description"), text(row, "tags"), usable, notes),
      ...readV1Type(json(text(row, "credential_type")), usable, notes),
      hosts: readV1Hosts(text(row, "hosts"), usable, notes),
      token: isTokenForm(token) ? token : null,
      value,
    });
  }
  return vault;
}

/** Projects and partitions as far as the schema has them; what it lacks is `default` and `personal`. */
class Groups {
  readonly projects: EarlierVault["projects"] = [];
  readonly notes: string[] = [];
  readonly #byPartition = new Map<string, { project: string; partition: string }>();

  constructor(db: DatabaseSync) {
    const has = tables(db);
    const names = new Set<string>();
    const ids = new Map<string, EarlierVault["projects"][number]>();
    for (const row of has.has("projects") ? db.prepare("SELECT * FROM projects ORDER BY name").all() : []) {
      const name = usableName(text(row, "name"), names, this.notes);
      const project = { name, description: this.#description(row, name), partitions: [] };
      ids.set(text(row, "id"), project);
      this.projects.push(project);
    }
    for (
      const row of has.has("partitions") ? db.prepare("SELECT * FROM partitions ORDER BY name").all() : []
    ) {
      const project = ids.get(text(row, "project_id")) ?? this.#defaultProject();
      const name = usableName(
        text(row, "name"),
        new Set(project.partitions.map((each) => each.name)),
        this.notes,
      );
      project.partitions.push({ name, description: this.#description(row, name) });
      this.#byPartition.set(text(row, "id"), { project: project.name, partition: name });
    }
  }

  /** Where a credential lies. */
  of(partitionId: string): { project: string; partition: string } {
    const known = this.#byPartition.get(partitionId);
    if (known !== undefined) return known;
    const project = this.#defaultProject();
    if (!project.partitions.some(({ name }) => name === DEFAULT_PARTITION)) {
      project.partitions.push({ name: DEFAULT_PARTITION, description: "" });
    }
    return { project: project.name, partition: DEFAULT_PARTITION };
  }

  #defaultProject(): EarlierVault["projects"][number] {
    let project = this.projects.find(({ name }) => name === DEFAULT_PROJECT);
    if (project === undefined) {
      this.projects.push(project = { name: DEFAULT_PROJECT, description: "", partitions: [] });
    }
    return project;
  }

  #description(row: Row, name: string): string {
    return readV1Details(text(row, "description"), "", name, this.notes).description;
  }
}

function decrypt(base64: string, key: Uint8Array): Uint8Array | undefined {
  let sealed: Uint8Array;
  try {
    sealed = Uint8Array.fromBase64(base64);
  } catch {
    // Not Base64: as unreadable as a value under another key.
    return undefined;
  }
  const end = sealed.length - TAG_LENGTH;
  if (end < NONCE_LENGTH) return undefined;
  const parts = {
    nonce: sealed.subarray(0, NONCE_LENGTH),
    ciphertext: sealed.subarray(NONCE_LENGTH, end),
    tag: sealed.subarray(end),
  };
  return open(key, parts, new Uint8Array(0));
}

function firstBytes(value: Uint8Array): string {
  return String.fromCharCode(...value.subarray(0, 7));
}

/** A column's text; empty where the schema does not have it. */
function text(row: Row, column: string): string {
  const value = row[column];
  return typeof value === "string" ? value : "";
}

function json(source: string): unknown {
  try {
    return JSON.parse(source);
  } catch {
    // An unreadable type is told like an unknown one.
    return undefined;
  }
}
