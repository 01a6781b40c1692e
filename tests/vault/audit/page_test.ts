import assert from "node:assert/strict";
import { setImmediate } from "node:timers";
import fc from "fast-check";
import type { AuditEntry, AuditFilter, AuditRow, TimedEntry } from "../../../src/core/audit.ts";
import { BLOCK_ROWS } from "../../../src/core/audit_block.ts";
import { logPages, newestFirst } from "../../../src/core/audit_pages.ts";
import { PAGE_CHARACTERS, PAGE_ROWS, PAGE_SPAN } from "../../../src/vault/audit/query.ts";
import { readAuditPage, type Vault } from "../../../src/vault/mod.ts";
import { tamper, withVault } from "../support.ts";

function row(i: number, path = `/${i}`): TimedEntry {
  const entry: AuditEntry = { event: i % 3 === 0 ? "CredentialDenied" : "CredentialUsed", path };
  if (i % 4 > 0) entry.credential = `k${(i * 7) % 11}`;
  if (i % 1_000 === 7) entry.host = "rare.test:443";
  if (i % 3 === 0) entry.denied = true;
  return { entry, at: 1_000 + (i * 7919) % 100_000 };
}

function fill(vault: Vault, count: number, path?: string): void {
  for (let i = 0; i < count; i += 500) {
    vault.audit.appendTimed(Array.from({ length: Math.min(500, count - i) }, (_, k) => row(i + k, path)));
  }
}

async function gather(vault: Vault, filter: AuditFilter): Promise<{ rows: AuditRow[]; pages: number }> {
  let pages = 0;
  const rows: AuditRow[] = [];
  for await (const page of logPages((part) => vault.audit.page(part), filter)) {
    assert.ok(page.length <= PAGE_ROWS, String(page.length));
    rows.push(...page);
    pages++;
  }
  return { rows, pages };
}

const filters = fc.record({
  last: fc.oneof(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 3 * PAGE_ROWS })),
  afterSeq: fc.integer({ min: 0, max: 3 * BLOCK_ROWS }),
  upToSeq: fc.integer({ min: 0, max: 3 * BLOCK_ROWS }),
  event: fc.constantFrom("CredentialUsed", "CaRenewed"),
  credential: fc.constantFrom("k0", "k10", "none"),
  host: fc.constantFrom("rare.test", "rare.test:443"),
  denied: fc.boolean(),
  since: fc.integer({ min: 0, max: 110_000 }),
}, { requiredKeys: [] }) as fc.Arbitrary<AuditFilter>;

Deno.test("the pages of a search hold together what the search finds at once, with an index, without, and from the middle of a block", async () => {
  await withVault(async (vault, directory) => {
    fill(vault, 2 * BLOCK_ROWS + 700);
    for (const runs of [25, 25, 60]) {
      await fc.assert(
        fc.asyncProperty(filters, async (filter) => {
          assert.deepEqual((await gather(vault, filter)).rows, vault.audit.query(filter));
        }),
        { numRuns: runs },
      );
      for (let made = 0; made < BLOCK_ROWS + 1; made += 500) vault.audit.index.step(500);
    }
    const { rows } = await readAuditPage(directory, { host: "rare.test" });
    assert.deepEqual(rows, vault.audit.query({ host: "rare.test" }), "the file, by who has no key");
  });
});

Deno.test("whoever asks for all rows gets one page of them, and is told how to go on", async () => {
  await withVault(async (vault) => {
    fill(vault, 3 * PAGE_ROWS);
    const all = vault.audit.count();
    assert.deepEqual((await vault.audit.page({})).next, PAGE_ROWS);
    assert.equal((await vault.audit.page({})).rows.length, PAGE_ROWS);
    const newest = await vault.audit.page({ last: 1_000_000 });
    assert.deepEqual([newest.rows.length, newest.next], [PAGE_ROWS, all - PAGE_ROWS]);
    assert.equal((await vault.audit.page({ last: PAGE_ROWS })).next, null);
    assert.deepEqual(await vault.audit.page({ last: 0 }), { rows: [], next: null });
    assert.deepEqual(await vault.audit.page({ afterSeq: all }), { rows: [], next: null });
    assert.equal((await gather(vault, {})).pages, 4);
  });
});

Deno.test("rows with long texts make shorter pages", async () => {
  await withVault(async (vault) => {
    fill(vault, 1_500, `/${"x".repeat(4_000)}`);
    for (const filter of [{}, { last: 10_000 }, { event: "CredentialUsed" as const }]) {
      const { rows, next } = await vault.audit.page(filter);
      assert.ok(next !== null);
      const characters = rows.reduce((sum, { path = "" }) => sum + path.length, 0);
      assert.ok(characters <= PAGE_CHARACTERS + 5_000, String(characters));
      assert.ok(characters > PAGE_CHARACTERS / 2);
      assert.deepEqual((await gather(vault, filter)).rows, vault.audit.query(filter));
    }
  });
});

Deno.test("a search in a long stretch of the log without a hit ends its page, and goes on behind it", async () => {
  await withVault(async (vault, directory) => {
    fill(vault, 2 * PAGE_SPAN / BLOCK_ROWS + 100);
    // As if somebody had removed all but one row of each block.
    tamper(directory, "UPDATE audit SET seq = seq * ?", BLOCK_ROWS);
    for (const filter of [{ credential: "none" }, { credential: "none", last: 5 }]) {
      const { rows, next } = await vault.audit.page(filter);
      assert.deepEqual(rows, []);
      assert.ok(next !== null);
      const { rows: found, pages } = await gather(vault, filter);
      assert.deepEqual(found, []);
      assert.equal(pages, 3);
    }
    assert.equal((await gather(vault, {})).rows.length, 2 * PAGE_SPAN / BLOCK_ROWS + 101);
  });
});

Deno.test("others get their turn while a page is looked for", async () => {
  await withVault(async (vault) => {
    fill(vault, 5 * BLOCK_ROWS);
    let turns = 0;
    let looking = true;
    const others = (async () => {
      for (; looking; turns++) await new Promise<void>((resolve) => void setImmediate(resolve));
    })();
    assert.deepEqual((await vault.audit.page({ credential: "none", last: 50 })).rows, []);
    looking = false;
    await others;
    assert.ok(turns >= 5, String(turns));
  });
});

Deno.test("rows in the order of their time come out sorted, without all of them being held", async () => {
  const rows = Array.from({ length: 60_000 }, (_, i): AuditRow => {
    // Results are written up to some thousand rows after their uses.
    return {
      seq: i + 1,
      at: 1_000 + i - (i % 7 === 0 ? 4_000 : 0),
      event: "CredentialUsed",
      authenticated: true,
    };
  });
  let read = 0;
  async function* pages(): AsyncGenerator<AuditRow[], void> {
    for (let end = rows.length; end > 0; end -= 2_000) {
      read += 2_000;
      yield await Promise.resolve(rows.slice(end - 2_000, end).reverse());
    }
  }
  const sorted: AuditRow[] = [];
  for await (const each of newestFirst(pages())) {
    if (sorted.push(each) === 1) assert.ok(read < 20_000, `${read} rows were read before the first came out`);
  }
  assert.deepEqual(sorted, rows.toSorted((a, b) => b.at - a.at || b.seq - a.seq));
});

Deno.test("a row that somebody planted far from the others does not keep anybody from reading the log", async () => {
  await withVault(async (vault, directory) => {
    fill(vault, 100);
    const all = vault.audit.query();
    for (const far of [2 ** 40, Number.MAX_SAFE_INTEGER]) {
      tamper(directory, `INSERT INTO audit VALUES (${far}, 1, '{}', x'00')`);
    }
    for (
      const filter of [{}, { last: 1_000 }, { since: 0 }, { last: 1_000, event: "CredentialUsed" }] as const
    ) {
      const { rows, pages } = await gather(vault, filter);
      assert.ok(pages <= 2, `${pages} pages`);
      const honest = rows.filter(({ seq }) => seq < 2 ** 40);
      const event = "event" in filter ? filter.event : undefined;
      assert.equal(honest.length, all.filter((row) => event === undefined || row.event === event).length);
    }
  });
});
