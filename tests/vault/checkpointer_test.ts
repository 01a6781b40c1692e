import assert from "node:assert/strict";
import type { TimedEntry } from "../../src/core/audit.ts";
import { Checkpointer } from "../../src/vault/checkpointer.ts";
import { reopen, withVault } from "./support.ts";

function rows(count: number): TimedEntry[] {
  return Array.from({ length: count }, (_, i) => ({
    entry: { event: "CredentialUsed", credential: "openai", path: `/${"x".repeat(800)}/${i}` },
    at: i,
  }));
}

/** Waits until a file answers a question, at most ten seconds. */
async function until(holds: () => boolean): Promise<boolean> {
  for (let i = 0; i < 200; i++) {
    if (holds()) return true;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return false;
}

Deno.test("the journal's rows reach the database file without the writer doing it", async () => {
  await withVault(async (vault, directory) => {
    const journal = vault.openJournal();
    const size = () => Deno.statSync(`${directory}/vault.db`).size;
    const before = size();
    // A third of what would make a commit do it.
    journal.settle(rows(4_000));
    assert.equal(size(), before, "a commit alone moves nothing");
    assert.ok(await until(() => size() > before), "the thread moved it");
    journal.close();
    const again = await reopen(directory);
    assert.equal(again.verify().ok, true);
    assert.equal(again.audit.query().filter(({ event }) => event === "CredentialUsed").length, 4_000);
    again.close();
  });
});

Deno.test("the write-ahead file stays bounded however long rows keep coming", async () => {
  await withVault(async (vault, directory) => {
    const journal = vault.openJournal();
    const wal = () => Deno.statSync(`${directory}/vault.db-wal`).size;
    let largest = 0;
    for (let round = 0; round < 30; round++) {
      journal.settle(rows(2_000));
      await new Promise((resolve) => setTimeout(resolve, 100));
      largest = Math.max(largest, wal());
    }
    journal.close();
    assert.ok(largest < 64 * 1024 * 1024, `${largest} bytes`);
    assert.equal(vault.verify().ok, true);
  });
});

Deno.test("a thread that cannot work says so once, and whoever commits does it again", async () => {
  const failed = Promise.withResolvers<void>();
  const checkpointer = new Checkpointer("/nowhere/at/all/vault.db", failed.resolve);
  checkpointer.changed();
  // The timer is not to keep a process alive, so something else has to.
  const awake = setTimeout(() => failed.reject(new Error("it did not say so")), 10_000);
  await failed.promise;
  clearTimeout(awake);
  checkpointer.changed();
  checkpointer.close();
});
