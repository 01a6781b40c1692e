/** Having used a credential, the agent removes the rows that tell of it from the log, or changes what they say. */

import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { reopen, withVault } from "../vault/support.ts";

const EDITS: Record<string, string> = {
  "the last rows removed": "DELETE FROM audit WHERE seq > 3",
  "a row in the middle removed": "DELETE FROM audit WHERE seq = 3",
  "all of it removed": "DELETE FROM audit",
};

for (const [what, sql] of Object.entries(EDITS)) {
  Deno.test(`the owner sees that the log was tampered with: ${what}`, () =>
    withVault(async (vault, directory) => {
      for (let i = 0; i < 4; i++) {
        vault.audit.append([{ event: "CredentialUsed", credential: `k${i}` }], Date.now());
      }
      const naive = new DatabaseSync(":memory:");
      naive.exec(
        "CREATE TABLE audit (seq INTEGER PRIMARY KEY, event TEXT); INSERT INTO audit VALUES (1,'a'),(2,'b'),(3,'c'),(4,'d'),(5,'e')",
      );
      naive.exec(sql);
      const rows = naive.prepare("SELECT event FROM audit ORDER BY seq").all();
      assert.ok(rows.length < 5, "a naive log shows the rest as if nothing had been");
      naive.close();

      assert.equal(vault.verify().ok, true);
      using database = new DatabaseSync(`${directory}/vault.db`);
      database.exec(sql);
      assert.equal(vault.verify().ok, false, "the process that wrote it notices");
      vault.close();
      const fresh = await reopen(directory);
      try {
        assert.equal(fresh.verify().ok, false, "and so does one that comes later");
      } finally {
        fresh.close();
      }
    }));
}
