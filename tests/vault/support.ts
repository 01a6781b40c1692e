import assert from "node:assert/strict";
import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import { utf8 } from "../../src/core/bytes.ts";
import type { CredentialDraft } from "../../src/core/credential.ts";
import { WispKeyError } from "../../src/core/errors.ts";
import { Vault, type VaultOptions } from "../../src/vault/mod.ts";
import { CHEAP_KDF } from "./cheap_kdf.ts";

/** The master password of every test vault. */
export const PASSWORD = utf8("correct horse battery");

/** Runs `work` on a directory that is removed afterwards; `vault` below it does not exist yet. */
export async function withDirectory(work: (directory: string) => unknown): Promise<void> {
  const top = await Deno.makeTempDir({ prefix: "wispkey-vault-" });
  try {
    await work(`${top}/vault`);
  } finally {
    await Deno.remove(top, { recursive: true });
  }
}

/** Runs `work` on a new vault, which is closed and removed afterwards. */
export async function withVault(
  work: (vault: Vault, directory: string) => unknown,
  options: VaultOptions = {},
): Promise<void> {
  await withDirectory(async (directory) => {
    const vault = await Vault.create(directory, PASSWORD, { ...CHEAP_KDF, ...options });
    try {
      await work(vault, directory);
    } finally {
      vault.close();
    }
  });
}

/** Opens the vault in a directory with the usual password. */
export function reopen(directory: string, options: VaultOptions = {}): Promise<Vault> {
  return Vault.open(directory, PASSWORD, { ...CHEAP_KDF, ...options });
}

/** A draft in the first partition of the first project. */
export function draft(vault: Vault, name: string, changes: Partial<CredentialDraft> = {}): CredentialDraft {
  const project = vault.projects.getByName("default");
  assert(project);
  const partition = vault.partitions.getByName(project.id, "personal");
  assert(partition);
  return {
    name,
    description: `the ${name} key`,
    type: "bearer_token",
    place: null,
    hosts: [`${name}.example`],
    tags: ["a", "b"],
    projectId: project.id,
    partitionId: partition.id,
    ...changes,
  };
}

/** Edits the database as a program of the same user could: with its own connection, checks and keys off. */
export function tamper(directory: string, sql: string, ...values: SQLInputValue[]): void {
  const db = new DatabaseSync(`${directory}/vault.db`, {
    timeout: 5_000,
    enableForeignKeyConstraints: false,
  });
  try {
    db.exec("PRAGMA ignore_check_constraints=ON");
    const changes = db.prepare(sql).run(...values).changes;
    assert(
      Number(changes) > 0 || /^\s*(DROP|CREATE|ALTER|PRAGMA)/i.test(sql),
      "the tampering changed nothing",
    );
  } finally {
    db.close();
  }
}

/** Reads rows with a connection of its own. */
export function peek(directory: string, sql: string, ...values: SQLInputValue[]): Record<string, unknown>[] {
  const db = new DatabaseSync(`${directory}/vault.db`, { readOnly: true });
  try {
    return db.prepare(sql).all(...values);
  } finally {
    db.close();
  }
}

/** Asserts that `act` throws one of our errors with this code, and answers it. */
export function assertCode(act: () => unknown, code: string): WispKeyError {
  try {
    act();
  } catch (error) {
    return expectCode(error, code);
  }
  assert.fail(`nothing was thrown, expected ${code}`);
}

/** Asserts that a promise rejects with one of our errors with this code, and answers it. */
export async function assertRejects(promise: Promise<unknown>, code: string): Promise<WispKeyError> {
  try {
    await promise;
  } catch (error) {
    return expectCode(error, code);
  }
  assert.fail(`nothing was thrown, expected ${code}`);
}

function expectCode(error: unknown, code: string): WispKeyError {
  assert(error instanceof WispKeyError, `not one of our errors: ${error}`);
  assert.equal(error.code, code, error.message);
  return error;
}

/** What takes each step of the schema back, the newest last; the step to version 1 has no way back. */
const UNDO: readonly (readonly string[])[] = [
  ["DROP TABLE documents"],
  ["ALTER TABLE credentials DROP COLUMN hosts_confirmed"],
  ["DROP TABLE audit_start", "DROP TABLE audit_blocks"],
];

/** Makes a closed vault one of an older schema. */
export function downgrade(directory: string, version: number): void {
  for (const statement of UNDO.slice(version - 1).toReversed().flat()) tamper(directory, statement);
  tamper(directory, `PRAGMA user_version=${version}`);
}
