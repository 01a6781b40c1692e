/**
 * Notices rows that something other than this daemon wrote while it runs. The open daemon is the only honest writer of
 * credentials, so a difference is either an agent at the database or a command that raced with `unlock`: both are told.
 *
 * @module
 */

import type { AuditJournal, SealedCredential, Vault } from "../vault/mod.ts";

/** How often the database is asked whether another connection wrote to it, milliseconds. */
export const POLL_MS = 1_000;

/** At most so many names go into the log row. */
const NAMES_SHOWN = 5;

/** Compares the rows of a vault with what they were. */
export class OutsideChanges {
  readonly #vault: Vault;
  readonly #journal: Pick<AuditJournal, "lookElsewhere">;
  #dataVersion: number;

  /** Starts from the vault as it is now. */
  constructor(vault: Vault, journal: Pick<AuditJournal, "lookElsewhere">) {
    this.#vault = vault;
    this.#journal = journal;
    this.#dataVersion = vault.dataVersion();
  }

  /** Whether another connection wrote since the last call; cheap. */
  wrote(): boolean {
    const version = this.#vault.dataVersion();
    const changed = version !== this.#dataVersion;
    this.#dataVersion = version;
    const { settled, othersWrote } = this.#journal.lookElsewhere();
    return othersWrote || changed && !settled;
  }
}

/**
 * Says which credentials differ between two readings, for the log; undefined if none does.
 *
 * @example
 * ```ts
 * import { describeDifference } from "./outside_changes.ts";
 *
 * console.assert(describeDifference([], []) === undefined);
 * ```
 */
export function describeDifference(
  before: Iterable<SealedCredential>,
  after: Iterable<SealedCredential>,
): string | undefined {
  const left = new Map([...before].map((row) => [row.credential.id, row]));
  const names: string[] = [];
  for (const row of after) {
    const old = left.get(row.credential.id);
    left.delete(row.credential.id);
    if (old === undefined) names.push(`${row.credential.name} appeared`);
    else if (!row.credential.intact && old.credential.intact) names.push(`${row.credential.name} was edited`);
    else if (row.revision < old.revision) names.push(`${row.credential.name} was put back as it was before`);
    else if (row.revision !== old.revision) names.push(`${row.credential.name} changed`);
  }
  for (const gone of left.values()) names.push(`${gone.credential.name} vanished`);
  if (names.length === 0) return undefined;
  const more = names.length > NAMES_SHOWN ? ` and ${names.length - NAMES_SHOWN} more` : "";
  return names.slice(0, NAMES_SHOWN).join(", ") + more;
}
