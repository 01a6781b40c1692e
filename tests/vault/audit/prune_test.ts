import assert from "node:assert/strict";
import type { TimedEntry } from "../../../src/core/audit.ts";
import { BLOCK_ROWS } from "../../../src/core/audit_block.ts";
import type { Retention, Vault } from "../../../src/vault/mod.ts";
import { PRUNE_ROWS } from "../../../src/vault/audit/prune.ts";
import { assertCode, peek, reopen, tamper, withVault } from "../support.ts";

function fill(vault: Vault, count: number, from = 0): void {
  const rows = Array.from({ length: count }, (_, i): TimedEntry => ({
    entry: { event: "CredentialUsed", credential: `k${i % 3}` },
    at: from + i,
  }));
  for (let i = 0; i < count; i += 500) vault.audit.appendTimed(rows.slice(i, i + 500));
}

function prune(vault: Vault, retention: Retention): number {
  const upTo = vault.audit.lastToPrune(retention);
  let removed = 0;
  while (upTo > 0) {
    const went = vault.pruneAudit(upTo);
    if (went === 0) break;
    removed += went;
  }
  return removed;
}

const seqs = (vault: Vault) => vault.audit.query().map(({ seq }) => seq);

Deno.test("what is left after the oldest rows went still verifies, and goes on", async () => {
  await withVault(async (vault, directory) => {
    fill(vault, 2 * PRUNE_ROWS + 300);
    const last = vault.audit.count();
    const removed = prune(vault, { keep: 100 });
    assert.equal(removed, last - 100);
    assert.deepEqual(seqs(vault), Array.from({ length: 100 }, (_, i) => last - 99 + i));
    assert.equal(vault.removedAuditRows(), removed);
    const verdict = vault.verify();
    assert.deepEqual([verdict.ok, verdict.auditRows], [true, 100]);
    fill(vault, 10);
    vault.close();
    const again = await reopen(directory);
    assert.equal(again.verify().ok, true);
    assert.equal(again.audit.append([{ event: "VaultUnlocked" }], 1)[0], last + 11);
    assert.equal(prune(again, { keep: 50 }), 61);
    assert.equal(again.verify().ok, true);
    again.close();
  });
});

Deno.test("rows go by age up to the first that has to stay, whatever comes behind it", async () => {
  await withVault((vault) => {
    const first = vault.audit.count() + 1;
    vault.audit.appendTimed([50, 60, 200, 70, 300].map((at) => ({ entry: { event: "VaultLocked" }, at })));
    const before = vault.audit.query({ last: 99 }).length;
    // The rows of the vault's making are of today.
    assert.equal(vault.audit.lastToPrune({ before: 100 }), 0);
    assert.equal(prune(vault, { keep: 5 }), before - 5);
    assert.equal(vault.audit.lastToPrune({ before: 100 }), first + 1);
    assert.equal(prune(vault, { before: 100 }), 2);
    assert.deepEqual(vault.audit.query().map(({ at }) => at), [200, 70, 300]);
    assert.equal(prune(vault, { before: 100, keep: 2 }), 1);
    assert.equal(vault.verify().ok, true);
  });
});

Deno.test("the newest row always stays, for the head names it", async () => {
  await withVault((vault) => {
    fill(vault, 10);
    const last = vault.audit.count();
    prune(vault, { keep: 0, before: Number.MAX_SAFE_INTEGER });
    assert.deepEqual(seqs(vault), [last]);
    assert.equal(vault.verify().ok, true);
    assert.equal(prune(vault, { keep: 0 }), 0);
  });
});

Deno.test("a row written while locked goes with the next authenticated one behind it, not before", async () => {
  await withVault(async (vault, directory) => {
    vault.dropKeys();
    vault.audit.append([{ event: "UnlockFailed" }, { event: "UnlockFailed" }], 1);
    vault.close();
    const again = await reopen(directory);
    const locked = again.audit.query().filter((row) => !row.authenticated).map(({ seq }) => seq);
    again.audit.append([{ event: "VaultUnlocked" }, { event: "VaultLocked" }], 2);
    const last = again.audit.count();
    prune(again, { keep: last - locked[0]! });
    assert.equal(again.removedAuditRows(), locked[0]! - 1, "its own row vouches for nothing");
    assert.equal(again.verify().ok, true);
    prune(again, { keep: 1 });
    assert.deepEqual(seqs(again), [last]);
    assert.equal(again.verify().ok, true);
    again.close();
  });
});

Deno.test("a log that was tampered with is not shortened, so that nothing of it can be hidden so", async () => {
  await withVault((vault, directory) => {
    fill(vault, 20);
    tamper(directory, "UPDATE audit SET at = at + 1 WHERE seq = 8");
    assertCode(() => prune(vault, { keep: 3 }), "audit_tampered");
    assert.equal(vault.audit.query().length, vault.audit.count());
    assert.equal(vault.verify().badAuditSeq, 8);
  });
});

const FORGERIES: Readonly<Record<string, string>> = {
  "removed rows behind the start": "DELETE FROM audit WHERE seq <= (SELECT seq FROM audit_start) + 3",
  "a start that was moved on":
    "UPDATE audit_start SET (seq, link) = (SELECT seq, mac FROM audit WHERE seq = audit_start.seq + 3)",
  "a start that was taken away": "DELETE FROM audit_start",
  "a start with another link": "UPDATE audit_start SET link = zeroblob(32)",
};

for (const [what, sql] of Object.entries(FORGERIES)) {
  Deno.test(`after rows were removed, ${what} is found`, async () => {
    await withVault((vault, directory) => {
      fill(vault, 40);
      prune(vault, { keep: 20 });
      assert.equal(vault.verify().ok, true);
      tamper(directory, sql);
      const report = vault.verify();
      assert.equal(report.ok, false);
      assert.ok(report.badAuditSeq !== undefined);
    });
  });
}

Deno.test("an older start with its rows gone is found, and with its rows put back too is the true older log", async () => {
  await withVault((vault, directory) => {
    fill(vault, 40);
    prune(vault, { keep: 30 });
    const [old] = peek(directory, "SELECT * FROM audit_start");
    prune(vault, { keep: 20 });
    tamper(
      directory,
      "UPDATE audit_start SET seq = ?, link = ?, mac = ?",
      old!.seq as number,
      old!.link as Uint8Array,
      old!.mac as Uint8Array,
    );
    const report = vault.verify();
    assert.equal(report.badAuditSeq, Number(old!.seq) + 1);
  });
});

Deno.test("the index forgets the blocks whose rows went, and searches find what is left", async () => {
  await withVault((vault, directory) => {
    fill(vault, 2 * BLOCK_ROWS);
    while (vault.audit.index.step(1_000));
    const last = vault.audit.count();
    prune(vault, { keep: BLOCK_ROWS - 100 });
    while (vault.audit.index.step(1_000));
    assert.equal(vault.verify().ok, true);
    const found = vault.audit.query({ credential: "k1" });
    assert.deepEqual(found, vault.audit.query().filter(({ credential }) => credential === "k1"));
    assert.ok(found.every(({ seq }) => seq > last - BLOCK_ROWS + 100));
    assert.ok(
      peek(directory, "SELECT first FROM audit_blocks").every(({ first }) => Number(first) > BLOCK_ROWS),
    );
  });
});

Deno.test("a row that is planted far behind the others makes none of them one too many", async () => {
  await withVault(async (vault, directory) => {
    fill(vault, 300);
    const count = vault.audit.count();
    tamper(directory, `INSERT INTO audit VALUES (${Number.MAX_SAFE_INTEGER}, 1, '{}', x'00')`);
    assert.equal(vault.audit.lastToPrune({ keep: count }), 0);
    assert.equal(vault.audit.lastToPrune({ keep: 100 }), count - 100);
    vault.close();
    const again = await reopen(directory);
    assert.equal(again.audit.lastToPrune({ keep: count }), 0, "nor in a process that has seen nothing yet");
    again.close();
  });
});
