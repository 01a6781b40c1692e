import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { Api, gone, Home, through } from "./harness.ts";

/** What an agent may write into the database behind our back; `a` is the victim, `b` another credential. */
const EDITS: Record<string, string> = {
  "hosts":
    "UPDATE credentials SET hosts = (SELECT hosts FROM credentials WHERE name = 'wide') WHERE name = 'a'",
  "token": "UPDATE credentials SET token = 'wk_a_aaaaaaaaaaaaaaaa' WHERE name = 'a'",
  "type": "UPDATE credentials SET type = 'basic_auth' WHERE name = 'a'",
  "place":
    `UPDATE credentials SET type = 'api_key', place = '{"in":"header","name":"X-Api-Key"}' WHERE name = 'a'`,
  "value": `UPDATE credentials SET
    (nonce, tag, ciphertext) = (SELECT nonce, tag, ciphertext FROM credentials WHERE name = 'wide') WHERE name = 'a'`,
  "name": "UPDATE credentials SET name = 'renamed' WHERE name = 'a'",
};

for (const [what, sql] of Object.entries(EDITS)) {
  Deno.test(`a row whose ${what} was edited behind our back is refused and named, others work`, async () => {
    await using home = await Home.withVault();
    await using api = new Api();
    const a = await home.json("add", "a", "--value", "secret-of-a-0123456789", "--hosts", api.host);
    const b = await home.json("add", "b", "--value", "secret-of-b-0123456789", "--hosts", api.host);
    await home.ok("add", "wide", "--value", "secret-of-wide-0123456789", "--hosts", `${api.host},other.test`);
    const proxy = await home.json("serve", "--random-port", "--daemon");
    await home.ok("stop");
    await gone(proxy.pid);

    const database = new DatabaseSync(`${home.vault}/vault.db`);
    database.exec(sql);
    assert.equal(
      database.prepare("SELECT count(*) AS n FROM credentials").get()!.n,
      3,
      "the edit itself went through",
    );
    const token =
      (database.prepare("SELECT token FROM credentials WHERE id = ?").get(a.credential.id)!).token;
    database.close();

    await home.ok("unlock");
    const { address } = await home.json("serve", "--random-port", "--daemon");
    const refused = await through(address, `http://${api.host}/`, { Authorization: `Bearer ${token}` });
    await refused.body?.cancel();
    assert.equal(refused.status, 403);
    assert.equal(refused.headers.get("x-wispkey-error"), "credential_tampered");
    assert.equal(api.seen.length, 0);
    const works = await through(address, `http://${api.host}/`, {
      Authorization: `Bearer ${b.credential.wisp_token}`,
    });
    await works.body?.cancel();
    assert.equal(works.status, 200);

    const doctor = await home.run(["doctor", "--json"]);
    assert.equal(doctor.code, 1);
    const bad = JSON.parse(doctor.stdout).findings.filter((finding: { level: string }) =>
      finding.level === "error"
    );
    assert.equal(bad.length, 1, JSON.stringify(bad));
    assert.match(bad[0].message, what === "name" ? /renamed/ : /'a'/);
  });
}

Deno.test("an edit while the daemon runs is noticed too", async () => {
  await using home = await Home.withVault();
  await using api = new Api();
  await using thief = new Api();
  const { credential } = await home.json(
    "add",
    "a",
    "--value",
    "secret-of-a-0123456789",
    "--hosts",
    api.host,
  );
  const { address } = await home.json("serve", "--random-port", "--daemon");
  const database = new DatabaseSync(`${home.vault}/vault.db`);
  database.prepare("UPDATE credentials SET hosts = ?").run(JSON.stringify([thief.host]));
  database.close();
  const deadline = Date.now() + 10_000;
  for (;;) {
    const stolen = await through(address, `http://${thief.host}/`, {
      Authorization: `Bearer ${credential.wisp_token}`,
    });
    await stolen.body?.cancel();
    assert.equal(stolen.status, 403);
    if (stolen.headers.get("x-wispkey-error") === "credential_tampered") break;
    assert.ok(Date.now() < deadline, "the edit was never noticed");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.equal(thief.seen.length, 0);
  const log = await home.json("log");
  assert.ok(
    log.entries.some((row: { event_type: string }) => row.event_type === "VaultChangedOutside"),
    "it is in the log",
  );
});

Deno.test("a row put back as it was before it was narrowed is refused while the daemon remembers, and told afterwards", async () => {
  await using home = await Home.withVault();
  await using api = new Api();
  await using other = new Api();
  const { credential } = await home.json(
    ...["add", "a", "--value", "secret-of-a-0123456789", "--hosts", `${api.host},${other.host}`],
  );
  const wide = readRow(home);
  await home.ok("edit", "a", "--hosts", api.host);
  const { address } = await home.json("serve", "--random-port", "--daemon");
  writeRow(home, wide);
  const deadline = Date.now() + 10_000;
  for (;;) {
    const answer = await through(address, `http://${other.host}/`, {
      Authorization: `Bearer ${credential.wisp_token}`,
    });
    await answer.body?.cancel();
    assert.equal(answer.status, 403);
    if (answer.headers.get("x-wispkey-error") === "credential_tampered") break;
    assert.ok(Date.now() < deadline, "the old row was never noticed");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.equal(other.seen.length, 0);

  await home.ok("unlock");
  const doctor = await home.run(["doctor", "--json"]);
  assert.equal(doctor.code, 1);
  assert.match(doctor.stdout, /put back/);
  assert.match(doctor.stdout, /doctor --accept/);
  assert.equal((await home.run(["doctor", "--accept"])).code, 0);
  assert.equal((await home.run(["doctor"])).code, 0);
});

type Row = Record<string, string | number | null | Uint8Array>;

function readRow(home: Home): Row {
  using database = new DatabaseSync(`${home.vault}/vault.db`);
  return database.prepare("SELECT * FROM credentials WHERE name = 'a'").get() as Row;
}

function writeRow(home: Home, row: Row): void {
  using database = new DatabaseSync(`${home.vault}/vault.db`);
  const columns = Object.keys(row);
  database.prepare(`REPLACE INTO credentials (${columns.join()}) VALUES (${columns.map(() => "?").join()})`)
    .run(...Object.values(row));
}
