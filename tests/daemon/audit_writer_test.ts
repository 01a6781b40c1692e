import assert from "node:assert/strict";
import type { AuditEntry, AuditRow, TimedEntry } from "../../src/core/audit.ts";
import { FailedError } from "../../src/core/errors.ts";
import { AuditWriter, SETTLE_COUNT } from "../../src/daemon/audit_writer.ts";

class Target {
  readonly journal: string[] = [];
  readonly batches: AuditEntry[][] = [];
  journalBroken = false;
  logBroken = false;
  #seq = 100;
  write(rows: readonly TimedEntry[]): void {
    if (this.journalBroken) throw new Error("disk full");
    this.journal.push(rows.map(({ entry }) => entry.credential ?? "").join());
  }
  settle(rows: readonly TimedEntry[]): number[] {
    if (this.logBroken) throw new Error("database is locked");
    this.batches.push(rows.map(({ entry }) => entry));
    return rows.map(() => ++this.#seq);
  }
  settleElsewhere(): boolean {
    return false;
  }
  finish(): void {}
  leave(): void {
    assert.fail("there are no keys");
  }
  get rows(): AuditEntry[] {
    return this.batches.flat();
  }
}

const options = { now: () => 1_000, authenticated: () => true };
const denial: AuditEntry = {
  event: "CredentialDenied",
  credential: "k",
  host: "evil.test",
  denied: true,
  reason: "host",
};

Deno.test("intents of one turn are one line of the journal and one transaction", async () => {
  const target = new Target();
  const writer = new AuditWriter(target, options);
  const tickets = await Promise.all(
    ["a", "b", "c"].map((credential) => writer.intent({ event: "CredentialUsed", credential })),
  );
  assert.equal(new Set(tickets).size, 3);
  assert.deepEqual(target.journal, ["a,b,c"]);
  assert.equal(target.batches.length, 0, "the log comes later");
  writer.flush();
  assert.equal(target.batches.length, 1);
  writer.close();
});

Deno.test("an intent is not resolved before it is in the journal", async () => {
  const target = new Target();
  const writer = new AuditWriter(target, options);
  let resolved = false;
  const intent = writer.intent({ event: "CredentialUsed" }).then(() => resolved = true);
  await Promise.resolve();
  assert.equal(resolved, false);
  assert.equal(target.journal.length, 0);
  await intent;
  assert.equal(target.journal.length, 1);
  writer.close();
});

Deno.test("an intent that cannot be journaled rejects, and the next one may succeed", async () => {
  const target = new Target();
  const writer = new AuditWriter(target, options);
  target.journalBroken = true;
  await assert.rejects(writer.intent({ event: "CredentialUsed" }), /disk full/);
  assert.match(String(writer.failure), /disk full/);
  target.journalBroken = false;
  assert.equal(typeof await writer.intent({ event: "CredentialUsed" }), "number");
  assert.equal(writer.failure, undefined);
  writer.close();
});

Deno.test("while the log cannot be written nothing is used, and nothing that was noted is lost", async () => {
  const target = new Target();
  const writer = new AuditWriter(target, options);
  await writer.intent({ event: "CredentialUsed", credential: "before" });
  target.logBroken = true;
  writer.flush();
  await assert.rejects(writer.intent({ event: "CredentialUsed", credential: "refused" }), /locked/);
  writer.note({ event: "VaultLocked" });
  target.logBroken = false;
  await writer.intent({ event: "CredentialUsed", credential: "after" });
  writer.close();
  assert.deepEqual(target.rows.map((row) => row.credential ?? row.event), ["before", "VaultLocked", "after"]);
});

Deno.test("while the log cannot be written, what is kept of refusals is bounded", () => {
  const target = new Target();
  const writer = new AuditWriter(target, options);
  target.logBroken = true;
  for (let i = 0; i < 30_000; i++) writer.note({ ...denial, host: `h${i}.test` });
  target.logBroken = false;
  writer.close();
  assert.ok(target.rows.length >= 10_000 && target.rows.length < 12_000, String(target.rows.length));
});

Deno.test("a result joins the row of its use, or names its number and says again where it went if that is in the log already", async () => {
  const target = new Target();
  const writer = new AuditWriter(target, options);
  const [one, two] = await Promise.all([
    writer.intent({ event: "CredentialUsed", credential: "one" }),
    writer.intent({ event: "CredentialUsed", credential: "two", host: "a.test", caller: "agent", path: "/" }),
  ]);
  writer.note({
    event: "CredentialUseFinished",
    credential: "one",
    refersTo: one,
    status: 200,
    durationMs: 3,
  });
  writer.flush();
  writer.note({ event: "CredentialUseFinished", credential: "two", refersTo: two, status: 201 });
  writer.close();
  assert.deepEqual(target.rows, [
    { event: "CredentialUsed", credential: "one", status: 200, durationMs: 3 },
    { event: "CredentialUsed", credential: "two", host: "a.test", caller: "agent", path: "/" },
    {
      event: "CredentialUseFinished",
      credential: "two",
      host: "a.test",
      caller: "agent",
      path: "/",
      refersTo: 102,
      status: 201,
    },
  ]);
});

Deno.test("many rows go into the log without waiting", () => {
  const target = new Target();
  const writer = new AuditWriter(target, options);
  for (let i = 0; i < SETTLE_COUNT; i++) writer.note({ event: "CredentialUseFinished" });
  assert.equal(target.rows.length, SETTLE_COUNT);
  writer.close();
});

Deno.test("a denial that repeats is written once and then counted", () => {
  const target = new Target();
  const writer = new AuditWriter(target, options);
  for (let i = 0; i < 100; i++) writer.note(denial);
  writer.note({ ...denial, host: "other.test" });
  writer.close();
  assert.deepEqual(target.rows.map((row) => [row.host, row.reason]), [
    ["evil.test", "host"],
    ["other.test", "host"],
    ["evil.test", "host (99 more)"],
  ]);
});

Deno.test("what a dry run would deny is counted like what is denied, each policy and caller by itself", () => {
  const target = new Target();
  const writer = new AuditWriter(target, options);
  const row: AuditEntry = {
    event: "PolicyWouldDeny",
    credential: "k",
    host: "a.test",
    reason: "policy 'p': no",
  };
  for (let i = 0; i < 100; i++) writer.note(row);
  for (let i = 0; i < 3; i++) writer.note({ ...row, caller: "agent" });
  writer.note({ ...row, reason: "policy 'q': no" });
  writer.close();
  assert.deepEqual(target.rows.map(({ caller, reason }) => [caller, reason]), [
    [undefined, "policy 'p': no"],
    ["agent", "policy 'p': no"],
    [undefined, "policy 'q': no"],
    [undefined, "policy 'p': no (99 more)"],
    ["agent", "policy 'p': no (2 more)"],
  ]);
});

Deno.test("uses that were cut off alike each have their result", async () => {
  const target = new Target();
  const writer = new AuditWriter(target, options);
  const uses = await Promise.all(
    [1, 2, 3].map(() => writer.intent({ event: "CredentialUsed", credential: "k" })),
  );
  writer.flush();
  for (const use of uses) {
    writer.note({
      event: "CredentialUseFinished",
      credential: "k",
      refersTo: use,
      denied: true,
      reason: "vault_locked",
    });
  }
  writer.close();
  assert.deepEqual(
    target.rows.map(({ event, refersTo }) => [event, refersTo]).slice(3),
    [101, 102, 103].map((seq) => ["CredentialUseFinished", seq]),
  );
});

Deno.test("more kinds of denial than are counted are all written", () => {
  const target = new Target();
  const writer = new AuditWriter(target, options);
  for (let i = 0; i < 600; i++) writer.note({ ...denial, host: `h${i}.test` });
  writer.close();
  assert.equal(new Set(target.rows.map((row) => row.host)).size, 600);
});

Deno.test("watchers see each row with its number, until they end", async () => {
  const target = new Target();
  const writer = new AuditWriter(target, options);
  const seen: AuditRow[] = [];
  const end = writer.watch((row) => seen.push(row));
  await writer.intent({ event: "CredentialUsed", credential: "a" });
  writer.flush();
  end();
  await writer.intent({ event: "CredentialUsed", credential: "b" });
  writer.flush();
  assert.deepEqual(seen, [{
    event: "CredentialUsed",
    credential: "a",
    seq: 101,
    at: 1_000,
    authenticated: true,
  }]);
  writer.close();
});

Deno.test("a closed writer refuses intents and drops notes", async () => {
  const target = new Target();
  const writer = new AuditWriter(target, options);
  writer.note({ event: "ProxyStopped" });
  writer.close();
  assert.equal(target.rows.length, 1);
  await assert.rejects(writer.intent({ event: "CredentialUsed" }), { code: "audit_unavailable" });
  writer.note({ event: "ProxyStopped" });
  writer.close();
  assert.equal(target.rows.length, 1);
});

Deno.test("a database that is locked is not waited for at each use, only before the keys go", async () => {
  const target = new Target();
  const writer = new AuditWriter(target, options);
  await writer.intent({ event: "CredentialUsed", credential: "before" });
  let tried = 0;
  const settle = target.settle.bind(target);
  target.settle = () => {
    tried++;
    throw new FailedError("cannot use the vault: another program keeps it locked", { code: "vault_busy" });
  };
  writer.flush();
  for (let i = 0; i < 5; i++) {
    await assert.rejects(writer.intent({ event: "CredentialUsed", credential: "refused" }), {
      code: "vault_busy",
    });
    writer.flush();
  }
  assert.equal(tried, 1);
  target.settle = settle;
  writer.leave();
  assert.deepEqual(target.rows.map(({ credential }) => credential), ["before"]);
  writer.close();
});
