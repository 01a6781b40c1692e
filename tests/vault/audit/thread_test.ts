import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import type { TimedEntry } from "../../../src/core/audit.ts";
import { utf8 } from "../../../src/core/bytes.ts";
import { WispKeyError } from "../../../src/core/errors.ts";
import type { AuditJournal } from "../../../src/vault/audit/journal.ts";
import { toRecord } from "../../../src/vault/audit/record.ts";
import type { Vault } from "../../../src/vault/mod.ts";
import { startChild } from "../process.ts";
import { draft, reopen, tamper, withVault } from "../support.ts";

function uses(prefix: string, count: number): TimedEntry[] {
  return Array.from({ length: count }, (_, i) => ({
    entry: { event: "CredentialUsed", credential: `${prefix}-${i}` },
    at: i,
  }));
}

/** Credentials of the uses in the log, in order. */
function logged(vault: Vault): (string | undefined)[] {
  return vault.audit.query({ event: "CredentialUsed" }).map(({ credential }) => credential);
}

function names(rows: readonly TimedEntry[]): (string | undefined)[] {
  return rows.map(({ entry }) => entry.credential);
}

/** Begins to settle on the other thread; resolves when it has ended, with the rows' numbers. */
function settle(
  journal: AuditJournal,
  rows: readonly TimedEntry[],
  kept: readonly TimedEntry[] = [],
): Promise<number[]> {
  const { promise, resolve, reject } = Promise.withResolvers<number[]>();
  assert.equal(journal.settleElsewhere(rows, kept, { settled: resolve, failed: reject }), true);
  return promise;
}

/** Runs `work` on a vault with an open journal. */
async function withJournal(
  work: (journal: AuditJournal, vault: Vault, directory: string) => unknown,
): Promise<void> {
  await withVault(async (vault, directory) => {
    const journal = vault.openJournal();
    try {
      await work(journal, vault, directory);
    } finally {
      await journal.close();
    }
  });
}

Deno.test("rows settled on the other thread are one chain with all others, and the journal is empty", async () => {
  await withJournal(async (journal, vault, directory) => {
    const [first, second, third] = [uses("a", 600), uses("b", 3), uses("c", 40)];
    journal.write(first);
    const numbers = await settle(journal, first);
    assert.deepEqual(numbers, first.map((_, i) => (numbers[0] ?? 0) + i));
    journal.write(second);
    journal.settle(second);
    vault.credentials.add(draft(vault, "between"), utf8("a value"));
    journal.write(third);
    const [next = 0] = await settle(journal, third);
    assert.equal(vault.audit.query({ last: 40 }).at(-1)?.seq, next);
    assert.deepEqual(logged(vault), names([...first, ...second, ...third]));
    for (const name of ["audit.journal", "audit.journal-2"]) {
      assert.equal(Deno.readTextFileSync(`${directory}/${name}`), "", name);
    }
    assert.deepEqual(vault.verify().problems, []);
    const row = vault.audit.query({ credential: "a-7" })[0];
    assert.equal(row?.at, 7);
    assert.equal(row?.authenticated, true);
  });
});

Deno.test("who needs the rows at once waits without leaving his turn, and the log goes on behind them", async () => {
  await withJournal((journal, vault) => {
    const rows = uses("a", 700);
    journal.write(rows);
    let told: number[] | undefined;
    const listener = {
      settled: (seqs: number[]) => told = seqs,
      failed: (error: unknown) => assert.fail(`${error}`),
    };
    assert.equal(journal.settleElsewhere(rows, [], listener), true);
    assert.equal(told, undefined, "not from inside the call");
    journal.finish();
    assert.equal((told as number[] | undefined)?.length, 700);
    assert.deepEqual(logged(vault), names(rows));
    journal.settle(uses("b", 1));
    assert.deepEqual(vault.verify().problems, []);
  });
});

Deno.test("while rows are on their way no others are taken", async () => {
  await withJournal(async (journal) => {
    const settled = settle(journal, uses("a", 10));
    const nobody = { settled: () => assert.fail(), failed: () => assert.fail() };
    assert.equal(journal.settleElsewhere(uses("b", 1), [], nobody), false);
    await settled;
  });
});

Deno.test("the index of the log is made behind the rows, and finds them", async () => {
  await withJournal(async (journal, vault) => {
    for (let i = 0; i < 10; i++) await settle(journal, uses(`r${i}`, 1_000));
    // The last answer came before the last part of the index was made; the next one comes after it.
    await settle(journal, uses("last", 1));
    assert.notEqual(vault.audit.index.stored(1), undefined, "there is a block");
    assert.equal(vault.audit.query({ credential: "r3-77" }).length, 1);
    assert.deepEqual(vault.verify().problems, []);
  });
});

Deno.test("a thread that cannot open the database is done without", async () => {
  await withJournal(async (journal, vault, directory) => {
    const rows = uses("a", 20);
    journal.write(rows);
    Deno.renameSync(`${directory}/vault.db`, `${directory}/away.db`);
    Deno.mkdirSync(`${directory}/vault.db`);
    try {
      const numbers = await settle(journal, rows);
      assert.equal(numbers.length, 20);
      assert.ok(numbers.every((seq) => seq > 0));
    } finally {
      Deno.removeSync(`${directory}/vault.db`);
      Deno.renameSync(`${directory}/away.db`, `${directory}/vault.db`);
    }
    assert.deepEqual(logged(vault), names(rows));
    assert.deepEqual(vault.verify().problems, []);
  });
});

Deno.test("a thread that was given up but committed all the same leads to no row twice", async () => {
  await withJournal(async (journal, vault, directory) => {
    const [rows, between] = [uses("a", 20), uses("between", 2)];
    journal.write(rows);
    // As if it had committed, and the answer were lost: who comes second finds the generation moved on, and the rows.
    const given = await reopen(directory);
    given.audit.appendTimed([...between, ...rows]);
    given.close();
    tamper(directory, "UPDATE audit_journal SET generation = generation + 1");
    const numbers = await settle(journal, rows);
    assert.deepEqual(logged(vault), [...names(between), ...names(rows)], "they are not put in again");
    assert.deepEqual(vault.audit.query({ credential: "a-7" }).map(({ seq }) => seq), [numbers[7]]);
    journal.write(uses("b", 1));
    journal.settle(uses("b", 1));
    assert.deepEqual(logged(vault).slice(-2), ["a-19", "b-0"]);
    assert.deepEqual(vault.verify().problems, []);
  });
});

Deno.test("rows that somebody else laid where a thread's would lie are not taken for them", async () => {
  await withJournal(async (journal, _vault, directory) => {
    await settle(journal, uses("before", 1));
    const rows = uses("a", 3);
    const db = new DatabaseSync(`${directory}/vault.db`);
    const { seq } = db.prepare("SELECT max(seq) AS seq FROM audit").get() ?? {};
    for (const [i, { entry, at }] of rows.entries()) {
      db.prepare("INSERT INTO audit VALUES (?, ?, ?, ?)").run(
        Number(seq) + 1 + i,
        at,
        toRecord(entry),
        new Uint8Array(32),
      );
    }
    db.exec("UPDATE audit_journal SET generation = generation + 1");
    db.close();
    const isTampered = (error: unknown) => error instanceof WispKeyError && error.code === "audit_tampered";
    await assert.rejects(settle(journal, rows), isTampered);
  });
});

Deno.test("a log that was cut behind our back is not continued, whichever thread writes", async () => {
  await withJournal(async (journal, _vault, directory) => {
    await settle(journal, uses("a", 30));
    const other = new DatabaseSync(`${directory}/vault.db`);
    other.exec("DELETE FROM audit WHERE seq = (SELECT max(seq) FROM audit)");
    other.close();
    const isTampered = (error: unknown) => error instanceof WispKeyError && error.code === "audit_tampered";
    await assert.rejects(settle(journal, uses("b", 30)), isTampered);
    assert.throws(() => journal.finish(), isTampered);
    assert.throws(() => journal.settle(uses("c", 1)), isTampered);
  });
});

Deno.test("who else writes is noticed beside the other thread, and our own changes are no one else's", async () => {
  await withJournal(async (journal, vault, directory) => {
    const look = async (): Promise<boolean> => {
      journal.lookElsewhere();
      // Its answer comes before that to the order behind it.
      await settle(journal, uses("a", 1));
      return journal.lookElsewhere().othersWrote;
    };
    await settle(journal, uses("a", 1));
    assert.equal(await look(), false);
    vault.credentials.add(draft(vault, "ours"), utf8("a value"));
    assert.equal(await look(), false);
    assert.equal(await look(), false);
    const other = new DatabaseSync(`${directory}/vault.db`);
    other.exec("UPDATE credentials SET hosts = '[\"evil.test\"]'");
    other.close();
    assert.equal(await look(), true);
    assert.equal(await look(), false);
  });
});

Deno.test("a locked vault settles nothing elsewhere, and its thread ends", async () => {
  await withJournal(async (journal, vault) => {
    await settle(journal, uses("a", 10));
    journal.dropKeys();
    vault.lock();
    const nobody = { settled: () => assert.fail(), failed: () => assert.fail() };
    assert.equal(journal.settleElsewhere(uses("b", 1), [], nobody), false);
    journal.settle(uses("c", 1));
    assert.equal(vault.audit.query({ last: 1 })[0]?.authenticated, false);
  });
});

Deno.test("what is left when the keys go is in the log after the next opening, once, whatever becomes of the order under way", async () => {
  await withVault(async (vault, directory) => {
    const journal = vault.openJournal();
    const [rows, noted, kept, later] = [uses("a", 30), uses("noted", 2), uses("kept", 2), uses("later", 2)];
    journal.write([...rows, ...kept]);
    const other = new DatabaseSync(`${directory}/vault.db`);
    other.exec("BEGIN IMMEDIATE");
    const never = { settled: () => {}, failed: () => {} };
    assert.ok(journal.settleElsewhere([...rows, ...noted], kept, never));
    journal.hurry();
    assert.throws(() => journal.finish(), { code: "vault_busy" });
    journal.leave(noted, later);
    journal.dropKeys();
    vault.dropKeys();
    const before = copy(directory, "before");
    other.exec("ROLLBACK");
    other.close();
    journal.finish();
    journal.settle(uses("without a key", 1));
    await journal.close();
    vault.close();

    const all = names([...rows, ...noted, ...kept, ...later]);
    for (const [image, more] of [[before, []], [directory, ["without a key-0"]]] as const) {
      const again = await reopen(image);
      await again.openJournal().close();
      assert.deepEqual(logged(again).sort(), [...all, ...more].sort(), image);
      assert.deepEqual(again.verify().problems, []);
      again.close();
    }
  });
});

Deno.test("of a process killed while rows are on their way every row is in the log, once", async () => {
  await withVault(async (vault, directory) => {
    const journal = vault.openJournal();
    const [rows, kept, later] = [uses("a", 600), uses("kept", 3), uses("later", 2)];
    journal.write([...rows, ...kept]);
    // Somebody who writes holds the thread up, so that there is time to look.
    const other = new DatabaseSync(`${directory}/vault.db`);
    other.exec("BEGIN IMMEDIATE");
    const settled = settle(journal, rows, kept);
    journal.write(later);
    const before = copy(directory, "before");
    other.exec("ROLLBACK");
    other.close();
    await settled;
    const after = copy(directory, "after");
    await journal.close();
    vault.close();

    const all = names([...rows, ...kept, ...later]).sort();
    for (const image of [before, after]) {
      const again = await reopen(image);
      again.openJournal().close();
      assert.deepEqual(logged(again).sort(), all, image);
      assert.deepEqual(again.verify().problems, []);
      again.openJournal().close();
      assert.deepEqual(logged(again).sort(), all, "and once for all");
      again.close();
    }
  });
});

/** The vault's files as a killed process would leave them. */
function copy(directory: string, name: string): string {
  const image = `${directory}/../${name}`;
  Deno.mkdirSync(image, { mode: 0o700 });
  for (const { name: file, isFile } of Deno.readDirSync(directory)) {
    if (isFile) Deno.copyFileSync(`${directory}/${file}`, `${image}/${file}`);
  }
  return image;
}

Deno.test("a writer killed at random while another thread settles loses no row and has none twice", async () => {
  const rounds = Number(Deno.env.get("WISPKEY_CRASH_ROUNDS") ?? 8);
  for (let round = 0; round < rounds; round++) {
    await withVault(async (vault, directory) => {
      vault.close();
      const child = startChild("settle_loop", directory);
      for (let i = 0; i < 20 + Math.random() * 60; i++) {
        assert.ok(await child.line(), "the child ended by itself");
      }
      child.kill();
      const rest = await child.rest();
      await child.ended;
      assert.ok(rest.every((line) => /^\d+$/.test(line)));
      const again = await reopen(directory);
      again.openJournal().close();
      const numbers = logged(again).map(Number).sort((a, b) => a - b);
      // Journaled in order, so there must be no gap; the last line may have been printed or not.
      assert.deepEqual(numbers, numbers.map((_, i) => i), `round ${round}`);
      const printed = Number(rest.at(-1) ?? 0);
      assert.ok(numbers.length > printed, `${numbers.length} rows, ${printed} was told`);
      assert.deepEqual(again.verify().problems, [], `round ${round}`);
      again.close();
    });
  }
});
