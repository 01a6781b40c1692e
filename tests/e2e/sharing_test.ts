import assert from "node:assert/strict";
import { makeEarlierVault, REAL_COST } from "../sharing/earlier_build.ts";
import { Api, Home, isAlive, through } from "./harness.ts";

const BUNDLE = { WISPKEY_BUNDLE_PASSPHRASE: "a-long-export-passphrase" };
const NO_PASSWORD = { WISPKEY_PASSWORD: "" };

const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });

Deno.test("a project goes from one person to another, who needs no master password, and its tokens work there", async () => {
  await using alice = await Home.withVault();
  await using bob = await Home.withVault("another person's password");
  await using api = new Api();
  await alice.ok("project", "create", "client-alpha", "--description", "Client Alpha credentials");
  await alice.ok("add", "k", "--value", "sk-shared", "--hosts", api.host, "--project", "client-alpha");
  const file = `${alice.directory}/client-alpha.wkbundle`;
  const exported = await alice.run(["project", "export", "client-alpha", "--output", file], { env: BUNDLE });
  assert.equal(exported.code, 0, exported.stderr);
  assert.equal((await Deno.stat(file)).mode! & 0o777, 0o600);
  assert.equal(
    (await Deno.stat(alice.directory)).mode! & 0o777,
    0o700,
    "the directory's mode stays as it was",
  );

  // The daemon is unlocked: new names need no password.
  const imported = await bob.run(["project", "import", file, "--json"], {
    env: { ...BUNDLE, ...NO_PASSWORD },
  });
  assert.equal(imported.code, 0, imported.stderr);
  const [{ wisp_token: token }] = JSON.parse(imported.stdout).credentials;
  await bob.ok("project", "use", "client-alpha");
  await bob.ok("unlock");
  const { address } = await bob.json("serve", "--random-port", "--daemon");
  const answer = await through(address, `http://${api.host}/`, bearer(token));
  assert.equal(answer.status, 200, await answer.text());
  assert.equal(api.last?.headers.authorization, "Bearer sk-shared");

  // Replacing what is there does need it, even though the daemon is unlocked.
  const line = ["project", "import", file, "--on-conflict", "replace", "--yes"];
  const refused = await bob.run(line, { env: { ...BUNDLE, ...NO_PASSWORD } });
  assert.equal(refused.code, 5, refused.stderr);
  const replaced = await bob.run(line, { env: BUNDLE });
  assert.equal(replaced.code, 0, replaced.stderr);
  const again = await through(address, `http://${api.host}/`, bearer(token));
  await again.body?.cancel();
  assert.equal(again.status, 200, "the token of what was replaced stays");

  // So does every export.
  const out = `${bob.directory}/x`;
  const none = await bob.run(["project", "export", "client-alpha", "-o", out], {
    env: { ...BUNDLE, ...NO_PASSWORD },
  });
  assert.equal(none.code, 5, none.stderr);
  await assert.rejects(Deno.stat(out), Deno.errors.NotFound);
  const { entries } = await bob.json("log");
  const events = entries.map((row: { event_type: string }) => row.event_type);
  assert.ok(events.includes("ProjectImported"), events.join());
});

Deno.test("a passphrase file that others can read is refused with the command that mends it", async () => {
  await using home = await Home.withVault();
  await home.ok("add", "k", "--value", "v");
  const phrase = `${home.directory}/phrase`;
  await Deno.writeTextFile(phrase, "a-long-export-passphrase\n");
  await Deno.chmod(phrase, 0o644);
  const line = [
    "credential",
    "export",
    "k",
    "-o",
    `${home.directory}/k.wkcred`,
    "--bundle-passphrase-file",
    phrase,
  ];
  const refused = await home.run(line);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /other users may read it\nhint: chmod 600 /);
  await Deno.chmod(phrase, 0o600);
  const done = await home.run(line);
  assert.equal(done.code, 0, done.stderr);
  // WISPKEY_PASSWORD is set and does not answer for the bundle.
  const import_ = await home.run([
    "credential",
    "import",
    `${home.directory}/k.wkcred`,
    "--on-conflict",
    "rename",
  ]);
  assert.equal(import_.code, 2);
  assert.match(import_.stderr, /the master password is not used for bundles/);
});

Deno.test("a credential of another project does not exist: in commands, and for callers of the proxy", async () => {
  await using home = await Home.withVault();
  await using api = new Api();
  await home.ok("project", "create", "other");
  const add = async (project: string) =>
    (await home.json("add", "k", "--value", `sk-${project}`, "--hosts", api.host, "--project", project))
      .credential;
  const [mine, theirs] = [await add("default"), await add("other")];
  await home.ok("add", "only-there", "--value", "v", "--project", "other");
  const missing = await home.run(["get", "only-there", "--json"]);
  assert.equal(missing.code, 4);
  assert.equal(JSON.parse(missing.stderr).error.code, "credential_not_found");
  assert.deepEqual((await home.json("list")).credentials.map((each: { name: string }) => each.name), ["k"]);
  assert.equal((await home.json("list", "--all-projects")).credentials.length, 3);
  const there = await home.run(["list", "--json"], { env: { WISPKEY_PROJECT: "other" } });
  assert.equal(JSON.parse(there.stdout).credentials.length, 2);

  const { address } = await home.json("serve", "--random-port", "--daemon");
  const call = async (token: string) => {
    const answer = await through(address, `http://${api.host}/`, bearer(token));
    const { error = null } = await answer.json();
    return [answer.status, error];
  };
  assert.equal((await call(mine.wisp_token))[0], 200);
  const [status, error] = await call(theirs.wisp_token);
  // In the very words that a token nobody ever had gets.
  const [unknownStatus, unknown] = await call(`${theirs.wisp_token.slice(0, -16)}aaaaaaaaaaaaaaaa`);
  assert.deepEqual([status, error.code, error.message], [unknownStatus, unknown.code, unknown.message]);
  assert.equal(api.seen.length, 1);

  const all = await home.json("serve", "--random-port", "--daemon", "--all-projects");
  const wide = await through(all.address, `http://${api.host}/`, bearer(theirs.wisp_token));
  await wide.body?.cancel();
  assert.equal(wide.status, 200);
});

Deno.test("a working tree's file names the project of commands below it, and binds no caller", async () => {
  await using home = await Home.withVault();
  await home.ok("project", "create", "tree");
  await home.ok("partition", "create", "agents", "--project", "tree");
  await Deno.writeTextFile(`${home.directory}/.wispkey.toml`, 'project = "tree"\npartition = "agents"\n');
  const { credential } = await home.json("add", "k", "--value", "v");
  assert.deepEqual([credential.project, credential.partition], ["tree", "agents"]);
  await home.ok("unlock");
  const status = await home.json("status");
  assert.equal(status.active_project, "tree");
  const { address } = await home.json("serve", "--random-port", "--daemon");
  const answer = await through(address, "http://127.0.0.1:9/", bearer(credential.wisp_token));
  assert.equal((await answer.json()).error.code, "unknown_token");
});

Deno.test("a vault of an earlier build in our own place is migrated, and its tokens work through the proxy", async () => {
  await using home = await Home.create("their old password");
  await using api = new Api();
  // The first builds left their directory open to others; it is its owner who closes it.
  await Deno.mkdir(home.vault);
  await Deno.chmod(home.vault, 0o755);
  await makeEarlierVault(home.vault, home.password, 5, [
    { name: "api", value: "sk-from-before", token: "wk_api_a7x9m2k4", hosts: api.host },
    { name: "open", value: "sk-anywhere", token: "wk_open_b7x9m2k4" },
  ], { cost: REAL_COST });
  const before = await Deno.readFile(`${home.vault}/vault.db`);
  const locked = await home.run(["unlock"]);
  assert.match(locked.stderr, /earlier build.*\nhint: wispkey migrate/s);

  const open = await home.run(["migrate", "--yes"], { env: NO_PASSWORD });
  assert.equal(open.code, 1);
  assert.match(
    open.stderr,
    /other users have access to it\nhint: chmod 700 \S+\n/,
    "before it asks for anything",
  );
  await Deno.chmod(home.vault, 0o700);
  const result = await home.json("migrate", "--yes");
  assert.deepEqual([result.imported, result.session_removed], [2, true]);
  assert.deepEqual(await Deno.readFile(result.kept), before);
  assert.deepEqual(
    [...Deno.readDirSync(home.vault)].map(({ name }) => name).filter((name) => name.startsWith("session")),
    [],
  );
  await home.ok("unlock");
  const { address } = await home.json("serve", "--random-port", "--daemon");
  const answer = await through(address, `http://${api.host}/v1`, bearer("wk_api_a7x9m2k4"));
  assert.equal(answer.status, 200, await answer.text());
  assert.equal(api.last?.headers.authorization, "Bearer sk-from-before");
  const nowhere = await through(address, `http://${api.host}/v1`, bearer("wk_open_b7x9m2k4"));
  assert.equal((await nowhere.json()).error.code, "host_not_allowed");
  assert.equal(api.seen.length, 1);
  const doctor = await home.json("doctor");
  assert.deepEqual(doctor.findings.filter((each: { level: string }) => each.level === "error"), []);
});

Deno.test("a migration that fails leaves the earlier vault in its place", async () => {
  await using home = await Home.create("short");
  await Deno.mkdir(home.vault, { mode: 0o700 });
  await makeEarlierVault(home.vault, home.password, 4, [{ name: "k", value: "v", token: "wk_k_a7x9m2k4" }]);
  const before = await Deno.readFile(`${home.vault}/vault.db`);
  // The password is too short for a vault of ours, and nobody is there to be asked for another.
  const failed = await home.run(["migrate", "--yes"]);
  assert.notEqual(failed.code, 0);
  assert.deepEqual(await Deno.readFile(`${home.vault}/vault.db`), before);
  await Deno.stat(`${home.vault}/session`);
  assert.deepEqual([...Deno.readDirSync(home.vault)].map(({ name }) => name).sort(), ["session", "vault.db"]);
});

Deno.test("a backup taken while the daemon works is restored whole; the replaced vault stays beside it", async () => {
  await using home = await Home.withVault();
  await using api = new Api();
  const { credential } = await home.json("add", "k", "--value", "sk-backed-up", "--hosts", api.host);
  const { address } = await home.json("serve", "--random-port", "--daemon");
  const first = await through(address, `http://${api.host}/`, bearer(credential.wisp_token));
  await first.body?.cancel();
  const file = `${home.directory}/copy.db`;
  const nowhere = await home.run(["backup", `${home.directory}/no/such/place.db`], { env: NO_PASSWORD });
  assert.equal(nowhere.code, 1);
  assert.match(nowhere.stderr, /its directory does not exist\nhint: mkdir -p \S+no\/such\n/);
  const locked = await home.run(["backup", file, "--json"], { env: NO_PASSWORD });
  assert.equal(locked.code, 0, locked.stderr);
  assert.equal(JSON.parse(locked.stdout).credential_count, 1);
  assert.equal((await Deno.stat(file)).mode! & 0o777, 0o600);
  assert.ok(!new TextDecoder("latin1").decode(await Deno.readFile(file)).includes("sk-backed-up"));

  await home.ok("remove", "k", "--yes");
  await home.ok("add", "later", "--value", "v");
  const wrong = await home.run(["restore", file, "--yes"], { env: { WISPKEY_PASSWORD: "not it" } });
  assert.equal(wrong.code, 3, wrong.stderr);
  assert.deepEqual((await home.json("list")).credentials.map((each: { name: string }) => each.name), [
    "later",
  ]);
  const pid = await home.daemonPid();
  const asked = await home.run(["restore", file]);
  assert.equal(asked.code, 2, "it asks first");

  const restored = await home.json("restore", file, "--yes");
  assert.ok(pid !== undefined && !isAlive(pid), "the daemon that had the other vault open is gone");
  assert.match(restored.replaced_vault, /replaced-\d{8}T\d{6}Z\.db$/);
  await Deno.stat(restored.replaced_vault);
  assert.deepEqual([...Deno.readDirSync(home.vault)].filter(({ name }) => name.startsWith("restoring-")), []);
  await home.ok("unlock");
  assert.deepEqual((await home.json("list")).credentials.map((each: { name: string }) => each.name), ["k"]);
  const again = await home.json("serve", "--random-port", "--daemon");
  const second = await through(again.address, `http://${api.host}/`, bearer(credential.wisp_token));
  await second.body?.cancel();
  assert.equal(second.status, 200);
  const { entries } = await home.json("log");
  const events = entries.map((row: { event_type: string }) => row.event_type);
  assert.ok(events.includes("VaultRestored") && events.includes("CredentialUsed"), events.join());
  const doctor = await home.json("doctor");
  assert.deepEqual(doctor.findings.filter((each: { level: string }) => each.level === "error"), []);

  const damaged = await Deno.readFile(file);
  damaged.fill(0x41, 3 * 4096);
  await Deno.writeFile(file, damaged);
  const refused = await home.run(["restore", file, "--yes"]);
  assert.notEqual(refused.code, 0);
  await home.ok("unlock");
  assert.deepEqual((await home.json("list")).credentials.map((each: { name: string }) => each.name), ["k"]);
});
