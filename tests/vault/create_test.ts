import assert from "node:assert/strict";
import { utf8 } from "../../src/core/bytes.ts";
import { Vault } from "../../src/vault/mod.ts";
import { createDatabase } from "../../src/vault/files.ts";
import { checkNewPassword, countCharacters } from "../../src/vault/password.ts";
import { CHEAP_KDF } from "./cheap_kdf.ts";
import { startChild } from "./process.ts";
import { assertCode, assertRejects, draft, PASSWORD, reopen, withDirectory, withVault } from "./support.ts";

const posix = Deno.build.os !== "windows";

async function link(target: string, path: string): Promise<void> {
  const child = startChild("symlink", target, path);
  await child.rest();
  assert.equal((await child.ended).success, true);
}

function names(directory: string): string[] {
  return [...Deno.readDirSync(directory)].map((entry) => entry.name).sort();
}

Deno.test("a new vault has one project, one partition, one row in its log and nothing else", async () => {
  await withDirectory(async (directory) => {
    const vault = await Vault.create(directory, PASSWORD, { ...CHEAP_KDF, now: () => 77 });
    assert.equal(Vault.exists(directory), true);
    assert.deepEqual(vault.projects.list().map(({ id, name, intact }) => [id, name, intact]), [
      ["default", "default", true],
    ]);
    assert.deepEqual(vault.partitions.list().map(({ name, projectId }) => [name, projectId]), [[
      "personal",
      "default",
    ]]);
    assert.deepEqual(vault.audit.query(), [{ seq: 1, at: 77, event: "VaultCreated", authenticated: true }]);
    assert.deepEqual(vault.credentials.list(), []);
    assert.equal(vault.info.createdAt, 77);
    assert.equal(vault.info.directory, directory);
    assert.equal(vault.verify().ok, true);
    vault.close();
    assert.deepEqual(names(directory), ["vault.db"]);
  });
});

Deno.test({
  name: "every file is its owner's alone while the vault is at work",
  ignore: !posix,
  fn: async () => {
    await withVault((vault, directory) => {
      vault.credentials.add(draft(vault, "k"), utf8("v"));
      assert.equal((Deno.statSync(directory).mode ?? 0) & 0o777, 0o700);
      assert.deepEqual(names(directory), ["vault.db", "vault.db-shm", "vault.db-wal"]);
      for (const name of names(directory)) {
        assert.equal((Deno.statSync(`${directory}/${name}`).mode ?? 0) & 0o777, 0o600, name);
      }
    });
  },
});

Deno.test("an existing vault is never overwritten", async () => {
  await withVault(async (vault, directory) => {
    const { id } = vault.credentials.add(draft(vault, "k"), utf8("v"));
    const error = await assertRejects(Vault.create(directory, PASSWORD, CHEAP_KDF), "vault_exists");
    assert(error.hint?.includes(directory));
    assert.deepEqual(vault.credentials.openValue(id), utf8("v"));
  });
});

Deno.test({
  name: "a link in the vault's place is neither followed nor replaced",
  ignore: !posix,
  fn: async () => {
    await withDirectory(async (directory) => {
      const elsewhere = `${directory}-elsewhere`;
      (await Vault.create(elsewhere, PASSWORD, CHEAP_KDF)).close();
      await Deno.mkdir(directory, { mode: 0o700 });
      await link(`${elsewhere}/vault.db`, `${directory}/vault.db`);
      await assertRejects(Vault.open(directory, PASSWORD, CHEAP_KDF), "vault_not_a_file");
      await assertRejects(Vault.create(directory, PASSWORD, CHEAP_KDF), "vault_exists");
      await Deno.remove(`${directory}/vault.db`);
      await link(`${directory}/nowhere`, `${directory}/vault.db`);
      await assertRejects(Vault.create(directory, PASSWORD, CHEAP_KDF), "vault_exists");
      await Deno.remove(`${directory}/vault.db`);
      await Deno.copyFile(`${elsewhere}/vault.db`, `${directory}/vault.db`);
      await link(`${directory}/planted`, `${directory}/vault.db-wal`);
      await assertRejects(Vault.open(directory, PASSWORD, CHEAP_KDF), "vault_not_a_file");
    });
  },
});

Deno.test("a weak or empty password makes no vault and no directory", async () => {
  await withDirectory(async (directory) => {
    await assertRejects(Vault.create(directory, utf8(""), CHEAP_KDF), "empty_password");
    await assertRejects(Vault.create(directory, utf8("seven77"), CHEAP_KDF), "weak_password");
    assert.throws(() => Deno.statSync(directory), Deno.errors.NotFound);
  });
});

Deno.test("a password's length is counted in characters, not in bytes", () => {
  assert.equal(countCharacters(utf8("żółć")), 4);
  assert.equal(countCharacters(utf8("🔑🔑🔑🔑🔑🔑🔑🔑")), 8);
  assertCode(() => checkNewPassword(utf8("żółćżół")), "weak_password");
  checkNewPassword(utf8("żółćżółć"));
});

Deno.test("costs outside the limits make no vault", async () => {
  await withDirectory(async (directory) => {
    const weak = { kdf: { memoryKiB: 64, passes: 1, parallelism: 1 } };
    await assertRejects(Vault.create(directory, PASSWORD, weak), "kdf_parameters");
    assert.equal(Vault.exists(directory), false);
  });
});

Deno.test("of several creations at once one wins, and the vault is whole", async () => {
  await withDirectory(async (directory) => {
    const passwords = ["password one", "password two", "password three"].map(utf8);
    const results = await Promise.allSettled(
      passwords.map((password) => Vault.create(directory, password, CHEAP_KDF)),
    );
    const winners = results.flatMap((result, i) =>
      result.status === "fulfilled" ? [{ vault: result.value, i }] : []
    );
    assert.equal(winners.length, 1);
    for (const { vault } of winners) vault.close();
    for (const result of results) {
      if (result.status === "rejected") {
        assert(["vault_exists", "vault_busy"].includes(result.reason.code), result.reason);
      }
    }
    const again = await Vault.open(directory, passwords[winners[0]?.i ?? 0] ?? PASSWORD, CHEAP_KDF);
    assert.equal(again.verify().ok, true);
    again.close();
    assert.deepEqual(names(directory), ["vault.db"]);
  });
});

Deno.test("what a killed creation left is cleared away by the next one", async () => {
  await withDirectory(async (directory) => {
    await Deno.mkdir(directory, { mode: 0o700 });
    for (const name of ["vault.db.new-1", "vault.db.new-1-wal", "vault.db.creating", "vault.db-wal"]) {
      await Deno.writeTextFile(`${directory}/${name}`, "left over");
    }
    await Deno.writeTextFile(`${directory}/other`, "not ours");
    const vault = await Vault.create(directory, PASSWORD, CHEAP_KDF);
    assert.equal(vault.verify().ok, true);
    vault.close();
    assert.deepEqual(names(directory), ["other", "vault.db"]);
    await Deno.link(`${directory}/vault.db`, `${directory}/vault.db.new-2`);
    await assertRejects(Vault.create(directory, PASSWORD, CHEAP_KDF), "vault_exists");
    assert.deepEqual(names(directory), ["other", "vault.db"]);
    (await reopen(directory)).close();
  });
});

Deno.test("a creation that fails leaves nothing in the vault's place", async () => {
  await withDirectory(async (directory) => {
    await Deno.mkdir(directory, { mode: 0o700 });
    const failing = createDatabase(directory, () => {
      throw new Error("halfway");
    });
    await assert.rejects(failing, /halfway/);
    assert.deepEqual(names(directory), []);
  });
});

Deno.test({
  name: "a directory that others can enter is refused",
  ignore: !posix,
  fn: async () => {
    await withDirectory(async (directory) => {
      await Deno.mkdir(directory);
      await Deno.chmod(directory, 0o755);
      await assertRejects(Vault.create(directory, PASSWORD, CHEAP_KDF), "directory_not_private");
      assert.deepEqual(names(directory), []);
    });
  },
});
