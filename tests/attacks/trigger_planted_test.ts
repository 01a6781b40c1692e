/**
 * The agent puts a trigger, or a table of its own making, into the database: what the owner takes away is told as taken away,
 * and is back after the next unlock.
 */

import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { utf8 } from "../../src/core/bytes.ts";
import { assertCode, draft, reopen, tamper, withVault } from "../vault/support.ts";

const IGNORE = "BEGIN SELECT RAISE(IGNORE); END";
const PLANTED: Record<string, string[]> = {
  "a trigger that ignores changes": [
    `CREATE TRIGGER a BEFORE UPDATE ON credentials ${IGNORE}`,
    `CREATE TRIGGER b BEFORE DELETE ON credentials ${IGNORE}`,
    `CREATE TRIGGER c BEFORE UPDATE ON state ${IGNORE}`,
    `CREATE TRIGGER d BEFORE INSERT ON state ${IGNORE}`,
  ],
  "a trigger that changes them back": [
    `CREATE TRIGGER "a""b" AFTER UPDATE ON credentials WHEN new.hosts <> old.hosts
     BEGIN UPDATE credentials SET hosts = old.hosts, mac = old.mac, revision = old.revision; END`,
  ],
  "a trigger that keeps rows from the log": [`CREATE TRIGGER a BEFORE INSERT ON audit ${IGNORE}`],
};

Deno.test("a naive database tells a change as done that a trigger has ignored", () => {
  const naive = new DatabaseSync(":memory:");
  naive.exec("CREATE TABLE credentials (hosts TEXT); INSERT INTO credentials VALUES ('wide')");
  naive.exec(`CREATE TRIGGER a BEFORE UPDATE ON credentials ${IGNORE}`);
  naive.exec("UPDATE credentials SET hosts = 'narrow'");
  assert.deepEqual({ ...naive.prepare("SELECT hosts FROM credentials").get() }, { hosts: "wide" });
  naive.close();
});

for (const [what, statements] of Object.entries(PLANTED)) {
  Deno.test(`nothing is told as done that the database does not do: ${what}`, () =>
    withVault(async (vault, directory) => {
      const hosts = ["one.example", "two.example"];
      const { id } = vault.credentials.add(draft(vault, "key", { hosts }), utf8("a value of a credential"));
      for (const sql of statements) tamper(directory, sql);
      assertCode(() => vault.credentials.edit(id, { hosts: ["one.example"] }), "vault_tampered");
      assertCode(() => vault.credentials.remove(id), "vault_tampered");
      assertCode(() => vault.audit.append([{ event: "CredentialUsed" }], 1), "vault_tampered");
      vault.dropKeys();

      const fresh = await reopen(directory);
      assert.match(fresh.audit.query({ last: 1 })[0]?.reason ?? "", /planted/);
      fresh.credentials.edit(id, { hosts: ["one.example"] });
      fresh.close();
      const again = await reopen(directory);
      assert.deepEqual(again.credentials.getById(id)?.hosts, ["one.example"]);
      assert.deepEqual(again.verify().problems, []);
      again.close();
    }));
}
