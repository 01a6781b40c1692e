/**
 * Errors that name a project or a partition.
 *
 * @module
 */

import { DeniedError, FailedError } from "../core/errors.ts";
import { escapeText } from "../core/name.ts";

/** What groups credentials. */
export type GroupKind = "project" | "partition";

/** Code `project_tampered` or `partition_tampered`. */
export function groupTampered(kind: GroupKind, name: string): DeniedError {
  return new DeniedError(`cannot change ${kind} '${escapeText(name)}': its row was changed behind our back`, {
    code: `${kind}_tampered`,
    hint: "wispkey doctor",
  });
}

/** Code `not_empty`. */
export function notEmpty(kind: GroupKind, name: string): FailedError {
  return new FailedError(`cannot remove ${kind} '${escapeText(name)}': it holds credentials`, {
    code: "not_empty",
    hint: "wispkey list --all-projects",
  });
}
