/**
 * The generation of the journal (`journal.ts`), which the database holds: rows of the journal go into the log and the
 * next generation begins in one transaction, so that no row goes there twice, whoever moves them.
 *
 * @module
 */

import type { Database } from "../database.ts";

/** The generation whose lines are not in the log yet. */
export function readGeneration(db: Database): number {
  return Number(db.prepare("SELECT generation FROM audit_journal").get()?.generation ?? 0);
}

/** Begins a generation, inside a transaction; false if another than `from` was under way, whose lines are in the log by now. */
export function beginGeneration(db: Database, from: number, next: number): boolean {
  return db.prepare("UPDATE audit_journal SET generation = ? WHERE generation = ?").run(next, from) > 0;
}
