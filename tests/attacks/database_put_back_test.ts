/**
 * The agent keeps a copy of the whole database, waits until its owner has narrowed a credential, and puts the copy back. All
 * of it is authentic: only somebody who remembers can notice.
 */

import assert from "node:assert/strict";
import { Api, Home, through } from "../e2e/harness.ts";

const SECRET = "sk-live-the-real-value-0042";
const PARTS = ["vault.db", "vault.db-wal"];

Deno.test("an old copy of the database that is put back widens nothing while the daemon remembers", async () => {
  await using home = await Home.withVault();
  await using thief = new Api();
  await using api = new Api();
  const added = await home.json("add", "k", "--value", SECRET, "--hosts", `${api.host},${thief.host}`);
  const { address } = await home.json("serve", "--random-port", "--daemon");
  const steal = async () => {
    const answer = await through(address, `http://${thief.host}/`, {
      Authorization: `Bearer ${added.credential.wisp_token}`,
    });
    await answer.body?.cancel();
    return answer.status;
  };
  const copies = new Map<string, Uint8Array>();
  for (const part of PARTS) copies.set(part, await Deno.readFile(`${home.vault}/${part}`));
  // A daemon that believes what it reads would go on as before the copy: the host was allowed then.
  assert.equal(await steal(), 200, "the copy is of a time when it was allowed");
  thief.seen.length = 0;

  await home.ok("edit", "k", "--hosts", api.host);
  assert.equal(await steal(), 403);
  for (const [part, bytes] of copies) await Deno.writeFile(`${home.vault}/${part}`, bytes);
  for (let i = 0; i < 10; i++) {
    assert.ok([403, 503].includes(await steal()));
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
  assert.deepEqual(thief.seen, []);
});
