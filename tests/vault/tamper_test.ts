import assert from "node:assert/strict";
import { utf8 } from "../../src/core/bytes.ts";
import type { Vault } from "../../src/vault/mod.ts";
import { assertCode, draft, peek, reopen, tamper, withVault } from "./support.ts";

/** Two credentials: a victim whose row is edited, and a bystander that must go on working. */
function addPair(vault: Vault): { victim: string; bystander: string } {
  const victim = vault.credentials.add(
    draft(vault, "victim", { type: "api_key", place: { in: "header", name: "X-Key" } }),
    utf8("victim's secret"),
  );
  const bystander = vault.credentials.add(draft(vault, "bystander"), utf8("bystander's secret"));
  return { victim: victim.id, bystander: bystander.id };
}

function assertRefused(vault: Vault, id: string): void {
  const row = vault.credentials.list().find((credential) => credential.id === id);
  assert.equal(row?.intact, false, "the list must tell");
  assert.equal(vault.credentials.getById(id)?.intact, false);
  assertCode(() => vault.credentials.openValue(id), "credential_tampered");
  const sealed = vault.credentials.all().find(({ credential }) => credential.id === id);
  assert(sealed);
  assertCode(() => vault.credentials.openSealed(sealed), "credential_tampered");
  assertCode(() => vault.credentials.edit(id, { description: "x" }), "credential_tampered");
  assertCode(() => vault.credentials.rotateToken(id), "credential_tampered");
  assertCode(() => vault.credentials.replaceValue(id, utf8("x")), "credential_tampered");
}

function assertWorks(vault: Vault, id: string, value: string): void {
  assert.equal(vault.credentials.getById(id)?.intact, true);
  assert.deepEqual(vault.credentials.openValue(id), utf8(value));
}

const EDITS: Readonly<Record<string, string>> = {
  "the hosts": `hosts = '["*"]'`,
  "no hosts": `hosts = '[]'`,
  "whether its hosts were confirmed": "hosts_confirmed = 1",
  "hosts that are not JSON": `hosts = 'anywhere'`,
  "hosts that are not texts": `hosts = '[1]'`,
  "the token": `token = 'wk_victim_aaaaaaaaaaaaaaaa'`,
  "the type": `type = 'bearer_token'`,
  "an unknown type": `type = 'anything'`,
  "the place": `place = '{"in":"header","name":"X-Evil"}'`,
  "no place": `place = NULL`,
  "a place anywhere in a body": `place = '{"in":"body"}'`,
  "a place that is none": `place = '{"in":"path"}'`,
  "the name": `name = 'renamed'`,
  "the description": `description = 'trust me'`,
  "the tags": `tags = '[]'`,
  "the revision": `revision = revision + 1`,
  "the time of adding": `created_at = 0`,
  "the time of the last change": `updated_at = updated_at + 1`,
  "a time beyond what a number holds": `updated_at = 1152921504606846976`,
  "the nonce": `nonce = zeroblob(12)`,
  "the tag": `tag = zeroblob(16)`,
  "the MAC": `mac = zeroblob(32)`,
  "an empty MAC": `mac = x''`,
};

for (const [what, assignment] of Object.entries(EDITS)) {
  Deno.test(`a row with ${what} changed is refused, and others work`, async () => {
    await withVault((vault, directory) => {
      const { victim, bystander } = addPair(vault);
      tamper(directory, `UPDATE credentials SET ${assignment} WHERE id = ?`, victim);
      assertRefused(vault, victim);
      assertWorks(vault, bystander, "bystander's secret");
      const report = vault.verify();
      assert.equal(report.ok, false);
      const named = report.problems.filter((problem) => problem.kind === "credential");
      assert.deepEqual(named.map((problem) => problem.name), [what === "the name" ? "renamed" : "victim"]);
    });
  });
}

Deno.test("a changed ciphertext is refused when it is opened, and the check of the vault names it", async () => {
  await withVault((vault, directory) => {
    const { victim, bystander } = addPair(vault);
    tamper(
      directory,
      "UPDATE credentials SET ciphertext = zeroblob(length(ciphertext)) WHERE id = ?",
      victim,
    );
    assertCode(() => vault.credentials.openValue(victim), "credential_tampered");
    assertCode(() => vault.credentials.edit(victim, { hosts: ["*"] }), "credential_tampered");
    assertWorks(vault, bystander, "bystander's secret");
    assert.deepEqual(vault.verify().problems.map((problem) => problem.name), ["victim"]);
  });
});

Deno.test("a move to another partition or project is refused", async () => {
  await withVault((vault, directory) => {
    const { victim, bystander } = addPair(vault);
    const project = vault.projects.create({ name: "other", description: "" });
    const own = vault.partitions.create({ projectId: "default", name: "work", description: "" });
    tamper(directory, "UPDATE credentials SET partition_id = ? WHERE id = ?", own.id, victim);
    assertRefused(vault, victim);
    const there = vault.partitions.getByName(project.id, "personal");
    assert(there);
    const sql = "UPDATE credentials SET project_id = ?, partition_id = ? WHERE id = ?";
    tamper(directory, sql, project.id, there.id, victim);
    assertRefused(vault, victim);
    assertWorks(vault, bystander, "bystander's secret");
  });
});

/** Every set of columns an attacker could exchange between two rows. */
const SWAPS: readonly string[][] = [
  ["hosts"],
  ["type", "place"],
  ["token"],
  ["ciphertext", "nonce", "tag"],
  ["ciphertext", "nonce", "tag", "mac"],
  ["ciphertext", "nonce", "tag", "mac", "revision"],
  ["name"],
  ["mac"],
  ["description"],
  ["hosts", "token", "type", "place", "tags", "description", "mac"],
  ["name", "description", "type", "place", "hosts", "tags", "revision", "ciphertext", "nonce", "tag", "mac"],
];

for (const columns of SWAPS) {
  Deno.test(`two rows that exchange ${columns.join(", ")} are both refused`, async () => {
    await withVault((vault, directory) => {
      const { victim, bystander } = addPair(vault);
      vault.credentials.edit(bystander, { description: "at another revision" });
      const third = vault.credentials.add(draft(vault, "third"), utf8("third secret"));
      const rows = peek(directory, "SELECT * FROM credentials");
      const valuesOf = (id: string) =>
        columns.map((column) => rows.find((row) => row.id === id)?.[column] as string | Uint8Array | null);
      const set = (prefix: string) => columns.map((column) => `${column} = ${prefix}`).join(", ");
      // Names and tokens are unique: they go over a third value.
      for (const column of columns.filter((name) => name === "token" || name === "name")) {
        tamper(directory, `UPDATE credentials SET ${column} = 'between' WHERE id = ?`, victim);
      }
      tamper(directory, `UPDATE credentials SET ${set("?")} WHERE id = ?`, ...valuesOf(victim), bystander);
      tamper(directory, `UPDATE credentials SET ${set("?")} WHERE id = ?`, ...valuesOf(bystander), victim);
      assertRefused(vault, victim);
      assertRefused(vault, bystander);
      assertWorks(vault, third.id, "third secret");
    });
  });
}

Deno.test("rows that exchange their ids are both refused", async () => {
  await withVault((vault, directory) => {
    const { victim, bystander } = addPair(vault);
    tamper(directory, "UPDATE credentials SET id = 'between' WHERE id = ?", victim);
    tamper(directory, "UPDATE credentials SET id = ? WHERE id = ?", victim, bystander);
    tamper(directory, "UPDATE credentials SET id = ? WHERE id = 'between'", bystander);
    assertRefused(vault, victim);
    assertRefused(vault, bystander);
  });
});

Deno.test("a planted copy of a row under another id and token is refused", async () => {
  await withVault((vault, directory) => {
    const { victim } = addPair(vault);
    tamper(
      directory,
      `INSERT INTO credentials SELECT 'planted', project_id, partition_id, 'planted', description, type, place,
       '["evil.example"]', tags, 'wk_planted', revision, created_at, updated_at, last_used_at, mac, nonce, tag, ciphertext, hosts_confirmed
       FROM credentials WHERE id = ?`,
      victim,
    );
    assertRefused(vault, "planted");
    assertWorks(vault, victim, "victim's secret");
  });
});

Deno.test("a row put back as it was before it was narrowed is noticed though it is intact by itself", async () => {
  await withVault((vault, directory) => {
    const { victim } = addPair(vault);
    vault.credentials.edit(victim, { hosts: ["*"] });
    const wide = peek(directory, "SELECT * FROM credentials WHERE id = ?", victim)[0];
    assert(wide);
    vault.credentials.edit(victim, { hosts: ["only.example"] });
    assert.equal(vault.credentials.complete(vault.credentials.all()), true);
    const columns = ["hosts", "revision", "updated_at", "mac", "nonce", "tag", "ciphertext"];
    tamper(
      directory,
      `UPDATE credentials SET ${columns.map((column) => `${column} = ?`).join(", ")} WHERE id = ?`,
      ...columns.map((column) => wide[column] as string),
      victim,
    );
    assert.equal(vault.credentials.getById(victim)?.intact, true, "by itself it is a row of ours");
    assert.equal(vault.credentials.complete(vault.credentials.all()), false);
    assert.deepEqual(vault.verify().problems.map((problem) => problem.code), ["rows_changed_outside"]);
  });
});

Deno.test("a removed row, and a removed row put back, are noticed", async () => {
  await withVault((vault, directory) => {
    const { victim, bystander } = addPair(vault);
    const row = peek(directory, "SELECT * FROM credentials WHERE id = ?", victim)[0];
    assert(row);
    tamper(directory, "DELETE FROM credentials WHERE id = ?", victim);
    assert.deepEqual(vault.verify().problems.map((problem) => problem.name), ["credentials"]);
    const marks = Object.keys(row).map(() => "?").join(", ");
    const values = Object.values(row) as string[];
    tamper(directory, `INSERT INTO credentials VALUES (${marks})`, ...values);
    assert.equal(vault.verify().ok, true);
    vault.credentials.remove(victim);
    tamper(directory, `INSERT INTO credentials VALUES (${marks})`, ...values);
    assert.equal(vault.verify().ok, false);
    assertWorks(vault, bystander, "bystander's secret");
  });
});

Deno.test("a row that was changed can be removed, and what remains can be accepted", async () => {
  await withVault(async (vault, directory) => {
    const { victim, bystander } = addPair(vault);
    tamper(directory, "UPDATE credentials SET mac = zeroblob(32), token = 'wk_x' WHERE id = ?", victim);
    vault.credentials.remove(victim);
    assert.equal(vault.credentials.findRetired("wk_x"), undefined, "a planted token is not believed");
    assert.deepEqual(vault.verify().problems.map((problem) => problem.kind), ["rows"]);
    const generation = vault.generation();
    vault.acceptRows({ reason: "looked at" });
    assert.equal(vault.verify().ok, true);
    assert(vault.generation() > generation);
    assert.equal(vault.audit.query({ last: 1 })[0]?.event, "VaultChangedOutside");
    vault.credentials.edit(bystander, { hosts: [] });
    const again = await reopen(directory);
    assert.equal(again.verify().ok, true);
    again.close();
  });
});

Deno.test("changed projects, partitions and retired tokens are noticed", async () => {
  await withVault((vault, directory) => {
    const project = vault.projects.create({ name: "client", description: "" });
    const { id, token } = vault.credentials.add(draft(vault, "k"), utf8("v"));
    vault.credentials.remove(id);
    tamper(directory, "UPDATE projects SET name = 'evil' WHERE id = ?", project.id);
    tamper(directory, "UPDATE partitions SET description = 'evil' WHERE project_id = ?", project.id);
    tamper(directory, "UPDATE retired_tokens SET credential_name = 'evil'");
    assert.equal(vault.projects.get(project.id)?.intact, false);
    assert.equal(vault.projects.getByName("default")?.intact, true);
    assert.equal(vault.partitions.list(project.id)[0]?.intact, false);
    assert.equal(vault.credentials.findRetired(token), undefined);
    const kinds = vault.verify().problems.map((problem) => `${problem.kind} ${problem.name}`);
    assert.deepEqual(kinds, ["project evil", "partition personal"]);
  });
});

Deno.test("a changed or older record of the rows is refused", async () => {
  await withVault(async (vault, directory) => {
    const { victim } = addPair(vault);
    const old = peek(directory, "SELECT * FROM state")[0];
    assert(old);
    vault.credentials.edit(victim, { hosts: [] });
    const put = (row: Record<string, unknown>) =>
      tamper(
        directory,
        "UPDATE state SET generation = ?, nonce = ?, tag = ?, sealed = ?",
        ...["generation", "nonce", "tag", "sealed"].map((column) => row[column] as number),
      );
    put(old);
    assertCode(() => vault.generation(), "vault_rolled_back");
    assertCode(() => vault.credentials.edit(victim, { hosts: ["*"] }), "vault_rolled_back");
    put({ ...old, generation: 1_000 });
    assertCode(() => vault.generation(), "vault_tampered");
    tamper(directory, "DELETE FROM state");
    assertCode(() => vault.credentials.edit(victim, { hosts: ["*"] }), "vault_tampered");
    assert.equal(vault.verify().ok, false);
    vault.acceptRows();
    assert.equal(vault.verify().ok, true);
    const again = await reopen(directory);
    assert.equal(again.verify().ok, true);
    again.close();
  });
});

Deno.test("a database rebuilt without its constraints, holding rows of wrong kinds, still lists and refuses", async () => {
  await withVault(async (vault, directory) => {
    const { victim, bystander } = addPair(vault);
    vault.close();
    tamper(directory, "CREATE TABLE loose AS SELECT * FROM credentials");
    tamper(directory, "DROP TABLE credentials");
    tamper(directory, "ALTER TABLE loose RENAME TO credentials");
    tamper(
      directory,
      "UPDATE credentials SET name = 5, hosts = x'00', updated_at = 'then', mac = 1.5 WHERE id = ?",
      victim,
    );
    const again = await reopen(directory);
    try {
      assert.deepEqual(
        again.credentials.list().map(({ id, intact }) => [id, intact]).sort(),
        [
          [victim, false],
          [bystander, true],
        ].sort(),
      );
      assertWorks(again, bystander, "bystander's secret");
      assertCode(() => again.credentials.openValue(victim), "credential_tampered");
    } finally {
      again.close();
    }
  });
});
