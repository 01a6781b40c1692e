/**
 * The log may be read by anybody of the owner's user, also while locked. What stands in it is not to be a capability, nor a
 * secret, nor what a query carried.
 */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { DatabaseSync } from "node:sqlite";
import { Api, Home, through } from "../e2e/harness.ts";

const SECRET = "sk-live-the-real-value-0042";

Deno.test("no token, secret or query stands in the log, as it is shown or as it is kept", async () => {
  await using home = await Home.withVault();
  await using api = new Api();
  const { credential } = await home.json("add", "k", "--value", SECRET, "--hosts", api.host);
  const token: string = credential.wisp_token;
  const { address } = await home.json("serve", "--random-port", "--daemon");
  const query = "a-query-that-is-nobodys-business";
  for (const headers of [{ Authorization: `Bearer ${token}` }, { "X-Note": token }]) {
    const answer = await through(
      address,
      `http://${api.host}/path?${query}`,
      headers as Record<string, string>,
    );
    await answer.body?.cancel();
  }
  await home.ok("rotate", "k");
  const naive = `CredentialUsed ${token} GET http://${api.host}/path?${query}`;
  assert.ok(naive.includes(token) && naive.includes(query), "a naive log line is a capability");

  await home.ok("lock");
  const log = await home.ok("log", "--json");
  assert.match(log, /CredentialUsed/);
  assert.match(log, /misplaced_token/);
  using database = new DatabaseSync(`${home.vault}/vault.db`, { readOnly: true });
  const names = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE 'audit%'")
    .all();
  const tables = names.flatMap(({ name }) => database.prepare(`SELECT * FROM ${name}`).all())
    .flatMap((row) => Object.values(row))
    .map((cell) => cell instanceof Uint8Array ? Buffer.from(cell).toString("latin1") : String(cell)).join(
      "\n",
    );
  assert.match(tables, /CredentialUsed/);
  const running = await Deno.readTextFile(`${home.vault}/daemon.log`);
  for (const forbidden of [token, SECRET, query]) {
    assert.ok(!log.includes(forbidden), forbidden);
    assert.ok(!tables.includes(forbidden), `${forbidden} in the tables`);
    assert.ok(!running.includes(forbidden), `${forbidden} in the daemon's own log`);
  }
});
