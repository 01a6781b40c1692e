import assert from "node:assert/strict";
import { BLOCK_ROWS } from "../../src/core/audit_block.ts";
import { WispKeyError } from "../../src/core/errors.ts";
import { checkLog } from "../../src/daemon/log_check.ts";
import { KEPT_MS, LogKeeper } from "../../src/daemon/log_keeper.ts";
import { pruneLog } from "../../src/daemon/prune_log.ts";
import { SLICE_ROWS } from "../../src/vault/audit/check.ts";
import type { Vault } from "../../src/vault/mod.ts";
import { peek, tamper, withVault } from "../vault/support.ts";

function fill(vault: Vault, count: number, at = 1_000): void {
  for (let i = 0; i < count; i += 500) {
    vault.audit.append(
      Array.from({ length: Math.min(500, count - i) }, () => ({ event: "CredentialUsed" as const })),
      at,
    );
  }
}

async function until(done: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 20_000; !done();) {
    assert.ok(Date.now() < deadline, "it never came about");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

Deno.test("a keeper makes the index of rows by and by, and removes what the settings say", async () => {
  await withVault(async (vault, directory) => {
    fill(vault, BLOCK_ROWS);
    const settings = { "log.max_age": 0, "log.max_rows": 0 };
    const keeper = new LogKeeper({
      vault,
      settings: () => settings,
      busy: () => false,
      isIndexed: () => false,
    });
    keeper.start();
    await until(() => peek(directory, "SELECT first FROM audit_blocks").length === 1);
    assert.ok(vault.audit.count() > BLOCK_ROWS, "nothing goes unless it was said");
    settings["log.max_rows"] = 2_000;
    keeper.pruneSoon();
    await until(() => vault.audit.count() <= 2_001);
    await until(() => vault.audit.query({ last: 1, event: "LogPruned" }).length === 1);
    settings["log.max_rows"] = 0;
    settings["log.max_age"] = 1;
    fill(vault, 10, Date.now());
    keeper.pruneSoon();
    await until(() => vault.audit.count() < 20);
    keeper.end();
    assert.equal((await checkLog(vault)).ok, true);
  }, { now: () => 1_000 });
});

Deno.test("rows of the last week do not go for their number, until a person says so", async () => {
  await withVault(async (vault) => {
    const young = Date.now() - KEPT_MS + 60_000;
    fill(vault, 500);
    fill(vault, 1, young);
    fill(vault, 500);
    const all = vault.audit.count();
    const settings = { "log.max_age": 0, "log.max_rows": 700 };
    const keeper = new LogKeeper({
      vault,
      settings: () => settings,
      busy: () => false,
      isIndexed: () => false,
    });
    keeper.start();
    await until(() => vault.audit.query({ last: 1, event: "LogPruned" }).length === 1);
    assert.equal(vault.audit.query({ last: 1 })[0]?.reason, `${all - 700} rows, up to row ${all - 700}`);
    settings["log.max_rows"] = 10;
    keeper.pruneSoon();
    await until(() => vault.audit.query({ event: "LogPruned" }).length === 2);
    const [first] = vault.audit.query();
    assert.equal(first?.at, young, "all before it went, and it stayed");
    keeper.end();
    await pruneLog(vault, { keep: 10 });
    assert.equal(vault.audit.count(), 11);
    assert.equal((await checkLog(vault)).ok, true);
  }, { now: () => 1_000 });
});

Deno.test("a keeper keeps its hands off the rows of a locked vault, and ends with it", async () => {
  await withVault((vault) => {
    fill(vault, 100);
    vault.dropKeys();
    const keeper = new LogKeeper({
      vault,
      settings: () => ({ "log.max_age": 0, "log.max_rows": 1 }),
      busy: () => true,
      isIndexed: () => false,
    });
    keeper.start();
    keeper.end();
    assert.ok(vault.audit.count() > 100);
  });
});

Deno.test("rows that went are told of in the log, how many and up to where", async () => {
  await withVault(async (vault) => {
    fill(vault, 100);
    const last = vault.audit.count();
    assert.equal(await pruneLog(vault, { keep: 10 }), last - 10);
    assert.equal(vault.audit.query({ last: 1 })[0]?.reason, `${last - 10} rows, up to row ${last - 10}`);
    assert.equal(await pruneLog(vault, { keep: 100 }), 0);
    assert.equal(vault.audit.query({ event: "LogPruned" }).length, 1);
  });
});

Deno.test("while a log is checked other things happen: rows come, and the oldest go", async () => {
  await withVault(async (vault) => {
    fill(vault, 10 * SLICE_ROWS);
    let slices = 0;
    let checking = true;
    const others = (async () => {
      while (checking) {
        slices++;
        fill(vault, 1);
        if (slices === 3) await pruneLog(vault, { keep: 5 * SLICE_ROWS });
        await new Promise((resolve) => setTimeout(resolve, 0));
      }
    })();
    const verdict = await checkLog(vault);
    checking = false;
    await others;
    assert.equal(verdict.ok, true);
    assert.ok(slices > 1, "nothing else came to its turn");
  });
});

Deno.test("a check ends with the key", async () => {
  await withVault(async (vault) => {
    fill(vault, 20 * SLICE_ROWS);
    const check = checkLog(vault);
    setTimeout(() => vault.dropKeys(), 0);
    await assert.rejects(check, (error) => error instanceof WispKeyError && error.code === "vault_locked");
  });
});

Deno.test("a check in slices finds what a check at once finds", async () => {
  await withVault(async (vault, directory) => {
    fill(vault, 3 * SLICE_ROWS);
    tamper(directory, "UPDATE audit SET at = at + 1 WHERE seq = ?", 2 * SLICE_ROWS + 7);
    const verdict = await checkLog(vault);
    assert.deepEqual([verdict.ok, verdict.ok ? 0 : verdict.badSeq], [false, 2 * SLICE_ROWS + 7]);
    assert.equal(vault.verify().badAuditSeq, 2 * SLICE_ROWS + 7);
  });
});
