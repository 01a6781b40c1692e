/**
 * The agent lowers the cost of the key derivation in the file, so that what it captures next can be guessed cheaply, or raises
 * it, so that nobody can open the vault any more.
 */

import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { utf8 } from "../../src/core/bytes.ts";
import { Vault } from "../../src/vault/mod.ts";
import { Home } from "../e2e/harness.ts";

Deno.test("parameters that were changed in the file are refused before anything is derived from the password", async () => {
  await using home = await Home.withVault();
  await home.ok("stop");
  const naive = (row: Record<string, unknown>) => `derive at ${row["kdf_memory_kib"]} KiB`;
  for (
    const [column, value] of [["kdf_memory_kib", 8], ["kdf_passes", 1], ["kdf_memory_kib", 64 * 1024 * 1024]]
  ) {
    using database = new DatabaseSync(`${home.vault}/vault.db`);
    const before = database.prepare("SELECT * FROM vault").get() as Record<string, number>;
    database.exec(`UPDATE vault SET ${column} = ${value}`);
    const edited = database.prepare("SELECT * FROM vault").get() as Record<string, unknown>;
    assert.match(naive(edited), /^derive at /, "a naive program takes what it finds");
    const started = performance.now();
    await assert.rejects(Vault.open(home.vault, utf8(home.password)));
    const refused = await home.run(["unlock"]);
    assert.notEqual(refused.code, 0);
    assert.ok(
      !/wrong/.test(refused.stderr),
      `the owner is not told that the password is wrong: ${refused.stderr}`,
    );
    assert.ok(performance.now() - started < 60_000);
    database.exec(`UPDATE vault SET ${column} = ${before[String(column)]}`);
  }
  await home.ok("unlock");
});
