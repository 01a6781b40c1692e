import assert from "node:assert/strict";
import { utf8 } from "../../src/core/bytes.ts";
import { Database } from "../../src/vault/database.ts";
import { createSchema } from "../../src/vault/migrations.ts";
import { dropPlanted, guardSchema, strangeObjects } from "../../src/vault/schema_guard.ts";
import { assertCode, downgrade, draft, peek, reopen, tamper, withVault } from "./support.ts";

async function withDatabase(work: (db: Database, path: string) => void): Promise<void> {
  const path = await Deno.makeTempFile({ prefix: "wispkey-db-" });
  const db = Database.open(path);
  try {
    createSchema(db);
    work(db, path);
  } finally {
    db.close();
    await Deno.remove(path);
  }
}

Deno.test("a database as it was made has nothing strange in it, nor has one that was counted by SQLite", () =>
  withDatabase((db) => {
    assert.deepEqual(strangeObjects(db), []);
    db.exec("ANALYZE");
    assert.deepEqual(strangeObjects(db), []);
    assert.equal(dropPlanted(db), false);
    guardSchema(db);
    db.transaction("process", () => {});
  }));

Deno.test("what was planted is named, and triggers and views are removed whatever they are called", () =>
  withDatabase((db) => {
    db.exec(
      `CREATE TRIGGER "a ""b" BEFORE DELETE ON audit BEGIN SELECT 1; END; CREATE VIEW "v\n" AS SELECT 1`,
    );
    assert.deepEqual(strangeObjects(db).sort(), ['trigger a "b', "view v\n"]);
    assert.equal(dropPlanted(db), true);
    assert.deepEqual(strangeObjects(db), []);
    db.exec("CREATE TABLE more (a)");
    assert.equal(dropPlanted(db), false, "what may hold somebody's rows stays");
    assert.deepEqual(strangeObjects(db), []);
  }));

Deno.test("a transaction that finds the schema changed does nothing, and the next one may succeed", () =>
  withDatabase((db, path) => {
    guardSchema(db);
    const other = Database.open(path);
    other.exec("CREATE TRIGGER t BEFORE DELETE ON audit BEGIN SELECT RAISE(IGNORE); END");
    let did = 0;
    for (const durability of ["process", "power"] as const) {
      assertCode(() => db.transaction(durability, () => did++), "vault_tampered");
    }
    assert.equal(did, 0);
    other.exec("DROP TRIGGER t");
    other.close();
    db.transaction("process", () => did++);
    assert.equal(did, 1);
  }));

Deno.test("a vault with a table of somebody else's making can be read, and not changed", () =>
  withVault(async (vault, directory) => {
    const { id } = vault.credentials.add(draft(vault, "key"), utf8("a value of a credential"));
    vault.close();
    const [table] = peek(directory, "SELECT sql FROM sqlite_schema WHERE name = 'settings'");
    tamper(directory, "DROP TABLE settings");
    tamper(
      directory,
      String(table?.sql).replace("value TEXT NOT NULL", "value TEXT NOT NULL ON CONFLICT IGNORE"),
    );
    const again = await reopen(directory);
    assert.equal(again.credentials.openValue(id).length, 23);
    const { hint } = assertCode(() => again.credentials.remove(id), "vault_tampered");
    assert.match(hint ?? "", /copy/);
    again.close();
  }));

Deno.test("a vault of any older schema has the latest one once it was opened", async () => {
  for (const version of [1, 2, 3]) {
    await withVault(async (vault, directory) => {
      vault.close();
      downgrade(directory, version);
      (await reopen(directory)).close();
    });
  }
});
