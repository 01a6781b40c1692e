import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { utf8 } from "../../src/core/bytes.ts";
import { APPLICATION_ID, Database } from "../../src/vault/database.ts";
import { describeVault, Vault } from "../../src/vault/mod.ts";
import {
  checkSchema,
  createSchema,
  migrate,
  MIGRATIONS,
  SCHEMA_VERSION,
} from "../../src/vault/migrations.ts";
import { CHEAP_KDF } from "./cheap_kdf.ts";
import {
  assertCode,
  assertRejects,
  downgrade,
  draft,
  PASSWORD,
  peek,
  reopen,
  tamper,
  withVault,
} from "./support.ts";

async function withEmptyFile(work: (db: Database) => void): Promise<void> {
  const path = await Deno.makeTempFile({ prefix: "wispkey-db-" });
  const db = Database.open(path);
  try {
    work(db);
  } finally {
    db.close();
    await Deno.remove(path);
  }
}

Deno.test("an empty file becomes the latest schema and says what it is", async () => {
  await withEmptyFile((db) => {
    createSchema(db);
    assert.equal(db.pragma("user_version"), SCHEMA_VERSION);
    assert.equal(db.pragma("application_id"), APPLICATION_ID);
    assert.equal(checkSchema(db), SCHEMA_VERSION);
    migrate(db);
    assert.equal(db.pragma("user_version"), SCHEMA_VERSION);
  });
});

Deno.test("a database keeps foreign keys, strict tables, the write-ahead mode and overwrites what it deletes", async () => {
  await withEmptyFile((db) => {
    createSchema(db);
    assert.equal(db.pragma("foreign_keys"), 1);
    assert.equal(db.pragma("secure_delete"), 1);
    assert.equal(db.pragma("trusted_schema"), 0);
    assert.deepEqual(Object.values(db.prepare("PRAGMA journal_mode").get() ?? {}), ["wal"]);
    const loose = db.prepare(
      "SELECT name FROM pragma_table_list WHERE schema = 'main' AND strict = 0 AND name NOT LIKE 'sqlite_%'",
    );
    assert.deepEqual(loose.all(), []);
    const orphan = db.prepare("INSERT INTO partitions VALUES ('a', 'nowhere', 'n', '', 1, 1, x'')");
    assert.throws(() => orphan.run(), /FOREIGN KEY/);
  });
});

Deno.test("steps run once, in order, and only the missing ones", async () => {
  await withEmptyFile((db) => {
    const steps = [...MIGRATIONS, "CREATE TABLE later (a TEXT) STRICT; INSERT INTO later VALUES ('one')"];
    createSchema(db);
    migrate(db, steps);
    migrate(db, steps);
    assert.equal(db.pragma("user_version"), SCHEMA_VERSION + 1);
    assert.equal(db.prepare("SELECT count(*) AS n FROM later").get()?.n, 1);
    assertCode(() => migrate(db), "newer_schema");
  });
});

Deno.test("rows of before hosts could be confirmed stay intact, and count as unconfirmed", async () => {
  await withVault(async (vault, directory) => {
    const { id } = vault.credentials.add(draft(vault, "k"), utf8("v"));
    vault.close();
    downgrade(directory, 2);
    const again = await reopen(directory);
    assert.deepEqual(again.credentials.openValue(id), utf8("v"));
    assert.deepEqual([again.verify().ok, again.verify().unconfirmed], [true, ["k"]]);
    again.close();
  });
});

Deno.test("a step that fails takes those before it back", async () => {
  await withEmptyFile((db) => {
    createSchema(db);
    const steps = [...MIGRATIONS, "CREATE TABLE later (a TEXT) STRICT", "INSERT INTO nowhere VALUES (1)"];
    assertCode(() => migrate(db, steps), "vault_corrupt");
    assert.equal(db.pragma("user_version"), SCHEMA_VERSION);
    assert.equal(db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'later'").get(), undefined);
  });
});

Deno.test("a vault of a newer program is refused and left as it is", async () => {
  await withVault(async (vault, directory) => {
    vault.credentials.add(draft(vault, "k"), utf8("v"));
    vault.close();
    tamper(directory, `PRAGMA user_version=${SCHEMA_VERSION + 1}`);
    const error = await assertRejects(Vault.open(directory, PASSWORD, CHEAP_KDF), "newer_schema");
    assert.match(error.hint ?? "", /update wispkey/);
    assertCode(() => describeVault(directory), "newer_schema");
    assert.equal(peek(directory, "PRAGMA user_version")[0]?.user_version, SCHEMA_VERSION + 1);
    tamper(directory, `PRAGMA user_version=${SCHEMA_VERSION}`);
    (await reopen(directory)).close();
  });
});

Deno.test("a database of another program is refused", async () => {
  await withEmptyFile((db) => {
    db.exec("CREATE TABLE theirs (a TEXT); PRAGMA user_version=1");
    assertCode(() => migrate(db), "vault_corrupt");
    assertCode(() => checkSchema(db), "vault_corrupt");
    db.exec("PRAGMA user_version=0");
    assertCode(() => migrate(db), "vault_corrupt");
  });
});

Deno.test("the text of a step that vaults have taken never changes: it is what their schema is compared with", () => {
  // A new step adds its line here; a line that changes makes every vault there is unwritable.
  const taken = ["4d17391d17ed1844", "61d4f3f367c61c84", "4ca830f2acf14908", "cfeb0ba9fa214df5"];
  const digests = MIGRATIONS.map((step) => hash("sha256", step.replaceAll(/\s+/g, " ").trim()).slice(0, 16));
  assert.deepEqual(digests, taken);
});
