/**
 * The agent keeps the database locked while the vault is locked: so that the key stays where it is, or so that the rows of its
 * last uses are written when nobody can vouch for them any more.
 */

import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { utf8 } from "../../src/core/bytes.ts";
import { VaultDaemon } from "../../src/daemon/vault_daemon.ts";
import type { Vault } from "../../src/vault/mod.ts";
import { draft, reopen, withVault } from "../vault/support.ts";
import { Api, Home, through } from "../e2e/harness.ts";

function uses(vault: Vault): (boolean | undefined)[] {
  return vault.audit.query({ event: "CredentialUsed" }).map(({ authenticated }) => authenticated);
}

Deno.test("who keeps the database locked neither keeps the vault open nor gets uses into the log that lack a MAC", async () => {
  await using api = new Api();
  await withVault(async (vault, directory) => {
    vault.audit.append([{ event: "CredentialUsed" }], 1);
    vault.lock();
    vault.audit.append([{ event: "CredentialUsed" }], 2);
    assert.deepEqual(uses(vault), [true, false], "a log that is written late is anybody's");
    const again = await reopen(directory);
    const { token } = again.credentials.add(
      draft(again, "key", { hosts: [`http://${api.host}`] }),
      utf8("a value of a credential"),
    );
    const key = again.exportDataKey();
    again.close();

    const session = { check: () => true, touch: () => true };
    const daemon = await VaultDaemon.open({ directory, key, scope: null, version: "0", session });
    const { address } = await daemon.openProxy(0, false);
    const other = new DatabaseSync(`${directory}/vault.db`);
    other.exec("BEGIN IMMEDIATE");
    for (let i = 0; i < 3; i++) {
      const { status } = await through(address, `http://${api.host}/`, { authorization: `Bearer ${token}` });
      assert.equal(status, 200);
    }
    assert.equal(daemon.lock("asked for", true), true);
    assert.equal(daemon.vault.locked, true);
    other.exec("ROLLBACK");
    other.close();
    daemon.note({ event: "ProxyStopped" });
    assert.deepEqual(uses(daemon.vault), [true, false], "nothing of it is written without a key");
    await daemon.closeProxy(0);
    await daemon.close();

    const fresh = await reopen(directory);
    await fresh.openJournal().close();
    assert.deepEqual(uses(fresh), [true, false, true, true, true]);
    assert.deepEqual(fresh.audit.query({ event: "VaultLocked" }).map((row) => row.authenticated), [true]);
    assert.deepEqual(fresh.verify().problems, []);
    fresh.close();
  });
});

Deno.test("who keeps the database locked and goes on using tokens does not keep the owner's command from being heard", async () => {
  await using api = new Api();
  await using home = await Home.withVault();
  await Deno.writeTextFile(`${home.directory}/value`, "a value of a credential");
  await home.ok(
    "add",
    "key",
    "--type",
    "bearer_token",
    "--hosts",
    `http://${api.host}`,
    "--value-file",
    `${home.directory}/value`,
  );
  const { address } = await home.json("serve", "--random-port", "--daemon");
  const other = new DatabaseSync(`${home.vault}/vault.db`);
  const [row] = other.prepare("SELECT token FROM credentials").all();
  const use = async () => {
    const headers = { authorization: `Bearer ${row?.token}` };
    const response = await through(address, `http://${api.host}/`, headers);
    await response.body?.cancel();
    return response.status;
  };
  assert.equal(await use(), 200);
  other.exec("BEGIN IMMEDIATE");
  let [using, passed, refused] = [true, 1, 0];
  const agent = (async () => {
    while (using) {
      if (await use() === 200) passed++;
      else refused++;
    }
  })();
  while (refused === 0) await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(await home.ok("lock"), "Locked.\n");
  other.exec("ROLLBACK");
  other.close();
  using = false;
  await agent;
  await home.ok("unlock");
  const { entries } = await home.json("log", "--event", "CredentialUsed", "--last", "10000");
  assert.equal(entries.length, passed, "every use that passed is in the log");
  assert.ok(entries.every(({ authenticated }: { authenticated: boolean }) => authenticated));
});
