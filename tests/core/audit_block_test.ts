import assert from "node:assert/strict";
import fc from "fast-check";
import { AUDIT_EVENTS, type AuditFilter } from "../../src/core/audit.ts";
import {
  BLOCK_ROWS,
  BlockBuilder,
  blockOf,
  CELL_BYTES,
  fitsFilter,
  type IndexedRow,
  queryBlock,
  searchBlock,
  TIME_BYTES,
} from "../../src/core/audit_block.ts";

const few = fc.constantFrom("a", "b", "a:443", "a:80", "b:1", "a:b", "", "ä\u0000", "x".repeat(300));
const rowShape = fc.record({
  at: fc.integer({ min: 0, max: 50 }),
  event: fc.constantFrom(...AUDIT_EVENTS.slice(0, 5)),
  credential: fc.option(few, { nil: undefined }),
  caller: fc.option(few, { nil: undefined }),
  host: fc.option(few, { nil: undefined }),
  denied: fc.option(fc.boolean(), { nil: undefined }),
});
const filterShape = fc.record({
  event: fc.constantFrom(...AUDIT_EVENTS.slice(0, 6)),
  credential: few,
  caller: few,
  host: few,
  denied: fc.boolean(),
  since: fc.integer({ min: -1, max: 51 }),
  until: fc.integer({ min: -1, max: 51 }),
}, { requiredKeys: [] }) as fc.Arbitrary<AuditFilter>;

/** Rows at some positions of a block. */
const rowsShape = fc.uniqueArray(
  fc.tuple(fc.constantFrom(0, 1, 2, 3, 4, 5, 77, BLOCK_ROWS - 2, BLOCK_ROWS - 1), rowShape),
  { selector: ([at]) => at, maxLength: 9 },
);

Deno.test("a search in a block finds exactly the rows that fit, the newest first", () => {
  fc.assert(
    fc.property(rowsShape, filterShape, (shapes, filter) => {
      const first = 3 * BLOCK_ROWS + 1;
      const rows = shapes.map(([at, shape]) => ({ ...shape, seq: first + at }) as IndexedRow);
      const builder = new BlockBuilder(first);
      for (const row of rows) builder.add(row);
      const block = builder.finish();
      assert.equal(block.cells.length, CELL_BYTES);
      assert.equal(block.times.length, TIME_BYTES);
      const query = queryBlock(block, filter);
      const found: number[] = [];
      if (query !== null) {
        const times = query.timed ? new Float64Array(block.times.buffer) : null;
        searchBlock(query, filter, block.cells, times, (at) => found.push(first + at) > 0);
      }
      const expected = rows.filter((row) => fitsFilter(row, filter)).map(({ seq }) => seq).sort((a, b) =>
        b - a
      );
      assert.deepEqual(found, expected);
    }),
    { numRuns: 500 },
  );
});

Deno.test("a search ends when it is told to", () => {
  const builder = new BlockBuilder(1);
  for (let seq = 1; seq <= 10; seq++) builder.add({ seq, at: seq, event: "VaultLocked" });
  const block = builder.finish();
  const query = queryBlock(block, { event: "VaultLocked" });
  assert(query);
  const found: number[] = [];
  assert.equal(searchBlock(query, {}, block.cells, null, (at) => found.push(at) < 3), false);
  assert.deepEqual(found, [9, 8, 7]);
});

Deno.test("a block that has no row for a search is passed over by its head alone", () => {
  const builder = new BlockBuilder(1);
  builder.add({ seq: 1, at: 100, event: "CredentialUsed", credential: "k", host: "a.test:8443" });
  const { first, from, to, words } = builder.finish();
  const head = { first, from, to, words };
  assert.equal(queryBlock(head, { credential: "other" }), null);
  assert.equal(queryBlock(head, { since: 101 }), null);
  assert.equal(queryBlock(head, { until: 100 }), null);
  assert.notEqual(queryBlock(head, { since: 100, until: 101, host: "a.test" }), null);
});

Deno.test("a host without a port is that host on every port, and no other host", () => {
  const row: IndexedRow = { seq: 1, at: 1, event: "CredentialUsed", host: "a.test:8443" };
  for (const host of ["a.test", "a.test:8443"]) assert.equal(fitsFilter(row, { host }), true, host);
  for (const host of ["a", "a.test:8", "a.test:84430", "A.test", "test"]) {
    assert.equal(fitsFilter(row, { host }), false, host);
  }
  const ipv6: IndexedRow = { ...row, host: "[::1]:80" };
  assert.equal(fitsFilter(ipv6, { host: "[::1]" }), true);
  assert.equal(fitsFilter(ipv6, { host: "[:" }), false);
});

Deno.test("blocks are counted from row 1 on", () => {
  assert.deepEqual([1, 2, BLOCK_ROWS, BLOCK_ROWS + 1, 2 * BLOCK_ROWS].map(blockOf), [
    1,
    1,
    1,
    BLOCK_ROWS + 1,
    BLOCK_ROWS + 1,
  ]);
});
