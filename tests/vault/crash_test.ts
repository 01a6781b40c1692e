/** `kill -9` at random points. `WISPKEY_CRASH_ROUNDS` sets how many (20 unless set). */

import assert from "node:assert/strict";
import { utf8 } from "../../src/core/bytes.ts";
import { Vault } from "../../src/vault/mod.ts";
import { CHEAP_KDF } from "./cheap_kdf.ts";
import { startChild } from "./process.ts";
import { draft, PASSWORD, reopen, withDirectory, withVault } from "./support.ts";

const ROUNDS = Number(Deno.env.get("WISPKEY_CRASH_ROUNDS") ?? 20);

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

Deno.test("a vault whose writer is killed at random opens with every committed credential and an unbroken log", async () => {
  await withVault(async (vault, directory) => {
    vault.close();
    const committed = new Set<string>();
    for (let round = 0; round < ROUNDS; round++) {
      const child = startChild("add_loop", directory, `r${round}`);
      const wait = Math.floor(Math.random() * 12);
      for (let i = 0; i <= wait; i++) {
        const name = await child.line();
        assert(name, "the child ended by itself");
        committed.add(name);
      }
      await pause(Math.random() * 4);
      child.kill();
      for (const name of await child.rest()) committed.add(name);
      await child.ended;

      const again = await reopen(directory);
      try {
        const names = new Set(again.credentials.list().map((credential) => credential.name));
        for (const name of committed) assert(names.has(name), `round ${round}: ${name} was lost`);
        assert.deepEqual(again.verify().problems, [], `round ${round}`);
        again.audit.append([{ event: "VaultUnlocked" }], Date.now());
        again.credentials.add(draft(again, `after-${round}`), utf8("the next command works"));
      } finally {
        again.close();
      }
    }
    assert(committed.size >= ROUNDS);
  });
});

Deno.test("a creation that is killed at random leaves no vault or a whole one", async () => {
  let created = 0;
  for (let round = 0; round < ROUNDS; round++) {
    await withDirectory(async (directory) => {
      const child = startChild("create_once", directory);
      assert.equal(await child.line(), "ready");
      await pause(Math.random() * 25);
      child.kill();
      await child.rest();
      await child.ended;
      if (Vault.exists(directory)) created++;
      const vault = Vault.exists(directory)
        ? await reopen(directory)
        : await Vault.create(directory, PASSWORD, CHEAP_KDF);
      try {
        assert.deepEqual(vault.verify().problems, [], `round ${round}`);
        assert.equal(vault.audit.query()[0]?.event, "VaultCreated");
        vault.credentials.add(draft(vault, "k"), utf8("the next command works"));
      } finally {
        vault.close();
      }
    });
  }
  console.log(`${created} of ${ROUNDS} killed creations had finished`);
});

Deno.test("two processes that write at once lose nothing and keep one log", async () => {
  await withVault(async (vault, directory) => {
    const count = 25;
    const children = ["one", "two"].map((prefix) => startChild("add_loop", directory, prefix, String(count)));
    const printed = await Promise.all(children.map((child) => child.rest()));
    for (const child of children) assert.equal((await child.ended).success, true);
    const names = new Set(vault.credentials.list().map((credential) => credential.name));
    assert.equal(names.size, 2 * (count + 1));
    for (const name of printed.flat()) assert(names.has(name));
    assert.deepEqual(vault.verify().problems, []);
    const { id } = vault.credentials.add(draft(vault, "three"), utf8("v"));
    assert.equal(vault.credentials.getById(id)?.intact, true);
  });
});
