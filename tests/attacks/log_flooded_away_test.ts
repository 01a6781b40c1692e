/** An owner keeps a log of so many rows. The agent uses a credential, and then makes rows until that one has been pushed out. */

import assert from "node:assert/strict";
import type { AuditEntry } from "../../src/core/audit.ts";
import { LogKeeper } from "../../src/daemon/log_keeper.ts";
import { pruneLog } from "../../src/daemon/prune_log.ts";
import type { Vault } from "../../src/vault/mod.ts";
import { withVault } from "../vault/support.ts";

const MONTH_MS = 30 * 86_400_000;

function write(vault: Vault, count: number, at: number, entry: AuditEntry): void {
  for (let i = 0; i < count; i += 500) {
    vault.audit.append(Array.from({ length: Math.min(500, count - i) }, () => entry), at);
  }
}

Deno.test("rows that an agent makes push out what happened a month ago, not what happened this week", async () => {
  const old = Date.now() - MONTH_MS;
  await withVault(async (vault) => {
    write(vault, 1_000, old, { event: "CredentialUsed", credential: "old" });
    const theft: AuditEntry = { event: "CredentialUsed", credential: "payroll", host: "api.test" };
    vault.audit.append([theft], Date.now() - 60_000);
    const flood: AuditEntry = { event: "CredentialUsed", credential: "harmless" };
    write(vault, 5_000, Date.now(), flood);

    const newest = vault.audit.query({ last: 1_000 });
    assert.ok(!newest.some(({ credential }) => credential === "payroll"), "a log of 1,000 rows has lost it");

    const keeper = new LogKeeper({
      vault,
      settings: () => ({ "log.max_age": 0, "log.max_rows": 1_000 }),
      busy: () => false,
      isIndexed: () => true,
    });
    keeper.start();
    for (const deadline = Date.now() + 20_000; vault.audit.query({ event: "LogPruned" }).length === 0;) {
      assert.ok(Date.now() < deadline, "nothing was removed");
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    keeper.end();
    assert.equal(vault.audit.query({ credential: "payroll" }).length, 1);
    assert.equal(vault.audit.query({ credential: "old" }).length, 0, "the oldest do go");

    await pruneLog(vault, { keep: 10 });
    assert.equal(vault.audit.query({ credential: "payroll" }).length, 0, "a person with the password may");
  }, { now: () => old });
});
