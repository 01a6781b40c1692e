/** An agent asks the daemon for the whole log at once, on many connections, to have it hold all of it and answer nobody else. */

import assert from "node:assert/strict";
import { DaemonClient } from "../../src/daemon/client.ts";
import { readDaemonInfo } from "../../src/daemon/info.ts";
import { PAGE_ROWS } from "../../src/vault/audit/query.ts";
import { Api, Home, through } from "../e2e/harness.ts";
import { Vault } from "../../src/vault/mod.ts";
import { utf8 } from "../../src/core/bytes.ts";

const ROWS = 60_000;

Deno.test("the daemon answers a question for everything with a page, and serves others meanwhile", async () => {
  await using home = await Home.withVault();
  await using api = new Api();
  await home.ok("stop");
  const vault = await Vault.open(home.vault, utf8(home.password));
  for (let i = 0; i < ROWS; i += 5_000) {
    const row = {
      event: "CredentialUsed" as const,
      credential: "k",
      host: "api.test",
      path: `/${"x".repeat(100)}`,
    };
    vault.audit.append(Array.from({ length: 5_000 }, () => row), Date.now());
  }
  assert.ok(vault.audit.query().length >= ROWS, "a log that is read whole is held whole");
  vault.close();

  await home.ok("unlock");
  const { credential } = await home.json(
    "add",
    "k",
    "--value",
    "sk-log-0123456789abcdef",
    "--hosts",
    api.host,
  );
  const { address } = await home.json("serve", "--random-port", "--daemon");
  const info = await readDaemonInfo(`${home.vault}/daemon.json`);
  assert.ok(info);
  const clients = await Promise.all(Array.from({ length: 8 }, () => DaemonClient.connect(info.address)));
  try {
    const asked = clients.flatMap((client) =>
      [{}, { last: 1_000_000 }, { credential: "k" }, { credential: "none" }].map(async (filter) => {
        const { rows, next } = (await client.call("audit.query", filter)).result;
        assert.ok(rows.length <= PAGE_ROWS, String(rows.length));
        return next;
      })
    );
    const used = await through(address, `http://${api.host}/`, {
      Authorization: `Bearer ${credential.wisp_token}`,
    });
    assert.equal(used.status, 200);
    await used.body?.cancel();
    const nexts = await Promise.all(asked);
    assert.equal(
      nexts.filter((next) => next !== null).length,
      3 * clients.length,
      "there is more, for who goes on",
    );
  } finally {
    for (const client of clients) client.close();
  }
});
