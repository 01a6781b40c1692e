/**
 * Sees to it that the database does what it is told: its schema is what this program made, without a trigger, a view or a
 * constraint of somebody else's. Such a thing could undo a change that was told as done, inside our own transaction.
 *
 * @module
 */

import { DatabaseSync } from "node:sqlite";
import { DeniedError } from "../core/errors.ts";
import type { Database } from "./database.ts";
import { MIGRATIONS } from "./migrations.ts";

// What SQLite makes by itself (indexes of constraints, statistics) has no text, or a name that nobody else may give.
const OBJECTS = `SELECT type || ' ' || name AS object, sql FROM sqlite_schema
  WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'`;

let known: ReadonlyMap<string, string> | undefined;

/** Objects of the latest schema, with the text that made them. */
function ourSchema(): ReadonlyMap<string, string> {
  if (known !== undefined) return known;
  const db = new DatabaseSync(":memory:");
  try {
    for (const step of MIGRATIONS) db.exec(step);
    return known = new Map(
      db.prepare(OBJECTS).all().map(({ object, sql }) => [`${object}`, plain(`${sql}`)]),
    );
  } finally {
    db.close();
  }
}

/** Spaces and line breaks are nobody's harm. */
function plain(sql: string): string {
  return sql.replaceAll(/\s+/g, " ");
}

const PLANTED = /^(?:trigger|view) /;

/**
 * Objects of a migrated database that can undo a change, each as type and name: triggers and views, of which there are none of
 * ours, and tables of ours that are not as we made them. A table besides them does nothing.
 */
export function strangeObjects(db: Database): string[] {
  const ours = ourSchema();
  return db.prepare(OBJECTS).all().map(({ object, sql }) => [String(object), plain(String(sql))] as const)
    .filter(([object, sql]) => PLANTED.test(object) || ours.has(object) && ours.get(object) !== sql)
    .map(([object]) => object);
}

/**
 * Removes triggers and views that somebody put into a migrated database; there are none of ours.
 *
 * @returns whether there were any
 */
export function dropPlanted(db: Database): boolean {
  const planted = strangeObjects(db).filter((object) => PLANTED.test(object));
  if (planted.length === 0) return false;
  db.transaction("power", () => {
    for (const object of planted) {
      const [, type = "", name = ""] = /^(\w+) (.*)$/s.exec(object) ?? [];
      db.exec(`DROP ${type} "${name.replaceAll('"', '""')}"`);
    }
  });
  return true;
}

/**
 * From now on each transaction looks, if the schema was changed since the last one, whether it is as it ought to be. If it is
 * not, the transaction throws {@linkcode DeniedError} `vault_tampered`; reading goes on.
 */
export function guardSchema(db: Database): void {
  let version: number | undefined;
  db.onBegin(() => {
    const current = db.pragma("schema_version");
    if (current === version) return;
    const [strange] = strangeObjects(db);
    if (strange !== undefined) {
      throw new DeniedError("cannot change the vault: the structure of its database is not what it was", {
        code: "vault_tampered",
        hint: PLANTED.test(strange)
          ? "wispkey unlock"
          : "put back a copy of the vault directory that you trust",
      });
    }
    version = current;
  });
}
