import assert from "node:assert/strict";
import type { TimedEntry } from "../../../src/core/audit.ts";
import type { Vault } from "../../../src/vault/mod.ts";
import { assertCode, reopen, withVault } from "../support.ts";

const JOURNAL = "audit.journal";

function used(credential: string, at = 1): TimedEntry {
  return { entry: { event: "CredentialUsed", credential }, at };
}

/** Credentials of the uses in the log, in order. */
function uses(vault: Vault): (string | undefined)[] {
  return vault.audit.query().filter((row) => row.event === "CredentialUsed").map((row) => row.credential);
}

function readJournal(directory: string): string {
  return Deno.readTextFileSync(`${directory}/${JOURNAL}`);
}

/** A vault whose journal was left behind by a process that was killed, with the given lines; then what `edit` makes of it. */
async function killed(
  lines: readonly TimedEntry[][],
  edit: (text: string) => string,
  check: (vault: Vault) => void,
): Promise<void> {
  await withVault(async (vault, directory) => {
    const journal = vault.openJournal();
    for (const line of lines) journal.write(line);
    const left = readJournal(directory);
    journal.close();
    vault.close();
    Deno.writeTextFileSync(`${directory}/${JOURNAL}`, edit(left));
    const again = await reopen(directory);
    try {
      again.openJournal().close();
      check(again);
      assert.equal(again.verify().ok, true);
    } finally {
      again.close();
    }
  });
}

Deno.test("settled rows are in the log with their own times, and the journal is empty", async () => {
  await withVault((vault, directory) => {
    const journal = vault.openJournal();
    const rows = [used("a", 11), used("b", 22)];
    journal.write(rows);
    assert.ok(readJournal(directory).includes('"credential":"b"'));
    const seqs = journal.settle(rows);
    assert.equal(readJournal(directory), "");
    assert.deepEqual(vault.audit.query({ last: 2 }).map((row) => [row.seq, row.at, row.credential]), [
      [seqs[1], 22, "b"],
      [seqs[0], 11, "a"],
    ]);
    journal.write([used("c")]);
    journal.settle([used("c")]);
    journal.close();
    assert.deepEqual(uses(vault), ["a", "b", "c"]);
    assert.equal(vault.verify().ok, true);
  });
});

Deno.test("the journal is its owner's alone", async () => {
  await withVault((vault, directory) => {
    const journal = vault.openJournal();
    journal.write([used("a")]);
    journal.close();
    const info = Deno.lstatSync(`${directory}/${JOURNAL}`);
    assert.ok(info.isFile);
    if (Deno.build.os !== "windows") assert.equal((info.mode ?? 0) & 0o777, 0o600);
  });
});

Deno.test("what a killed process left goes into the log, once", async () => {
  await killed([[used("a"), used("b")], [used("c")]], (text) => text, (vault) => {
    assert.deepEqual(uses(vault), ["a", "b", "c"]);
    vault.openJournal().close();
    assert.deepEqual(uses(vault), ["a", "b", "c"]);
  });
});

Deno.test("a line cut off by the end of the process is not missed, the lines before it are kept", async () => {
  for (const cut of [1, 10, 70]) {
    await killed([[used("a")], [used("b")]], (text) => text.slice(0, -cut), (vault) => {
      assert.deepEqual(uses(vault), ["a"]);
      assert.ok(!vault.audit.query().some((row) => row.event === "VaultChangedOutside"));
    });
  }
});

Deno.test("a line that was changed, moved or repeated is not taken, and it is said", async () => {
  const edits: [string, (text: string) => string][] = [
    ["changed", (text) => text.replace('"credential":"b"', '"credential":"x"')],
    ["moved", (text) => {
      const [a = "", b = "", c = ""] = text.split("\n");
      return `${[a, c, b].join("\n")}\n`;
    }],
    ["repeated", (text) => {
      const [a = ""] = text.split("\n");
      return `${a}\n${text}`;
    }],
  ];
  for (const [what, edit] of edits) {
    await killed([[used("a")], [used("b")], [used("c")]], edit, (vault) => {
      assert.deepEqual(uses(vault), ["a"], what);
      assert.equal(vault.audit.query({ last: 1 })[0]?.event, "VaultChangedOutside", what);
    });
  }
});

Deno.test("lines that were settled already, or are of another vault, mean nothing", async () => {
  await withVault((vault, directory) => {
    const journal = vault.openJournal();
    journal.write([used("a")]);
    const old = readJournal(directory);
    journal.settle([used("a")]);
    journal.close();
    Deno.writeTextFileSync(`${directory}/${JOURNAL}`, old);
    vault.openJournal().close();
    assert.deepEqual(uses(vault), ["a"]);
    Deno.writeTextFileSync(`${directory}/${JOURNAL}`, "not a journal\n\n");
    vault.openJournal().close();
    assert.deepEqual(uses(vault), ["a"]);
    assert.equal(vault.verify().ok, true);
  });
});

Deno.test("a locked vault journals nothing", async () => {
  await withVault((vault) => {
    const journal = vault.openJournal();
    vault.lock();
    assertCode(() => journal.write([used("a")]), "vault_locked");
    journal.settle([{ entry: { event: "VaultLocked" }, at: 1 }]);
    journal.close();
    assert.equal(vault.audit.query({ last: 1 })[0]?.authenticated, false);
  });
});

Deno.test("zeros that a power cut left in the middle of the journal end the reading, and are no forgery", async () => {
  const lines = ["a", "b", "c"].map((credential) => [used(credential)]);
  const zeroed = (text: string) => {
    const [first = "", second = "", third = ""] = text.split("\n");
    return `${first}\n${"\0".repeat(40)}${second.slice(40)}\n${third}\n`;
  };
  await killed(lines, zeroed, (vault) => {
    assert.deepEqual(uses(vault), ["a"]);
    assert.equal(vault.audit.query({ event: "VaultChangedOutside" }).length, 0);
  });
});

Deno.test("a journal that somebody made long without end keeps nobody out, and what it begins with is read", async () => {
  await withVault(async (vault, directory) => {
    const journal = vault.openJournal();
    journal.write([{ entry: { event: "CredentialUsed", credential: "first" }, at: 1 }]);
    await journal.close();
    vault.close();
    // Files with holes take no room; as a text this one would be longer than any text can be.
    Deno.truncateSync(`${directory}/audit.journal`, 2 ** 36);
    const again = await reopen(directory);
    await again.openJournal().close();
    assert.deepEqual(again.audit.query({ event: "CredentialUsed" }).map(({ credential }) => credential), [
      "first",
    ]);
    again.close();
  });
});
