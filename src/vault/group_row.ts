/**
 * Projects and partitions as authenticated rows.
 *
 * @module
 */

import { equalInConstantTime } from "../core/bytes.ts";
import { canonical } from "../core/canonical.ts";
import type { Partition, Project } from "../core/credential.ts";
import { Columns } from "./columns.ts";
import type { Row } from "./database.ts";
import { FORMAT_VERSION, type VaultKeys } from "./keys.ts";

/** Whether a row is as it was written. */
export interface Checked {
  /** False if the row was changed behind our back. */
  intact: boolean;
}

/** MAC of a project's row. */
export function projectMac(keys: VaultKeys, p: Project): Uint8Array<ArrayBuffer> {
  return keys.mac(
    "rows",
    canonical(["wispkey project", FORMAT_VERSION, p.id, p.name, p.description, p.createdAt, p.updatedAt]),
  );
}

/** MAC of a partition's row. */
export function partitionMac(keys: VaultKeys, p: Partition): Uint8Array<ArrayBuffer> {
  const { id, projectId, name, description, createdAt, updatedAt } = p;
  return keys.mac(
    "rows",
    canonical(["wispkey partition", FORMAT_VERSION, id, projectId, name, description, createdAt, updatedAt]),
  );
}

/** Reads a row of `projects`. */
export function readProject(row: Row, keys: VaultKeys): { project: Project & Checked; mac: Uint8Array } {
  const columns = new Columns(row);
  const project: Project = readCommon(columns);
  const mac = columns.bytes("mac");
  const intact = !columns.damaged && equalInConstantTime(mac, projectMac(keys, project));
  return { project: { ...project, intact }, mac };
}

/** Reads a row of `partitions`. */
export function readPartition(
  row: Row,
  keys: VaultKeys,
): { partition: Partition & Checked; mac: Uint8Array } {
  const columns = new Columns(row);
  const partition: Partition = { ...readCommon(columns), projectId: columns.text("project_id") };
  const mac = columns.bytes("mac");
  const intact = !columns.damaged && equalInConstantTime(mac, partitionMac(keys, partition));
  return { partition: { ...partition, intact }, mac };
}

function readCommon(columns: Columns): Project {
  return {
    id: columns.text("id"),
    name: columns.text("name"),
    description: columns.text("description"),
    createdAt: columns.integer("created_at"),
    updatedAt: columns.integer("updated_at"),
  };
}
