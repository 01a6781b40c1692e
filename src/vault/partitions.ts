/**
 * The partitions of a vault: groups of credentials inside a project.
 *
 * @module
 */

import type { Partition } from "../core/credential.ts";
import { FailedError, NotFoundError } from "../core/errors.ts";
import { checkName, escapeText } from "../core/name.ts";
import { storableText } from "./columns.ts";
import type { AuditNote, VaultContext } from "./context.ts";
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
    const { db, keys } = this.#context;
    const now = this.#context.now();
    const name = checkName(draft.name, "partition");
    if (this.getByName(draft.projectId, name) !== undefined) {
      throw new FailedError(
        `cannot create partition '${escapeText(name)}': the project has one of that name`,
        {
          code: "duplicate_name",
          hint: "wispkey partition list",
        },
      );
    }
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

  #select(condition: string, ...values: (string | null)[]): (Partition & Checked)[] {
    const { db, keys } = this.#context;
    const sql = `SELECT * FROM partitions WHERE ${condition} ORDER BY project_id, name`;
    return db.prepare(sql, { bigints: true }).all(...values).map((row) => readPartition(row, keys).partition);
  }
}
