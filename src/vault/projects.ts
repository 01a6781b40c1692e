/**
 * The projects of a vault: walls between sets of credentials.
 *
 * @module
 */

import { DEFAULT_PARTITION, type Project } from "../core/credential.ts";
import { FailedError, NotFoundError } from "../core/errors.ts";
import { checkDetails } from "../core/limits.ts";
import { checkName, escapeText } from "../core/name.ts";
import { storableText } from "./columns.ts";
import type { AuditNote, VaultContext } from "./context.ts";
import { groupTampered, notEmpty } from "./group_errors.ts";
import { type Checked, projectMac, readProject } from "./group_row.ts";
import type { LedgerChange } from "./ledger.ts";
import type { PartitionStore } from "./partitions.ts";

/** What is needed to make a project. */
export interface ProjectDraft {
  /** Unique in the vault. */
  name: string;
  /** Free text, may be empty. */
  description: string;
}

/** Reads and makes projects. */
export class ProjectStore {
  readonly #context: VaultContext;
  readonly #partitions: PartitionStore;

  /** The projects in the vault of `context`. */
  constructor(context: VaultContext, partitions: PartitionStore) {
    this.#context = context;
    this.#partitions = partitions;
  }

  /** All projects, by name. */
  list(): (Project & Checked)[] {
    return this.#select("?1 IS NULL", null);
  }

  /** The project of an id. */
  get(id: string): (Project & Checked) | undefined {
    return this.#select("id = ?", id)[0];
  }

  /** The project of a name. */
  getByName(name: string): (Project & Checked) | undefined {
    return this.#select("name = ?", name)[0];
  }

  /**
   * Makes a project with its own first partition.
   *
   * @throws {UsageError} `invalid_name`; {FailedError} `duplicate_name`.
   */
  create(draft: ProjectDraft, note: AuditNote = {}): Project {
    return this.#context.change((ledger) => {
      const project = this.insert(ledger, crypto.randomUUID(), draft);
      return [project, { event: "ProjectCreated", project: project.name, ...note }];
    });
  }

  /** Inserts a project and its first partition inside a change. */
  insert(ledger: LedgerChange, id: string, draft: ProjectDraft): Project {
    const { db, keys } = this.#context;
    const now = this.#context.now();
    const name = checkName(draft.name, "project");
    if (this.getByName(name) !== undefined) throw duplicate("create", name);
    checkDetails(draft);
    const description = storableText(draft.description);
    const project: Project = { id, name, description, createdAt: now, updatedAt: now };
    const mac = projectMac(keys, project);
    ledger.toggle("projects", id, mac);
    db.prepare(
      "INSERT INTO projects (id, name, description, created_at, updated_at, mac) VALUES (?, ?, ?, ?, ?, ?)",
    )
      .run(id, name, description, now, now, mac);
    this.#partitions.insert(ledger, { projectId: id, name: DEFAULT_PARTITION, description: "" });
    return project;
  }

  /**
   * Gives a project another name.
   *
   * @throws {UsageError} `invalid_name`; {NotFoundError} `project_not_found`; {FailedError} `duplicate_name`;
   * {DeniedError} `project_tampered`.
   */
  rename(id: string, to: string, note: AuditNote = {}): Project {
    return this.#context.change((ledger) => {
      const { db, keys } = this.#context;
      const { before, mac: oldMac } = this.#require(id);
      const name = checkName(to, "project");
      const other = this.getByName(name);
      if (other !== undefined && other.id !== id) throw duplicate("rename", name);
      const project: Project = { ...before, name, updatedAt: this.#context.now() };
      const mac = projectMac(keys, project);
      ledger.toggle("projects", id, oldMac);
      ledger.toggle("projects", id, mac);
      db.prepare("UPDATE projects SET name = ?, updated_at = ?, mac = ? WHERE id = ?")
        .run(name, project.updatedAt, mac, id);
      return [project, { event: "ProjectRenamed", project: name, reason: `was ${before.name}`, ...note }];
    });
  }

  /**
   * Removes a project and its partitions, which must hold no credentials.
   *
   * @throws {NotFoundError} `project_not_found`; {FailedError} `not_empty`; {DeniedError} `project_tampered` or
   * `partition_tampered`.
   */
  remove(id: string, note: AuditNote = {}): void {
    this.#context.change((ledger) => {
      const { db } = this.#context;
      const { before, mac } = this.#require(id);
      if (db.prepare("SELECT 1 FROM credentials WHERE project_id = ?").get(id) !== undefined) {
        throw notEmpty("project", before.name);
      }
      this.#partitions.strike(ledger, id);
      db.prepare("DELETE FROM projects WHERE id = ?").run(id);
      ledger.toggle("projects", id, mac);
      return [undefined, { event: "ProjectDeleted", project: before.name, ...note }];
    });
  }

  #require(id: string): { before: Project; mac: Uint8Array } {
    const { db, keys } = this.#context;
    const row = db.prepare("SELECT * FROM projects WHERE id = ?", { bigints: true }).get(id);
    if (row === undefined) {
      throw new NotFoundError("cannot find the project: it is gone", {
        code: "project_not_found",
        hint: "wispkey project list",
      });
    }
    const { project: { intact, ...before }, mac } = readProject(row, keys);
    if (!intact) throw groupTampered("project", before.name);
    return { before, mac };
  }

  #select(condition: string, ...values: (string | null)[]): (Project & Checked)[] {
    const { db, keys } = this.#context;
    const sql = `SELECT * FROM projects WHERE ${condition} ORDER BY name`;
    return db.prepare(sql, { bigints: true }).all(...values).map((row) => readProject(row, keys).project);
  }
}

function duplicate(verb: string, name: string): FailedError {
  return new FailedError(`cannot ${verb} project '${escapeText(name)}': there is one of that name`, {
    code: "duplicate_name",
    hint: "wispkey project list",
  });
}
