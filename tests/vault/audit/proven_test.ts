import assert from "node:assert/strict";
import fc from "fast-check";
import type { Vault } from "../../../src/vault/mod.ts";
import { assertCode, reopen, tamper, withVault } from "../support.ts";

/** Credentials of the rows since a time. */
function names(vault: Vault, since: number): (string | undefined)[] {
  return [...vault.provenAudit(since)].flat().map(({ credential }) => credential);
}

function append(vault: Vault, at: number, ...credentials: string[]): void {
  vault.audit.append(credentials.map((credential) => ({ event: "CredentialUsed", credential })), at);
}

Deno.test("rows since a time are given oldest first, as they were written", () =>
  withVault(async (vault, directory) => {
    append(vault, 100_000, "a", "b");
    append(vault, 200_000, "c");
    append(vault, 300_000, "d");
    assert.deepEqual(names(vault, 200_000), ["c", "d"]);
    assert.deepEqual(names(vault, 200_001), ["d"]);
    assert.deepEqual(names(vault, 300_001), []);
    assert.deepEqual(names(vault, 0).slice(1), ["a", "b", "c", "d"]);
    const [row] = [...vault.provenAudit(300_000)].flat();
    assert.deepEqual(row, vault.audit.query({ last: 1 })[0]);
    vault.close();
    const again = await reopen(directory);
    assert.deepEqual(names(again, 200_000), ["c", "d"]);
    again.close();
  }, { now: () => 1 }));

Deno.test("a vault whose log holds one row or begins late gives what there is", () =>
  withVault((vault) => {
    assert.deepEqual(names(vault, 0), [undefined]);
    for (let i = 0; i < 20; i++) append(vault, 1_000_000 * i, `${i}`);
    vault.pruneAudit(15);
    assert.deepEqual(names(vault, 0), ["14", "15", "16", "17", "18", "19"]);
    assert.deepEqual(names(vault, 17_000_000), ["17", "18", "19"]);
  }, { now: () => 1 }));

Deno.test("rows without a MAC and rows that came late are among them", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ step: fc.nat(100_000), late: fc.nat(50_000), locked: fc.nat(9) }), {
        maxLength: 40,
      }),
      fc.nat(2_000_000),
      async (steps, since) => {
        await withVault(async (vault, directory) => {
          let [now, open] = [100_000, vault];
          const expected: string[] = [];
          for (const [i, { step, late, locked }] of steps.entries()) {
            now += step;
            const at = now - late;
            if (locked === 0) open.lock();
            append(open, at, `${i}`);
            if (at >= since) expected.push(`${i}`);
            if (locked !== 0) continue;
            open.close();
            open = await reopen(directory);
          }
          const found = names(open, since).filter((name) => name !== undefined);
          assert.deepEqual(found, expected);
          open.close();
        }, { now: () => 1 });
      },
    ),
    { numRuns: 15 },
  );
});

const EDITS: Record<string, string> = {
  "a changed row": 'UPDATE audit SET record = \'{"event":"CredentialUsed"}\' WHERE seq = 5',
  "a row of another time": "UPDATE audit SET at = 1 WHERE seq = 5",
  "a row less": "DELETE FROM audit WHERE seq = 5",
  "a row less at the end": "DELETE FROM audit WHERE seq = (SELECT max(seq) FROM audit)",
  "a row more": "INSERT INTO audit VALUES ((SELECT max(seq) + 1 FROM audit), 1, '{}', x'00')",
  "a row far outside": `INSERT INTO audit VALUES (${Number.MAX_SAFE_INTEGER}, 1, '{}', x'00')`,
  "another head": "UPDATE audit_head SET seq = 3",
  "no head": "DELETE FROM audit_head",
};

for (const [what, sql] of Object.entries(EDITS)) {
  Deno.test(`nothing is proven by a log with ${what}`, () =>
    withVault((vault, directory) => {
      append(vault, 1_000_000, "a", "b", "c", "d", "e", "f");
      vault.audit.anchor();
      tamper(directory, sql);
      assertCode(() => names(vault, 900_000), "audit_tampered");
    }, { now: () => 1 }));
}

Deno.test("an index that lies hides nothing", () =>
  withVault((vault, directory) => {
    for (let i = 0; i < 9; i++) append(vault, 1_000_000, ...Array.from({ length: 500 }, () => "key"));
    while (vault.audit.index.step(1_024));
    tamper(directory, "UPDATE audit_blocks SET words = replace(words, 'CredentialUsed', 'CredentialXxxx')");
    assert.ok(vault.audit.query({ event: "CredentialUsed" }).length < 4_500, "a search believes it");
    assert.equal(names(vault, 1_000_000).length, 4_500);
  }, { now: () => 1 }));
