import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { Home, type Run, through } from "./harness.ts";

/** A clear error: the exit code, the form of the message, a hint that names a command or says what to do. */
function assertRefused(run: Run, code: number, message: RegExp): void {
  assert.equal(run.code, code, `${run.code}: ${run.stdout}${run.stderr}`);
  assert.equal(run.stdout, "");
  assert.match(run.stderr, /^wispkey: .+: .+/m);
  assert.match(run.stderr, message);
  assert.match(run.stderr, /^hint: .+/m);
  assert.ok(!/\bat \S+:\d+:\d+/.test(run.stderr), `a stack trace: ${run.stderr}`);
}

Deno.test("a wrong, an empty and a weak password", async () => {
  await using home = await Home.create();
  assertRefused(await home.run(["init"], { env: { WISPKEY_PASSWORD: "short" } }), 2, /8 characters/);
  assertRefused(await home.run(["init"], { env: { WISPKEY_PASSWORD: "" } }), 3, /password/);
  await home.ok("init");
  assertRefused(await home.run(["init"]), 1, /exists/);
  assertRefused(
    await home.run(["unlock"], { env: { WISPKEY_PASSWORD: "wrong password" } }),
    3,
    /wrong.*password|password.*wrong/,
  );
  const log = await home.json("log");
  assert.ok(log.entries.some((row: { event_type: string }) => row.event_type === "UnlockFailed"));
});

Deno.test("failed passwords are slowed", async () => {
  await using home = await Home.withVault();
  const runs: Run[] = [];
  for (let i = 0; i < 5; i++) {
    runs.push(await home.run(["unlock"], { env: { WISPKEY_PASSWORD: "wrong password" } }));
  }
  assert.ok(
    runs.some((run) => /wrong passwords in a row/.test(run.stderr)),
    runs.map((run) => run.stderr).join(),
  );
});

Deno.test("names and types that cannot be", async () => {
  await using home = await Home.withVault();
  await home.ok("add", "taken", "--value", "v");
  assertRefused(await home.run(["add", "taken", "--value", "v"]), 1, /taken/);
  assertRefused(await home.run(["add", " ", "--value", "v"]), 2, /blank/);
  assertRefused(await home.run(["add", "a\nb", "--value", "v"]), 2, /control character/);
  assertRefused(await home.run(["add", "a\u001b[31m", "--value", "v"]), 2, /control character/);
  assertRefused(await home.run(["add", "k", "--type", "root", "--value", "v"]), 2, /bearer_token/);
  assertRefused(await home.run(["add", "k", "--type", "custom_header", "--value", "v"]), 2, /header/);
  assertRefused(await home.run(["add", "k", "--hosts", "https://u:p@h.test", "--value", "v"]), 2, /host/);
  assertRefused(await home.run(["add", "k", "--partition", "nope", "--value", "v"]), 4, /partition create/);
  assertRefused(await home.run(["get", "nope"]), 4, /nope/);
  assertRefused(await home.run(["adt", "k"]), 2, /add/);
  assertRefused(await home.run(["add", "k", "--valeu", "v"]), 2, /--value/);
  assertRefused(await home.run(["add", "k", "--value", "v", "--value-file", "-"]), 2, /--value/);
  assertRefused(await home.run(["config", "set", "no.such", "1"]), 2, /no such setting/);
  assertRefused(await home.run(["log", "--since", "yesterday"]), 2, /since/);
  assert.deepEqual((await home.json("list")).credentials.map((each: { name: string }) => each.name), [
    "taken",
  ]);
});

Deno.test("values of 0 bytes and 1 MiB are kept to the byte, 64 MiB is refused", async () => {
  await using home = await Home.withVault();
  await home.ok("add", "empty", "--value", "");
  const mebibyte = crypto.getRandomValues(new Uint8Array(65_536));
  const big = new Uint8Array(1024 * 1024);
  for (let i = 0; i < 16; i++) big.set(mebibyte, i * 65_536);
  await Deno.writeFile(`${home.directory}/big`, big);
  await home.ok("add", "big", "--value-file", `${home.directory}/big`);
  const piped = await home.run(["add", "piped", "--value-file", "-"], { stdin: big });
  assert.equal(piped.code, 0, piped.stderr);
  await Deno.truncate(`${home.directory}/big`, 64 * 1024 * 1024);
  assertRefused(await home.run(["add", "huge", "--value-file", `${home.directory}/big`]), 1, /large|MiB/);
  assertRefused(await home.run(["add", "k", "--value-file", `${home.directory}/nope`]), 1, /nope/);
  assertRefused(await home.run(["add", "k", "--value-file", home.directory]), 1, /directory/);

  const { Vault } = await import("../../src/vault/mod.ts");
  const vault = await Vault.open(home.vault, new TextEncoder().encode(home.password));
  try {
    const byName = new Map(vault.credentials.list({}).map((each) => [each.name, each.id]));
    assert.deepEqual([...byName.keys()].sort(), ["big", "empty", "piped"]);
    assert.equal(vault.credentials.openValue(byName.get("empty")!).length, 0);
    assert.deepEqual(vault.credentials.openValue(byName.get("big")!), big);
    assert.deepEqual(vault.credentials.openValue(byName.get("piped")!), big);
  } finally {
    vault.close();
  }
});

Deno.test("the master password never becomes a credential's value", async () => {
  await using home = await Home.withVault();
  assertRefused(await home.run(["add", "k"]), 2, /--value-file/);
  assert.equal((await home.json("list")).credentials.length, 0);
});

Deno.test("ports that are taken or are none", async () => {
  await using home = await Home.withVault();
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = taken.addr as Deno.NetAddr;
  assertRefused(await home.run(["serve", "--port", String(port), "--daemon"]), 1, /another program uses it/);
  for (const bad of ["0x50", "70000", "-1", "http"]) {
    assertRefused(await home.run(["serve", `--port=${bad}`, "--daemon"]), 2, /port/);
  }
});

Deno.test("a target that is not http(s), has userinfo, or is ourselves", async () => {
  await using home = await Home.withVault();
  const { address, port } = await home.json("serve", "--random-port", "--daemon");
  for (
    const [target, status, code] of [
      ["ftp://example.test/", 400, "bad_target"],
      ["not a url", 400, "bad_target"],
      ["http://user:pass@example.test/", 400, "bad_target"],
      [`http://127.0.0.1:${port}/`, 508, "loop"],
      [`http://localhost:${port}/`, 508, "loop"],
      [`http://127.1:${port}/`, 508, "loop"],
      [`http://[::1]:${port}/`, 508, "loop"],
      [`http://0.0.0.0:${port}/`, 508, "loop"],
    ] as const
  ) {
    const answer = await through(address, target);
    assert.equal(answer.status, status, target);
    assert.equal(answer.headers.get("x-wispkey-error"), code, target);
    const { error } = await answer.json();
    assert.ok(error.message?.length > 0 && error.hint?.length > 0, `${target}: ${JSON.stringify(error)}`);
  }
});

Deno.test("a corrupt database and one of a newer version are refused and left as they are", async () => {
  await using home = await Home.withVault();
  await home.ok("stop");
  const path = `${home.vault}/vault.db`;
  const database = new DatabaseSync(path);
  database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  const { user_version } = database.prepare("PRAGMA user_version").get() as { user_version: number };
  database.exec(`PRAGMA user_version = ${user_version + 1}`);
  database.close();
  assertRefused(await home.run(["unlock"]), 1, /newer/);
  const older = new DatabaseSync(path);
  older.exec(`PRAGMA user_version = ${user_version}`);
  older.close();
  await home.ok("unlock");
  await home.ok("stop");

  const whole = await Deno.readFile(path);
  const broken = whole.slice();
  broken.fill(0x5a, 0, 200);
  await Deno.writeFile(path, broken);
  assertRefused(await home.run(["unlock"]), 1, /damaged/);
  assert.deepEqual(await Deno.readFile(path), broken);
  await Deno.writeFile(path, whole);
  await home.ok("unlock");
});

Deno.test("errors in JSON mode are JSON on stderr and nothing on stdout", async () => {
  await using home = await Home.withVault();
  const run = await home.run(["get", "nope", "--json"]);
  assert.equal(run.code, 4);
  assert.equal(run.stdout, "");
  const { error } = JSON.parse(run.stderr);
  assert.equal(error.code, "credential_not_found");
  assert.equal(error.exit_code, 4);
  assert.ok(error.message && error.hint);
});

Deno.test("a place where no vault can be, and a choice of project that is damaged", async () => {
  await using home = await Home.withVault();
  const file = `${home.vault}/daemon.log.test`;
  await Deno.writeTextFile(file, "");
  const init = (path: string) => home.run(["init"], { env: { WISPKEY_VAULT_PATH: path } });
  assertRefused(await init(file), 1, /not a directory/);
  assertRefused(await init(`${file}/below`), 1, /not a directory/);
  if (Deno.build.os === "linux") assertRefused(await init("/proc/none/vault"), 1, /cannot use/);
  const root = await init("/");
  assertRefused(root, 1, /other users have access/);
  assert.ok(!root.stderr.includes("chmod"), "nobody is told to close the whole system to others");

  for (const damage of [Uint8Array.of(0xff, 0xfe), new TextEncoder().encode("a\0b"), new Uint8Array(5_000)]) {
    await Deno.writeFile(`${home.vault}/active_project`, damage);
    assertRefused(await home.run(["list"]), 1, /active_project' is damaged/);
  }
  await home.ok("project", "use", "default");
  await home.ok("list");
});
