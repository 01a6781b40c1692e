/**
 * The projects of a vault: walls between sets of credentials.
 *
 * @module
 */

import { DEFAULT_PARTITION, type Project } from "../core/credential.ts";
import { FailedError } from "../core/errors.ts";
import { checkName, escapeText } from "../core/name.ts";
import { storableText } from "./columns.ts";
import type { AuditNote, VaultContext } from "./context.ts";
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
    if (this.getByName(name) !== undefined) {
      throw new FailedError(`cannot create project '${escapeText(name)}': there is one of that name`, {
        code: "duplicate_name",
        hint: "wispkey project list",
      });
    }
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

  #select(condition: string, ...values: (string | null)[]): (Project & Checked)[] {
    const { db, keys } = this.#context;
    const sql = `SELECT * FROM projects WHERE ${condition} ORDER BY name`;
    return db.prepare(sql, { bigints: true }).all(...values).map((row) => readProject(row, keys).project);
  }
}
