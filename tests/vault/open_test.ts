import assert from "node:assert/strict";
import { utf8 } from "../../src/core/bytes.ts";
import { describeVault, KDF_LIMITS, readAuditPage, Vault } from "../../src/vault/mod.ts";
import { waitAfter } from "../../src/vault/attempts.ts";
import { CHEAP_KDF } from "./cheap_kdf.ts";
import { assertRejects, draft, PASSWORD, reopen, tamper, withDirectory, withVault } from "./support.ts";

const WRONG = utf8("not the password");

Deno.test("a vault opens with its password and no other", async () => {
  await withVault(async (vault, directory) => {
    const { id } = vault.credentials.add(draft(vault, "k"), utf8("v"));
    const again = await reopen(directory);
    assert.equal(again.info.id, vault.info.id);
    assert.deepEqual(again.credentials.openValue(id), utf8("v"));
    again.close();
    const error = await assertRejects(Vault.open(directory, WRONG, CHEAP_KDF), "wrong_password");
    assert.equal(error.exitCode, 3);
    await assertRejects(Vault.open(directory, utf8(""), CHEAP_KDF), "empty_password");
  });
});

Deno.test("where no vault is, opening says so and names the command that makes one", async () => {
  await withDirectory(async (directory) => {
    assert.equal(Vault.exists(directory), false);
    const error = await assertRejects(Vault.open(directory, PASSWORD, CHEAP_KDF), "vault_not_found");
    assert.equal(error.hint, "wispkey init");
    assert.equal(error.exitCode, 4);
    await assertRejects(Vault.openWithKey(directory, new Uint8Array(32), CHEAP_KDF), "vault_not_found");
    assert.throws(() => describeVault(directory), { code: "vault_not_found" });
  });
});

Deno.test("a vault opens with its exported data key and with no other", async () => {
  await withVault(async (vault, directory) => {
    const { id } = vault.credentials.add(draft(vault, "k"), utf8("v"));
    const key = vault.exportDataKey();
    const again = await Vault.openWithKey(directory, key, CHEAP_KDF);
    key.fill(0);
    assert.deepEqual(again.credentials.openValue(id), utf8("v"), "the key was copied");
    again.close();
    await assertRejects(Vault.openWithKey(directory, new Uint8Array(32), CHEAP_KDF), "wrong_key");
  });
});

Deno.test("a proof holds for one nonce, one act and one vault", async () => {
  await withVault(async (vault, directory) => {
    const other = await reopen(directory);
    const nonce = crypto.getRandomValues(new Uint8Array(16));
    const proof = other.proveAct(nonce, "reveal k");
    assert.equal(vault.verifyAct(nonce, "reveal k", proof), true);
    assert.equal(vault.verifyAct(nonce, "reveal l", proof), false);
    assert.equal(vault.verifyAct(new Uint8Array(16), "reveal k", proof), false);
    assert.equal(vault.verifyAct(nonce, "reveal k", proof.subarray(1)), false);
    assert.equal(vault.verifyAct(nonce, "reveal k", new Uint8Array(32)), false);
    vault.dropKeys();
    assert.equal(vault.verifyAct(nonce, "reveal k", proof), false);
    other.close();
    await withVault((stranger) => assert.equal(stranger.verifyAct(nonce, "reveal k", proof), false));
  });
});

Deno.test("the wait between attempts doubles from one second to thirty", () => {
  assert.deepEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 1_000_000].map(waitAfter), [
    0,
    0,
    0,
    1_000,
    2_000,
    4_000,
    8_000,
    16_000,
    30_000,
    30_000,
    30_000,
  ]);
});

Deno.test("failed attempts are written down, slow the next one without hanging, and a success forgets them", async () => {
  await withVault(async (vault, directory) => {
    vault.close();
    let time = 1_000_000;
    const options = { ...CHEAP_KDF, now: () => time };
    const attempt = (password: Uint8Array) => Vault.open(directory, password, options);
    for (let i = 0; i < 3; i++) await assertRejects(attempt(WRONG), "wrong_password");
    const early = await assertRejects(attempt(PASSWORD), "too_many_attempts");
    assert.match(early.hint ?? "", /\b1 s\b/);
    assert.equal(early.exitCode, 3);
    time += 999;
    await assertRejects(attempt(PASSWORD), "too_many_attempts");
    time += 1;
    await assertRejects(attempt(WRONG), "wrong_password");
    time += 1_000;
    assert.match((await assertRejects(attempt(WRONG), "too_many_attempts")).hint ?? "", /\b1 s\b/);
    time += 1_000;
    (await attempt(PASSWORD)).close();
    await assertRejects(attempt(WRONG), "wrong_password");
    (await attempt(PASSWORD)).close();
    const failures = (await readAuditPage(directory, {})).rows.filter((row) => row.event === "UnlockFailed");
    assert.equal(failures.length, 5, "refused attempts are none");
    assert.deepEqual(failures.map((row) => [row.denied, row.authenticated]), Array(5).fill([true, false]));
    const again = await attempt(PASSWORD);
    assert.equal(again.verify().ok, true);
    again.close();
  });
});

Deno.test("a clock that was set back does not lengthen the wait", async () => {
  await withVault(async (vault, directory) => {
    vault.close();
    let time = 10_000_000;
    const options = { ...CHEAP_KDF, now: () => time };
    for (let i = 0; i < 3; i++) await assertRejects(Vault.open(directory, WRONG, options), "wrong_password");
    time = 5;
    const error = await assertRejects(Vault.open(directory, PASSWORD, options), "too_many_attempts");
    assert.match(error.hint ?? "", /\b1 s\b/);
  });
});

Deno.test("a new password opens the vault, the old one does not, and no row was touched", async () => {
  await withVault(async (vault, directory) => {
    const { id } = vault.credentials.add(draft(vault, "k"), utf8("v"));
    const sealed = vault.credentials.sealed(id);
    await assertRejects(vault.changePassword(utf8("short")), "weak_password");
    await assertRejects(vault.changePassword(utf8("")), "empty_password");
    const next = utf8("another long password");
    await vault.changePassword(next);
    assert.deepEqual(vault.credentials.sealed(id), sealed);
    assert.equal(vault.audit.query({ last: 1 })[0]?.event, "PasswordChanged");
    await assertRejects(Vault.open(directory, PASSWORD, CHEAP_KDF), "wrong_password");
    const again = await Vault.open(directory, next, CHEAP_KDF);
    assert.deepEqual(again.credentials.openValue(id), utf8("v"));
    assert.equal(again.verify().ok, true);
    again.close();
  });
});

Deno.test("a password change raises the cost of derivation and never lowers it", async () => {
  await withVault(async (vault, directory) => {
    assert.equal(vault.info.kdf.memoryKiB, 64);
    const costlier = { ...CHEAP_KDF, kdf: { memoryKiB: 128, passes: 2, parallelism: 1 } };
    const raised = await reopen(directory, costlier);
    await raised.changePassword(PASSWORD);
    assert.deepEqual(raised.info.kdf, { memoryKiB: 128, passes: 2, parallelism: 1 });
    raised.close();
    const again = await reopen(directory);
    await again.changePassword(PASSWORD);
    assert.deepEqual(again.info.kdf, { memoryKiB: 128, passes: 2, parallelism: 1 });
    again.close();
    (await reopen(directory)).close();
  });
});

Deno.test("parameters that someone lowered or raised in the file are refused before deriving", async () => {
  await withVault(async (vault, directory) => {
    vault.close();
    const strict = { ...CHEAP_KDF, kdfLimits: KDF_LIMITS };
    await assertRejects(Vault.open(directory, PASSWORD, strict), "kdf_parameters");
    for (const bomb of ["kdf_memory_kib = 1073741824", "kdf_passes = 4000000000", "kdf_parallelism = 255"]) {
      tamper(directory, `UPDATE vault SET ${bomb}`);
      await assertRejects(Vault.open(directory, PASSWORD, CHEAP_KDF), "kdf_parameters");
    }
  });
});

Deno.test("a header that was changed does not open, and a damaged one says so", async () => {
  for (
    const change of [
      "kdf_salt = zeroblob(16)",
      "wrapped_key = zeroblob(48)",
      "key_nonce = zeroblob(12)",
      "id = 'x'",
      "key_check = zeroblob(32)",
    ]
  ) {
    await withVault(async (vault, directory) => {
      vault.close();
      tamper(directory, `UPDATE vault SET ${change}`);
      await assertRejects(Vault.open(directory, PASSWORD, CHEAP_KDF), "wrong_password");
    });
  }
  await withVault(async (vault, directory) => {
    vault.close();
    tamper(directory, "DELETE FROM vault");
    await assertRejects(Vault.open(directory, PASSWORD, CHEAP_KDF), "vault_corrupt");
  });
});

Deno.test("another connection's writing is seen, our own is not", async () => {
  await withVault(async (vault, directory) => {
    const before = vault.dataVersion();
    vault.credentials.add(draft(vault, "k"), utf8("v"));
    assert.equal(vault.dataVersion(), before);
    const other = await reopen(directory);
    other.credentials.add(draft(other, "l"), utf8("v"));
    const generation = other.generation();
    other.close();
    assert.notEqual(vault.dataVersion(), before);
    assert.equal(vault.generation(), generation);
  });
});

Deno.test("without a key a vault tells its identity, its size and its log", async () => {
  await withVault(async (vault, directory) => {
    vault.credentials.add(draft(vault, "k"), utf8("v"));
    const { id, createdAt, schemaVersion } = vault.info;
    assert.deepEqual(describeVault(directory), { id, createdAt, schemaVersion, credentialCount: 1 });
    vault.close();
    assert.deepEqual(describeVault(directory), { id, createdAt, schemaVersion, credentialCount: 1 });
    assert.deepEqual((await readAuditPage(directory, {})).rows.map((row) => row.event), [
      "VaultCreated",
      "CredentialAdded",
    ]);
    assert.equal((await readAuditPage(directory, { last: 1 })).rows[0]?.credential, "k");
  });
});
