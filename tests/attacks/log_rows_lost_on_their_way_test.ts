/** While rows of many uses are on their way into the log, the agent makes the daemon believe that they arrived. */

import assert from "node:assert/strict";
import type { TimedEntry } from "../../src/core/audit.ts";
import { beginGeneration, readGeneration } from "../../src/vault/audit/generation.ts";
import { Database } from "../../src/vault/database.ts";
import { tamper, withVault } from "../vault/support.ts";

const ROWS: TimedEntry[] = Array.from({ length: 600 }, (_, i) => ({
  entry: { event: "CredentialUsed", credential: `use-${i}` },
  at: i,
}));

Deno.test("a number that the agent raises in the database makes no use vanish from the log", async () => {
  await withVault(async (vault, directory) => {
    const journal = vault.openJournal();
    try {
      journal.write(ROWS);
      const naive = Database.open(`${directory}/vault.db`);
      const generation = readGeneration(naive);
      tamper(directory, "UPDATE audit_journal SET generation = generation + 1");
      assert.equal(
        naive.transaction("process", () => beginGeneration(naive, generation, generation + 1)),
        false,
        "who believes the number takes the rows for settled",
      );
      naive.close();

      const { promise, resolve, reject } = Promise.withResolvers<number[]>();
      assert.ok(journal.settleElsewhere(ROWS, [], { settled: resolve, failed: reject }));
      const numbers = await promise;
      assert.equal(new Set(numbers).size, ROWS.length, "each row has its number");
      const logged = vault.audit.query({ event: "CredentialUsed" });
      assert.deepEqual(logged.map(({ credential }) => credential), ROWS.map(({ entry }) => entry.credential));
      assert.deepEqual(vault.verify().problems, []);
    } finally {
      await journal.close();
    }
  });
});
