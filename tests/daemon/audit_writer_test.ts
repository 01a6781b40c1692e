import assert from "node:assert/strict";
import type { AuditEntry, AuditRow } from "../../src/core/audit.ts";
import { AuditWriter } from "../../src/daemon/audit_writer.ts";

class Store {
  readonly batches: AuditEntry[][] = [];
  broken = false;
  #seq = 0;
  append(entries: readonly AuditEntry[]): number[] {
    if (this.broken) throw new Error("disk full");
    this.batches.push([...entries]);
    return entries.map(() => ++this.#seq);
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

Deno.test("intents of one turn are committed in one transaction", async () => {
  const store = new Store();
  const writer = new AuditWriter(store, options);
  const seqs = await Promise.all(
    [1, 2, 3].map((n) => writer.intent({ event: "CredentialUsed", credential: `k${n}` })),
  );
  assert.deepEqual(seqs, [1, 2, 3]);
  assert.equal(store.batches.length, 1);
  writer.close();
});

Deno.test("an intent is not resolved before its row is in the store", async () => {
  const store = new Store();
  const writer = new AuditWriter(store, options);
  let resolved = false;
  const intent = writer.intent({ event: "CredentialUsed" }).then(() => resolved = true);
  await Promise.resolve();
  assert.equal(resolved, false);
  assert.equal(store.rows.length, 0);
  await intent;
  assert.equal(store.rows.length, 1);
  writer.close();
});

Deno.test("an intent that cannot be written rejects, and the next one may succeed", async () => {
  const store = new Store();
  const writer = new AuditWriter(store, options);
  store.broken = true;
  await assert.rejects(writer.intent({ event: "CredentialUsed" }), /disk full/);
  assert.match(String(writer.failure), /disk full/);
  store.broken = false;
  assert.equal(await writer.intent({ event: "CredentialUsed" }), 1);
  assert.equal(writer.failure, undefined);
  writer.close();
});

Deno.test("notes wait for company and travel with the next intent", async () => {
  const store = new Store();
  const writer = new AuditWriter(store, options);
  writer.note({ event: "CredentialUseFinished", refersTo: 1 });
  assert.equal(store.rows.length, 0);
  await writer.intent({ event: "CredentialUsed" });
  assert.deepEqual(store.batches.map((batch) => batch.map((row) => row.event)), [[
    "CredentialUseFinished",
    "CredentialUsed",
  ]]);
  writer.close();
});

Deno.test("a denial that repeats is written once and then counted", () => {
  const store = new Store();
  const writer = new AuditWriter(store, options);
  for (let i = 0; i < 100; i++) writer.note(denial);
  writer.note({ ...denial, host: "other.test" });
  writer.close();
  assert.deepEqual(store.rows.map((row) => [row.host, row.reason]), [
    ["evil.test", "host"],
    ["other.test", "host"],
    ["evil.test", "host (99 more)"],
  ]);
});

Deno.test("more kinds of denial than are counted are all written", () => {
  const store = new Store();
  const writer = new AuditWriter(store, options);
  for (let i = 0; i < 600; i++) writer.note({ ...denial, host: `h${i}.test` });
  writer.close();
  assert.equal(new Set(store.rows.map((row) => row.host)).size, 600);
});

Deno.test("watchers see each row with its number, until they end", async () => {
  const store = new Store();
  const writer = new AuditWriter(store, options);
  const seen: AuditRow[] = [];
  const end = writer.watch((row) => seen.push(row));
  await writer.intent({ event: "CredentialUsed", credential: "a" });
  end();
  await writer.intent({ event: "CredentialUsed", credential: "b" });
  assert.deepEqual(seen, [{
    event: "CredentialUsed",
    credential: "a",
    seq: 1,
    at: 1_000,
    authenticated: true,
  }]);
  writer.close();
});

Deno.test("a closed writer refuses intents and drops notes", async () => {
  const store = new Store();
  const writer = new AuditWriter(store, options);
  writer.note({ event: "ProxyStopped" });
  writer.close();
  assert.equal(store.rows.length, 1);
  await assert.rejects(writer.intent({ event: "CredentialUsed" }), { code: "audit_unavailable" });
  writer.note({ event: "ProxyStopped" });
  writer.close();
  assert.equal(store.rows.length, 1);
});
