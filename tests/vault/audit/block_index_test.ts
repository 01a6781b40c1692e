import assert from "node:assert/strict";
import fc from "fast-check";
import type { AuditEntry, AuditFilter, TimedEntry } from "../../../src/core/audit.ts";
import { BLOCK_ROWS, fitsFilter } from "../../../src/core/audit_block.ts";
import { readAuditPage, type Vault } from "../../../src/vault/mod.ts";
import { downgrade, peek, reopen, tamper, withVault } from "../support.ts";

const EVENTS = ["CredentialUsed", "CredentialDenied", "TokenDisclosed"] as const;

/** Rows that differ in all that is searched for, none of it in the order of their numbers. */
function row(i: number): TimedEntry {
  const entry: AuditEntry = { event: EVENTS[i % 3] ?? "VaultLocked", path: `/${i}` };
  if (i % 4 > 0) entry.credential = `k${(i * 7) % 11}`;
  if (i % 5 > 0) entry.caller = `agent ${i % 6}`;
  if (i % 7 > 0) entry.host = `h${(i * 5) % 13}.test:${i % 2 ? 443 : 8443}`;
  if (i % 3 === 1) entry.denied = true;
  return { entry, at: 1_000 + (i * 7919) % 100_000 };
}

function fill(vault: Vault, count: number): void {
  for (let i = 0; i < count; i += 500) {
    vault.audit.appendTimed(Array.from({ length: Math.min(500, count - i) }, (_, k) => row(i + k)));
  }
}

function makeIndex(vault: Vault): void {
  while (vault.audit.index.step(1_000));
}

const filters = fc.record({
  last: fc.integer({ min: 1, max: 60 }),
  afterSeq: fc.integer({ min: 0, max: 3 * BLOCK_ROWS }),
  upToSeq: fc.integer({ min: 0, max: 3 * BLOCK_ROWS }),
  event: fc.constantFrom(...EVENTS, "VaultLocked" as const),
  credential: fc.constantFrom("k0", "k1", "k10", "none"),
  caller: fc.constantFrom("agent 1", "agent 5", "agent 0"),
  host: fc.constantFrom("h1.test", "h1.test:443", "h12.test:8443", "h1"),
  denied: fc.boolean(),
  since: fc.integer({ min: 0, max: 110_000 }),
  until: fc.integer({ min: 0, max: 110_000 }),
}, { requiredKeys: [] }) as fc.Arbitrary<AuditFilter>;

/** Compares searches with reading every row. */
function compare(vault: Vault, runs = 150): void {
  const all = vault.audit.query();
  fc.assert(
    fc.property(filters, (filter) => {
      let expected = all.filter((each) =>
        each.seq > (filter.afterSeq ?? 0) && each.seq <= (filter.upToSeq ?? Infinity) &&
        fitsFilter({ ...each, event: each.event }, filter)
      );
      if (filter.last !== undefined) expected = expected.reverse().slice(0, filter.last);
      assert.deepEqual(vault.audit.query(filter), expected);
    }),
    { numRuns: runs },
  );
}

function blocks(directory: string): number[] {
  return peek(directory, "SELECT first FROM audit_blocks ORDER BY first").map(({ first }) => Number(first));
}

Deno.test("a search finds the same rows without an index, with half of one, and with a whole one", async () => {
  await withVault(async (vault, directory) => {
    fill(vault, 2 * BLOCK_ROWS + 700);
    compare(vault, 40);
    for (let made = 0; made < BLOCK_ROWS + 1; made += 500) vault.audit.index.step(500);
    assert.deepEqual(blocks(directory), [1]);
    compare(vault);
    makeIndex(vault);
    assert.deepEqual(blocks(directory), [1, BLOCK_ROWS + 1]);
    compare(vault);
    assert.equal(vault.verify().ok, true);
    assert.deepEqual(
      (await readAuditPage(directory, { last: 3, credential: "k1" })).rows,
      vault.audit.query({ last: 3, credential: "k1" }),
    );
  });
});

Deno.test("an index is made only of rows that are all there, and goes on where it was", async () => {
  await withVault((vault, directory) => {
    const before = vault.audit.count();
    fill(vault, BLOCK_ROWS - before - 1);
    makeIndex(vault);
    assert.deepEqual(blocks(directory), []);
    vault.audit.append([{ event: "VaultLocked" }], 1);
    assert.equal(vault.audit.index.step(BLOCK_ROWS + 1), false);
    assert.deepEqual(blocks(directory), [1]);
    assert.equal(vault.audit.index.step(1), false);
  });
});

const DAMAGES: Readonly<Record<string, string>> = {
  "removed": "DELETE FROM audit_blocks WHERE first = 1",
  "with words that are no JSON": "UPDATE audit_blocks SET words = '{' WHERE first = 1",
  "with words of another form": "UPDATE audit_blocks SET words = '[[1],[],[],[]]' WHERE first = 1",
  "cut short": "UPDATE audit_blocks SET cells = x'00' WHERE first = 1",
  "without its times": "UPDATE audit_blocks SET times = x'' WHERE first = 1",
  "moved": "UPDATE audit_blocks SET first = 7 WHERE first = 1",
};

for (const [what, sql] of Object.entries(DAMAGES)) {
  Deno.test(`a block ${what} hides nothing: its rows are read one by one`, async () => {
    await withVault((vault, directory) => {
      fill(vault, BLOCK_ROWS + 100);
      makeIndex(vault);
      tamper(directory, sql);
      compare(vault, 60);
    });
  });
}

const LIES: Readonly<Record<string, string>> = {
  "a word": `UPDATE audit_blocks SET words = replace(words, 'k7', 'kk')`,
  "a column": "UPDATE audit_blocks SET cells = zeroblob(length(cells))",
  "the times": "UPDATE audit_blocks SET times = zeroblob(length(times))",
  "the range of times": "UPDATE audit_blocks SET min_at = 0, max_at = 0",
};

for (const [what, sql] of Object.entries(LIES)) {
  Deno.test(`an index that lies about its rows, by ${what}, is found by the check and made anew`, async () => {
    await withVault((vault, directory) => {
      fill(vault, BLOCK_ROWS + 100);
      makeIndex(vault);
      tamper(directory, sql);
      const report = vault.verify();
      assert.deepEqual(report.problems.map(({ code }) => code), ["audit_index_changed"]);
      assert.equal(report.badAuditSeq, undefined);
      makeIndex(vault);
      assert.equal(vault.verify().ok, true);
      compare(vault, 40);
    });
  });
}

Deno.test("rows planted far outside the log are found by the check, and hold nothing up", async () => {
  for (const seq of [-5n, 0n, 2n ** 52n, 2n ** 53n, 2n ** 62n]) {
    await withVault(async (vault, directory) => {
      fill(vault, 50);
      tamper(directory, "INSERT INTO audit VALUES (?, 1, '{}', NULL)", seq);
      makeIndex(vault);
      assert.ok(vault.audit.query({ last: 5, credential: "k7" }).length > 0, String(seq));
      assert.equal(vault.verify().ok, false, String(seq));
      vault.close();
      const again = await reopen(directory);
      again.audit.append([{ event: "VaultUnlocked" }], 1);
      again.close();
    });
  }
});

Deno.test("a vault of an older schema is searched while locked, without an index", async () => {
  await withVault(async (vault, directory) => {
    fill(vault, 300);
    const expected = vault.audit.query({ credential: "k7" });
    vault.close();
    downgrade(directory, 3);
    assert.deepEqual((await readAuditPage(directory, { credential: "k7" })).rows, expected);
  });
});
