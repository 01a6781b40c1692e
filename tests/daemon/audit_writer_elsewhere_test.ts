import assert from "node:assert/strict";
import fc from "fast-check";
import type { AuditEntry, AuditRow, TimedEntry } from "../../src/core/audit.ts";
import { type AuditTarget, AuditWriter, SETTLE_COUNT } from "../../src/daemon/audit_writer.ts";

type Listener = Parameters<AuditTarget["settleElsewhere"]>[2];

/** A log whose other thread ends when the test says so. */
class Target implements AuditTarget {
  readonly log: AuditEntry[] = [];
  readonly journaled: (string | undefined)[] = [];
  order: { rows: readonly TimedEntry[]; kept: readonly TimedEntry[]; listener: Listener } | undefined;
  broken = false;
  left: { onTheirWay: AuditEntry[]; rows: AuditEntry[] } | undefined;

  write(rows: readonly TimedEntry[]): void {
    this.journaled.push(...rows.map(({ entry }) => entry.credential));
  }

  settle(rows: readonly TimedEntry[]): number[] {
    assert.equal(this.order, undefined, "nothing is on its way");
    if (this.broken) throw new Error("disk full");
    return this.#append(rows);
  }

  settleElsewhere(rows: readonly TimedEntry[], kept: readonly TimedEntry[], listener: Listener): boolean {
    if (this.order !== undefined) return false;
    this.order = { rows, kept, listener };
    return true;
  }

  finish(): void {
    const { order } = this;
    if (order === undefined) return;
    if (this.broken) throw new Error("disk full");
    this.order = undefined;
    order.listener.settled(this.#append(order.rows));
  }

  leave(onTheirWay: readonly TimedEntry[], rows: readonly TimedEntry[]): void {
    assert.equal(this.left, undefined, "once");
    this.left = { onTheirWay: onTheirWay.map(({ entry }) => entry), rows: rows.map(({ entry }) => entry) };
  }

  #append(rows: readonly TimedEntry[]): number[] {
    return rows.map(({ entry }) => this.log.push({ ...entry }));
  }
}

function start(now: () => number = () => 10_000): { target: Target; writer: AuditWriter } {
  const target = new Target();
  return { target, writer: new AuditWriter(target, { now, authenticated: () => true }) };
}

function use(writer: AuditWriter, credential: string): Promise<number> {
  return writer.intent({ event: "CredentialUsed", credential });
}

function finish(writer: AuditWriter, ticket: number, status = 200): void {
  writer.note({ event: "CredentialUseFinished", refersTo: ticket, status });
}

/** So many uses that have ended. */
async function many(writer: AuditWriter, count = SETTLE_COUNT): Promise<void> {
  const tickets = await Promise.all(Array.from({ length: count }, (_, i) => use(writer, `m${i}`)));
  for (const ticket of tickets) finish(writer, ticket);
}

Deno.test("many rows go to the other thread, and a use that may soon end waits for its status", async () => {
  const { target, writer } = start();
  const open = await use(writer, "open");
  await many(writer);
  await use(writer, "one more");
  assert.ok(target.order);
  assert.equal(target.order.rows.length, SETTLE_COUNT);
  assert.deepEqual(target.order.kept.map(({ entry }) => entry.credential), ["open", "one more"]);
  target.finish();
  finish(writer, open, 418);
  writer.flush();
  const rows = target.log.filter(({ credential }) => credential === "open");
  assert.deepEqual(rows, [{ event: "CredentialUsed", credential: "open", status: 418 }]);
  writer.close();
});

Deno.test("a use under way for long gets its row, and its result one that names it, also while the rows are on their way", async () => {
  let now = 10_000;
  const { target, writer } = start(() => now);
  const [before, after] = await Promise.all([use(writer, "early"), use(writer, "late")]);
  now += 5_000;
  await many(writer);
  await use(writer, "one more");
  finish(writer, before, 201);
  assert.deepEqual(target.order?.kept.map(({ entry }) => entry.credential), ["one more"]);
  target.finish();
  finish(writer, after, 202);
  writer.flush();
  for (const [name, status] of [["early", 201], ["late", 202]] as const) {
    const at = target.log.findIndex((row) => row.credential === name);
    assert.deepEqual(target.log[at], { event: "CredentialUsed", credential: name });
    const results = target.log.filter(({ refersTo }) => refersTo === at + 1);
    assert.deepEqual(results, [
      { event: "CredentialUseFinished", credential: name, status, refersTo: at + 1 },
    ]);
  }
  writer.close();
});

Deno.test("while rows are on their way others gather, and go next", async () => {
  const { target, writer } = start();
  await many(writer);
  await use(writer, "x");
  const first = target.order;
  assert.ok(first);
  await many(writer, 2 * SETTLE_COUNT);
  await use(writer, "y");
  assert.equal(target.order, first);
  target.finish();
  assert.ok(target.order, "the next ones went at once");
  assert.equal(target.order.rows.length, 2 * SETTLE_COUNT);
  target.finish();
  writer.close();
  assert.equal(target.log.length, 3 * SETTLE_COUNT + 2);
});

Deno.test("what cannot be settled elsewhere keeps secrets from being used, until it is", async () => {
  const { target, writer } = start();
  await many(writer);
  await use(writer, "x");
  assert.ok(target.order);
  target.broken = true;
  target.order.listener.failed(new Error("disk full"));
  await assert.rejects(use(writer, "refused"), /disk full/);
  assert.ok(writer.failure);
  target.broken = false;
  await use(writer, "again");
  assert.equal(writer.failure, undefined);
  writer.close();
  assert.deepEqual(target.log.map(({ credential }) => credential).slice(-2), ["x", "again"]);
  assert.equal(target.log.length, SETTLE_COUNT + 2);
});

Deno.test("what cannot be settled before the keys go is left in the journal, each row that is not there yet", async () => {
  const { target, writer } = start();
  const early = await use(writer, "early");
  writer.flush();
  finish(writer, early, 201);
  writer.note({ event: "ProxyStarted" });
  await many(writer);
  await use(writer, "on its way");
  assert.ok(target.order);
  const later = await use(writer, "later");
  finish(writer, later, 202);
  writer.note({ event: "VaultLocked" });
  target.broken = true;
  writer.leave();
  assert.deepEqual(target.left?.onTheirWay, [
    { event: "CredentialUseFinished", credential: "early", status: 201, refersTo: 1 },
    { event: "ProxyStarted" },
  ]);
  assert.deepEqual(target.left.rows, [{ event: "VaultLocked" }]);
  target.broken = false;
  target.order = undefined;
  writer.note({ event: "UnlockFailed" });
  writer.close();
  assert.deepEqual(target.log, [{ event: "CredentialUsed", credential: "early" }, { event: "UnlockFailed" }]);
});

Deno.test("what can be settled before the keys go is not left", async () => {
  const { target, writer } = start();
  await use(writer, "a");
  writer.leave();
  assert.equal(target.left, undefined);
  assert.equal(target.log.length, 1);
  writer.close();
});

Deno.test("who watches sees rows that another thread wrote, with their numbers", async () => {
  const { target, writer } = start();
  const seen: AuditRow[] = [];
  writer.watch((row) => seen.push(row));
  await many(writer);
  await use(writer, "x");
  assert.equal(seen.length, 0);
  target.finish();
  assert.deepEqual(seen.map(({ seq }) => seq), Array.from({ length: SETTLE_COUNT }, (_, i) => i + 1));
  writer.close();
});

Deno.test("whatever comes when, each use is in the log once and each result once, with its use or naming it", async () => {
  const step = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({ kind: fc.constant("use" as const), count: fc.integer({ min: 1, max: 400 }) }),
    },
    {
      weight: 6,
      arbitrary: fc.record({ kind: fc.constant("finish" as const), count: fc.integer({ min: 1, max: 400 }) }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("thread" as const), count: fc.constant(1) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("flush" as const), count: fc.constant(1) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("pause" as const), count: fc.constant(1) }) },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (steps) => {
      let now = 10_000;
      const { target, writer } = start(() => now);
      const open: { ticket: number; name: string }[] = [];
      const ended = new Map<string, number>();
      let uses = 0;
      for (const { kind, count } of steps) {
        if (kind === "use") {
          const names = Array.from({ length: count }, () => `u${uses++}`);
          const tickets = await Promise.all(names.map((name) => use(writer, name)));
          for (const [i, name] of names.entries()) open.push({ ticket: tickets[i] ?? 0, name });
        } else if (kind === "finish") {
          // The newest first: some stay open for long.
          for (const { ticket, name } of open.splice(-count)) {
            const status = 200 + ended.size % 300;
            ended.set(name, status);
            finish(writer, ticket, status);
          }
        } else if (kind === "thread") target.finish();
        else if (kind === "flush") writer.flush();
        else now += 700;
      }
      writer.close();
      const used = target.log.filter(({ event }) => event === "CredentialUsed");
      assert.deepEqual(
        used.map(({ credential }) => credential).sort(),
        Array.from({ length: uses }, (_, i) => `u${i}`).sort(),
      );
      assert.deepEqual(target.journaled.length, uses);
      const told = new Map<string, number>();
      for (const { event, credential = "", status, refersTo } of target.log) {
        if (status === undefined) continue;
        assert.ok(!told.has(credential), `${credential} ended once`);
        told.set(credential, status);
        if (event === "CredentialUseFinished") {
          assert.equal(target.log[(refersTo ?? 0) - 1]?.credential, credential);
        }
      }
      assert.deepEqual(told, ended);
    }),
    { numRuns: 150 },
  );
});
