/** What can go wrong underneath: each a clear error, and nothing half done. */

import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { utf8 } from "../../src/core/bytes.ts";
import { Database } from "../../src/vault/database.ts";
import { describeVault, readAuditPage, Vault } from "../../src/vault/mod.ts";
import { sqliteError } from "../../src/vault/sqlite_errors.ts";
import { CHEAP_KDF } from "./cheap_kdf.ts";
import { assertCode, assertRejects, draft, PASSWORD, reopen, withVault } from "./support.ts";

Deno.test("a file that is no database is called damaged", async () => {
  for (const content of ["", "hello ".repeat(1_000), "SQLite format 3\0" + "x".repeat(5_000)]) {
    await withVault(async (vault, directory) => {
      vault.close();
      await Deno.writeTextFile(`${directory}/vault.db`, content);
      await assertRejects(Vault.open(directory, PASSWORD, CHEAP_KDF), "vault_corrupt");
      assertCode(() => describeVault(directory), "vault_corrupt");
      await assertRejects(readAuditPage(directory, {}), "vault_corrupt");
      await assertRejects(Vault.create(directory, PASSWORD, CHEAP_KDF), "vault_exists");
    });
  }
});

Deno.test("a database whose pages were overwritten is an error of ours, wherever it is noticed", async () => {
  await withVault(async (vault, directory) => {
    for (let i = 0; i < 40; i++) vault.credentials.add(draft(vault, `k${i}`), new Uint8Array(2_000));
    vault.close();
    const path = `${directory}/vault.db`;
    const whole = await Deno.readFile(path);
    for (let page = 1; page < whole.length / 4_096; page += 7) {
      const broken = whole.slice();
      broken.fill(0xff, page * 4_096, page * 4_096 + 4_096);
      await Deno.writeFile(path, broken);
      try {
        const again = await reopen(directory);
        try {
          assert.equal(again.verify().ok, false, `page ${page}`);
        } finally {
          again.close();
        }
      } catch (error) {
        assert(error instanceof Error);
        assert(
          "code" in error && ["vault_corrupt", "vault_tampered"].includes(String(error.code)),
          `page ${page}: ${error}`,
        );
      }
    }
  });
});

Deno.test("a full disk fails the change with its reason and loses nothing", async () => {
  await withVault((vault, directory) => {
    const { id } = vault.credentials.add(draft(vault, "kept"), utf8("v"));
    const db = Database.open(`${directory}/vault.db`);
    db.exec("PRAGMA max_page_count=1");
    const error = assertCode(
      () =>
        db.transaction("power", () => {
          db.prepare("INSERT INTO settings VALUES ('a', 'b', x'')").run();
          db.prepare("INSERT INTO settings VALUES ('c', ?, x'')").run("x".repeat(100_000));
        }),
      "disk_full",
    );
    assert.match(error.hint ?? "", /^df /);
    db.close();
    assert.equal(vault.verify().ok, true);
    assert.deepEqual(vault.credentials.openValue(id), utf8("v"));
    vault.credentials.add(draft(vault, "after"), utf8("w"));
  });
});

Deno.test("a database that another program keeps locked is an error after the given time, and works again later", async () => {
  await withVault((vault, directory) => {
    const keeper = new DatabaseSync(`${directory}/vault.db`);
    keeper.exec("BEGIN IMMEDIATE");
    assertCode(() => vault.credentials.add(draft(vault, "k"), utf8("v")), "vault_busy");
    assertCode(() => vault.audit.append([{ event: "VaultLocked" }], 1), "vault_busy");
    assert.deepEqual(vault.credentials.list(), [], "reading goes on");
    keeper.exec("ROLLBACK");
    keeper.close();
    vault.credentials.add(draft(vault, "k"), utf8("v"));
    assert.equal(vault.verify().ok, true);
  }, { busyTimeoutMs: 20 });
});

Deno.test("a reader that stays does not hold up a removal", async () => {
  await withVault((vault, directory) => {
    const { id } = vault.credentials.add(draft(vault, "k"), utf8("v"));
    const reader = new DatabaseSync(`${directory}/vault.db`, { readOnly: true });
    reader.exec("BEGIN");
    reader.prepare("SELECT count(*) FROM audit").get();
    vault.credentials.remove(id);
    assert.equal(vault.credentials.count(), 0);
    reader.exec("COMMIT");
    reader.close();
    assert.equal(vault.verify().ok, true);
  });
});

/** Whether modes keep this user from writing: they do not for root, nor on Windows. */
async function modesAreIgnored(directory: string): Promise<boolean> {
  if (Deno.build.os === "windows") return true;
  await Deno.chmod(directory, 0o500);
  try {
    await Deno.writeTextFile(`${directory}/probe`, "");
    await Deno.remove(`${directory}/probe`);
    return true;
  } catch {
    return false; // The mode held.
  } finally {
    await Deno.chmod(directory, 0o700);
  }
}

Deno.test("a read-only vault is an error that says what to do", async () => {
  await withVault(async (vault, directory) => {
    vault.close();
    if (await modesAreIgnored(directory)) {
      console.log("the read-only directory itself was not tried: this user may write it all the same");
      const db = Database.open(`${directory}/vault.db`, { readOnly: true });
      const error = assertCode(() => db.prepare("DELETE FROM vault").run(), "vault_read_only");
      assert.match(error.hint ?? "", /^chmod 700 /);
      db.close();
      return;
    }
    await Deno.chmod(`${directory}/vault.db`, 0o400);
    await Deno.chmod(directory, 0o500);
    try {
      await assertRejects(Vault.open(directory, utf8("a wrong one"), CHEAP_KDF), "vault_read_only");
    } finally {
      await Deno.chmod(directory, 0o700);
    }
  });
});

for (
  const [message, code] of [
    ["database is locked", "vault_busy"],
    ["attempt to write a readonly database", "vault_read_only"],
    ["unable to open database file: /x", "vault_read_only"],
    ["database or disk is full", "disk_full"],
    ["file is not a database", "vault_corrupt"],
    ["database disk image is malformed", "vault_corrupt"],
    ["disk I/O error", "disk_error"],
  ] as const
) {
  Deno.test(`SQLite's '${message}' becomes ${code} with a hint`, () => {
    assertCode(() => {
      const error = sqliteError(new Error(message), "/home/me/.wispkey/vault.db");
      assert(error instanceof Error && "hint" in error && typeof error.hint === "string");
      throw error;
    }, code);
  });
}

Deno.test("an unknown error stays what it is", () => {
  const error = new Error("UNIQUE constraint failed: credentials.token");
  assert.equal(sqliteError(error, "/x"), error);
  assert.equal(sqliteError("text", "/x"), "text");
});

Deno.test("a transaction inside another is part of it, and both end together", async () => {
  await withVault((vault, directory) => {
    const db = Database.open(`${directory}/vault.db`);
    const ends: boolean[] = [];
    db.onTransactionEnd((committed) => ends.push(committed));
    assert.throws(() =>
      db.transaction("power", () => {
        db.transaction("process", () => void db.prepare("INSERT INTO settings VALUES ('a', 'b', x'')").run());
        throw new Error("outer");
      }), /outer/);
    assert.equal(db.prepare("SELECT count(*) AS n FROM settings").get()?.n, 0);
    db.transaction("process", () => undefined);
    assert.deepEqual(ends, [false, true]);
    assert.equal(db.pragma("synchronous"), 1, "the next log row does not wait for the disk");
    assert.equal(
      db.pragma("fullfsync"),
      1,
      "what is to survive a power cut is in the disk itself, on macOS too",
    );
    db.close();
    assert.equal(vault.verify().ok, true);
  });
});
