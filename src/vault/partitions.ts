/**
 * The partitions of a vault: groups of credentials inside a project.
 *
 * @module
 */

import type { Partition } from "../core/credential.ts";
import { FailedError, NotFoundError } from "../core/errors.ts";
import { checkDetails } from "../core/limits.ts";
import { checkName, escapeText } from "../core/name.ts";
import { storableText } from "./columns.ts";
import type { AuditNote, VaultContext } from "./context.ts";
import { groupTampered, notEmpty } from "./group_errors.ts";
import { type Checked, partitionMac, readPartition } from "./group_row.ts";
import type { LedgerChange } from "./ledger.ts";

/** What is needed to make a partition. */
export interface PartitionDraft {
  /** Id of its project. */
  projectId: string;
  /** Unique in the project. */
  name: string;
  /** Free text, may be empty. */
  description: string;
}

/** Reads and makes partitions. */
export class PartitionStore {
  readonly #context: VaultContext;

  /** The partitions in the vault of `context`. */
  constructor(context: VaultContext) {
    this.#context = context;
  }

  /** Partitions of a project, or of all, by name. */
  list(projectId?: string): (Partition & Checked)[] {
    return this.#select("(?1 IS NULL OR project_id = ?1)", projectId ?? null);
  }

  /** The partition of an id. */
  get(id: string): (Partition & Checked) | undefined {
    return this.#select("id = ?", id)[0];
  }

  /** The partition of a name in a project. */
  getByName(projectId: string, name: string): (Partition & Checked) | undefined {
    return this.#select("project_id = ? AND name = ?", projectId, name)[0];
  }

  /**
   * Makes a partition.
   *
   * @throws {UsageError} `invalid_name`; {NotFoundError} `project_not_found`; {FailedError} `duplicate_name`.
   */
  create(draft: PartitionDraft, note: AuditNote = {}): Partition {
    return this.#context.change((ledger) => {
      const project = this.#context.db.prepare("SELECT name FROM projects WHERE id = ?").get(draft.projectId);
      if (project === undefined) {
        throw new NotFoundError("cannot create the partition: there is no such project", {
          code: "project_not_found",
          hint: "wispkey project list",
        });
      }
      const partition = this.insert(ledger, draft);
      return [partition, {
        event: "PartitionCreated",
        project: String(project.name),
        reason: `partition ${partition.name}`,
        ...note,
      }];
    });
  }

  /** Inserts a row inside a change. */
  insert(ledger: LedgerChange, draft: PartitionDraft): Partition {
    checkDetails(draft);
    const { db, keys } = this.#context;
    const now = this.#context.now();
    const name = checkName(draft.name, "partition");
    if (this.getByName(draft.projectId, name) !== undefined) throw duplicate("create", name);
    const partition: Partition = {
      id: crypto.randomUUID(),
      projectId: draft.projectId,
      name,
      description: storableText(draft.description),
      createdAt: now,
      updatedAt: now,
    };
    const mac = partitionMac(keys, partition);
    ledger.toggle("partitions", partition.id, mac);
    db.prepare(
      `INSERT INTO partitions (id, project_id, name, description, created_at, updated_at, mac)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
    ).run(partition.id, partition.projectId, name, partition.description, now, now, mac);
    return partition;
  }

  /**
   * Gives a partition another name.
   *
   * @throws {UsageError} `invalid_name`; {NotFoundError} `partition_not_found`; {FailedError} `duplicate_name`;
   * {DeniedError} `partition_tampered`.
   */
  rename(id: string, to: string, note: AuditNote = {}): Partition {
    return this.#context.change((ledger) => {
      const { db, keys } = this.#context;
      const { before, mac: oldMac } = this.#require(id);
      const name = checkName(to, "partition");
      const other = this.getByName(before.projectId, name);
      if (other !== undefined && other.id !== id) throw duplicate("rename", name);
      const partition: Partition = { ...before, name, updatedAt: this.#context.now() };
      const mac = partitionMac(keys, partition);
      ledger.toggle("partitions", id, oldMac);
      ledger.toggle("partitions", id, mac);
      db.prepare("UPDATE partitions SET name = ?, updated_at = ?, mac = ? WHERE id = ?")
        .run(name, partition.updatedAt, mac, id);
      const reason = `partition ${before.name} is now ${name}`;
      return [partition, { event: "PartitionRenamed", project: this.#projectName(before), reason, ...note }];
    });
  }

  /**
   * Removes a partition without credentials.
   *
   * @throws {NotFoundError} `partition_not_found`; {FailedError} `not_empty`; {DeniedError} `partition_tampered`.
   */
  remove(id: string, note: AuditNote = {}): void {
    this.#context.change((ledger) => {
      const { before, mac } = this.#require(id);
      const { db } = this.#context;
      if (db.prepare("SELECT 1 FROM credentials WHERE partition_id = ?").get(id) !== undefined) {
        throw notEmpty("partition", before.name);
      }
      db.prepare("DELETE FROM partitions WHERE id = ?").run(id);
      ledger.toggle("partitions", id, mac);
      const entry = { project: this.#projectName(before), reason: `partition ${before.name}` };
      return [undefined, { event: "PartitionDeleted", ...entry, ...note }];
    });
  }

  /** Removes all partitions of a project inside a change. */
  strike(ledger: LedgerChange, projectId: string): void {
    for (const { id } of this.list(projectId)) {
      const { mac } = this.#require(id);
      this.#context.db.prepare("DELETE FROM partitions WHERE id = ?").run(id);
      ledger.toggle("partitions", id, mac);
    }
  }

  #require(id: string): { before: Partition; mac: Uint8Array } {
    const { db, keys } = this.#context;
    const row = db.prepare("SELECT * FROM partitions WHERE id = ?", { bigints: true }).get(id);
    if (row === undefined) {
      throw new NotFoundError("cannot find the partition: it is gone", {
        code: "partition_not_found",
        hint: "wispkey partition list",
      });
    }
    const { partition: { intact, ...before }, mac } = readPartition(row, keys);
    if (!intact) throw groupTampered("partition", before.name);
    return { before, mac };
  }

  #projectName({ projectId }: Partition): string {
    const name = this.#context.db.prepare("SELECT name FROM projects WHERE id = ?").get(projectId)?.name;
    return typeof name === "string" ? name : projectId;
  }

  #select(condition: string, ...values: (string | null)[]): (Partition & Checked)[] {
    const { db, keys } = this.#context;
    const sql = `SELECT * FROM partitions WHERE ${condition} ORDER BY project_id, name`;
    return db.prepare(sql, { bigints: true }).all(...values).map((row) => readPartition(row, keys).partition);
  }
}

function duplicate(verb: string, name: string): FailedError {
  return new FailedError(`cannot ${verb} partition '${escapeText(name)}': the project has one of that name`, {
    code: "duplicate_name",
    hint: "wispkey partition list",
  });
}
