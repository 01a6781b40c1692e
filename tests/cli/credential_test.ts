import assert from "node:assert/strict";
import { credential, FakeVault, json, PASSWORD, type Ran, run } from "./fake.ts";

const TOKEN = "wk_openai_a7x9m2k4b8c1d5e6";
const SECRET = "sk-the-real-secret-value";

function vaultWith(changes: Partial<FakeVault> = {}): FakeVault {
  const vault = new FakeVault();
  vault.credentials = [
    credential(),
    credential({ id: "2", name: "stripe", tags: [], description: "", hosts: [], token: "wk_stripe_b" }),
    credential({ id: "3", name: "other", project: "acme", partition: "work", token: "wk_other_c" }),
  ];
  vault.values.set("openai", new TextEncoder().encode(SECRET));
  return Object.assign(vault, changes);
}

function refused(ran: Ran, code: number, name: string): void {
  assert.equal(ran.code, code, ran.stderr + ran.stdout);
  assert.equal(ran.stdout, "");
  const { error } = JSON.parse(ran.stderr.trim().split("\n").at(-1) ?? "");
  assert.equal(error.code, name);
  assert.equal(ran.vault.open, 0, "the connection was closed");
}

Deno.test("list shows the active project's credentials as a table, without tokens", async () => {
  const ran = await run(["list"], { vault: vaultWith() });
  assert.equal(ran.code, 0);
  assert.equal(
    ran.stdout,
    [
      "NAME    TYPE          DESCRIPTION   CREATED           TAGS",
      "openai  bearer_token  the main key  2026-01-31 12:34  ai, prod",
      "stripe  bearer_token                2026-01-31 12:34",
      "",
      "2 credentials",
      "",
    ].join("\n"),
  );
  assert.equal(ran.vault.open, 0);
});

Deno.test("list for programs tells what was asked, with the tokens and without the secrets", async () => {
  const one = json(await run(["list", "--json"], { vault: vaultWith() }));
  assert.deepEqual(Object.keys(one), ["credentials", "project", "all_projects", "partition"]);
  assert.equal(one.project, "default");
  assert.equal(one.all_projects, false);
  assert.equal(one.partition, null);
  assert.deepEqual(one.credentials.map((each: { name: string }) => each.name), ["openai", "stripe"]);
  const all = await run(["list", "--all-projects", "--json"], { vault: vaultWith() });
  assert.equal(json(all).project, "*");
  assert.equal(json(all).credentials.length, 3);
  assert.equal(json(all).credentials[0].wisp_token, TOKEN);
  assert.ok(!all.stdout.includes(SECRET));
  const work = json(
    await run(["list", "--project", "acme", "--partition", "work", "--json"], { vault: vaultWith() }),
  );
  assert.equal(work.partition, "work");
  assert.equal(work.credentials.length, 1);
});

Deno.test("a daemon that is being replaced is followed by its successor, unless that is locked", async () => {
  const followed = await run(["list"], { vault: vaultWith({ ending: 2 }) });
  assert.equal(followed.code, 0, followed.stderr);
  assert.match(followed.stdout, /openai/);
  assert.equal(followed.vault.open, 0, "every connection was closed");

  const vault = vaultWith({ ending: 1 });
  const lockedBySuccessor = {
    get daemon(): "unlocked" | "locked" {
      return vault.ending > 0 ? "unlocked" : "locked";
    },
  };
  Object.defineProperty(vault, "daemon", Object.getOwnPropertyDescriptor(lockedBySuccessor, "daemon")!);
  refused(await run(["list", "--json"], { vault }), 3, "vault_locked");
});

Deno.test("an empty list is empty on stdout and says on stderr how to begin", async () => {
  const ran = await run(["list"]);
  assert.equal(ran.code, 0);
  assert.equal(ran.stdout, "");
  assert.match(ran.stderr, /wispkey add/);
  assert.deepEqual(json(await run(["list", "--json"])).credentials, []);
});

Deno.test("of one that was added without the password the command is told that confirms it, unless it was tampered with", async () => {
  const added = vaultWith();
  added.credentials = [credential({ hostsConfirmed: false, project: "client alpha" })];
  const shown = (await run(["get", "openai", "--project", "client alpha"], { vault: added })).stdout;
  assert.match(shown, /if its hosts are right: wispkey edit openai --confirm --project 'client alpha'\n/);
  added.credentials = [credential({ hostsConfirmed: false, intact: false })];
  for (const args of [["get", "openai"], ["list"]]) {
    const { stdout } = await run(args, { vault: added });
    assert.match(stdout, /tampered/i);
    assert.doesNotMatch(stdout, /without the password/);
  }
});

Deno.test("a credential that was tampered with is marked wherever it is shown", async () => {
  const vault = vaultWith();
  vault.credentials[0] = credential({ intact: false });
  assert.match((await run(["list"], { vault })).stdout, /openai \(tampered\)/);
  assert.match((await run(["get", "openai"], { vault })).stdout, /Tampered:/);
  assert.equal(json(await run(["get", "openai", "--json"], { vault })).credential.intact, false);
});

Deno.test("get shows the facts, the token only if asked", async () => {
  const plain = await run(["get", "openai"], { vault: vaultWith() });
  assert.match(plain.stdout, /^Name: {9}openai$/m);
  assert.match(plain.stdout, /^Hosts: {8}api\.openai\.com$/m);
  assert.match(plain.stdout, /^Last used: {4}never$/m);
  assert.ok(!plain.stdout.includes(TOKEN));
  assert.match(
    (await run(["get", "openai", "--show-token"], { vault: vaultWith() })).stdout,
    new RegExp(TOKEN),
  );
  assert.equal(
    "wisp_token" in json(await run(["get", "openai", "--json"], { vault: vaultWith() })).credential,
    false,
  );
  const shown = json(await run(["get", "openai", "--show-token", "--json"], { vault: vaultWith() }));
  assert.equal(shown.credential.wisp_token, TOKEN);
});

Deno.test("get of what does not exist ends with 4, and where to look", async () => {
  const ran = await run(["get", "nope"], { vault: vaultWith() });
  assert.equal(ran.code, 4);
  assert.equal(ran.stdout, "");
  assert.match(ran.stderr, /^wispkey: .*nope.*: .+\nhint: wispkey list\n$/);
  refused(
    await run(["get", "openai", "--project", "acme", "--json"], { vault: vaultWith() }),
    4,
    "credential_not_found",
  );
});

Deno.test("reveal shows the secret on a terminal, after the password was given again", async () => {
  const ran = await run(["get", "openai", "--reveal"], {
    vault: vaultWith(),
    secrets: [PASSWORD],
    stdoutTerminal: true,
  });
  assert.equal(ran.code, 0, ran.stderr);
  assert.equal(ran.stdout, `${SECRET}\n`);
  assert.deepEqual(ran.asked, ["Master password: "]);
  assert.deepEqual(ran.vault.calls.map(({ name, proven }) => [name, proven]), [
    ["daemon.status", false],
    ["credential.reveal", true],
  ]);
});

Deno.test("a new value never goes to the daemon without the proof that seals it, and its hosts are shown first", async () => {
  const env = { WISPKEY_PASSWORD: PASSWORD };
  const ran = await run(["rotate", "openai", "--value", "another-secret-value"], { vault: vaultWith(), env });
  assert.equal(ran.code, 0, ran.stderr);
  assert.deepEqual(
    ran.vault.calls.filter(({ name }) => name === "credential.replace_value").map(({ proven }) => proven),
    [true],
  );
  assert.match(ran.stderr, /'openai' may go to: api\.openai\.com/);
  assert.ok(!ran.stderr.includes("without the master password"));
  const { params } = ran.vault.calls.find(({ name }) => name === "credential.replace_value") ?? {};
  const [{ id, type, place, hosts } = assert.fail()] = ran.vault.credentials;
  assert.deepEqual((params as { shown?: unknown }).shown, { id, type, place, hosts });
});

Deno.test("what was added without the password is marked, until the password confirms it", async () => {
  const vault = vaultWith();
  Object.assign(vault.credentials[0] ?? {}, { hostsConfirmed: false });
  const env = { WISPKEY_PASSWORD: PASSWORD };
  assert.match((await run(["list"], { vault })).stdout, /Added without the password: openai\./);
  assert.match((await run(["get", "openai"], { vault })).stdout, /^Unconfirmed: /m);
  assert.equal(json(await run(["get", "openai", "--json"], { vault })).credential.hosts_confirmed, false);
  const replaced = await run(["rotate", "openai", "--value", "another-secret-value"], { vault, env });
  assert.match(replaced.stderr, /added without the master password/);

  refused(await run(["edit", "openai", "--confirm", "--json"], { vault }), 5, "password_required");
  refused(
    await run(["edit", "openai", "--confirm", "--tags", "a", "--json"], { vault }),
    2,
    "conflicting_options",
  );
  const confirmed = await run(["edit", "openai", "--confirm"], { vault, env });
  assert.match(confirmed.stdout, /^Confirmed\./);
  assert.match(confirmed.stderr, /may go to: api\.openai\.com \(as bearer_token\)/);
  assert.ok(!(await run(["list"], { vault })).stdout.includes("without the password"));
});

Deno.test("reveal is refused to pipes, files and programs", async () => {
  const env = { WISPKEY_PASSWORD: PASSWORD };
  const piped = await run(["get", "openai", "--reveal"], { vault: vaultWith(), env, secrets: [PASSWORD] });
  assert.equal(piped.code, 5);
  assert.equal(piped.stdout, "");
  assert.match(piped.stderr, /on a terminal only/);
  const noInput = await run(["get", "openai", "--reveal"], { vault: vaultWith(), env, stdoutTerminal: true });
  assert.equal(noInput.code, 5);
  const machine = await run(["get", "openai", "--reveal", "--json"], {
    vault: vaultWith(),
    env,
    secrets: [PASSWORD],
    stdoutTerminal: true,
  });
  refused(machine, 2, "conflicting_options");
  for (const { vault } of [piped, noInput, machine]) {
    assert.equal(vault.calls.length, 0, "nothing was even asked");
  }
});

Deno.test("reveal with a wrong password shows nothing", async () => {
  const ran = await run(["get", "openai", "--reveal"], {
    vault: vaultWith(),
    secrets: ["wrong password"],
    stdoutTerminal: true,
  });
  assert.equal(ran.code, 3);
  assert.equal(ran.stdout, "");
});

Deno.test("edit sends only what was said", async () => {
  const patchOf = async (...args: string[]) => {
    const ran = await run(["edit", "openai", ...args], {
      vault: vaultWith(),
      env: { WISPKEY_PASSWORD: PASSWORD },
    });
    assert.equal(ran.code, 0, ran.stderr);
    const call = ran.vault.calls.find((each) => each.name === "credential.edit");
    return (call?.params as { patch: unknown }).patch;
  };
  assert.deepEqual(await patchOf("--description", ""), { description: "" });
  assert.deepEqual(await patchOf("--hosts", "B.test,a.test:8443/v1/*"), {
    hosts: ["b.test", "a.test:8443/v1/**"],
  });
  assert.deepEqual(await patchOf("--hosts", ""), { hosts: [] });
  assert.deepEqual(await patchOf("--tags", "x", "--name", "new", "--partition", "work"), {
    tags: ["x"],
    name: "new",
    partition: "work",
  });
  assert.deepEqual(await patchOf("--type", "custom_header", "--header-name", "X-Key"), {
    type: "custom_header",
    place: { in: "header", name: "X-Key" },
  });
  assert.deepEqual(await patchOf("--type", "basic_auth"), { type: "basic_auth", place: null });
  assert.deepEqual(await patchOf("--in", "form:f"), { place: { in: "form", field: "f" } });
  assert.deepEqual(await patchOf("--type", "api_key", "--in", "body:/a"), {
    type: "api_key",
    place: { in: "body_json", pointer: "/a" },
  });
  assert.deepEqual(await patchOf("--param-name", "key"), { place: { in: "query", name: "key" } });
});

Deno.test("edit with nothing to change is wrong usage", async () => {
  refused(await run(["edit", "openai", "--json"], { vault: vaultWith() }), 2, "nothing_to_change");
});

Deno.test("an act that widens asks for the password and is repeated with its proof", async () => {
  const ran = await run(["edit", "openai", "--hosts", "b.test", "--json"], {
    vault: vaultWith(),
    secrets: [PASSWORD],
  });
  assert.equal(ran.code, 0, ran.stderr);
  assert.deepEqual(ran.asked, ["Master password: "]);
  assert.deepEqual(ran.vault.calls.slice(1).map(({ proven }) => proven), [false, true]);
  const { ok, credential, project } = json(ran);
  assert.deepEqual([ok, credential.hosts, project], [true, ["b.test"], "default"]);
});

Deno.test("without a terminal and without the password such an act changes nothing", async () => {
  const ran = await run(["edit", "openai", "--hosts", "b.test", "--json"], { vault: vaultWith() });
  refused(ran, 5, "password_required");
  assert.deepEqual(ran.vault.credentials[0]?.hosts, ["api.openai.com"]);
  const wrong = await run(["edit", "openai", "--hosts", "b.test", "--json"], {
    vault: vaultWith(),
    env: { WISPKEY_PASSWORD: "wrong password" },
  });
  refused(wrong, 3, "wrong_password");
  assert.deepEqual(wrong.vault.credentials[0]?.hosts, ["api.openai.com"]);
});

Deno.test("remove asks on a terminal and does what it is told", async () => {
  const yes = await run(["remove", "openai"], { vault: vaultWith(), confirm: true });
  assert.equal(yes.code, 0);
  assert.match(yes.asked[0] ?? "", /Remove 'openai'/);
  assert.ok(!yes.vault.credentials.some(({ name }) => name === "openai"));
  const no = await run(["remove", "openai"], { vault: vaultWith(), confirm: false });
  assert.equal(no.code, 1);
  assert.ok(no.vault.credentials.some(({ name }) => name === "openai"));
});

Deno.test("remove without a terminal wants --yes", async () => {
  const args = ["remove", "openai", "--json"];
  refused(await run(args, { vault: vaultWith() }), 2, "confirmation_needed");
  const ran = await run([...args, "--yes"], { vault: vaultWith() });
  assert.deepEqual(json(ran), { ok: true, deleted: "openai" });
});

Deno.test("nobody is asked about a credential that does not exist", async () => {
  const ran = await run(["remove", "nope"], { vault: vaultWith(), confirm: true });
  assert.equal(ran.code, 4);
  assert.deepEqual(ran.asked, []);
});

Deno.test("rotate alone makes a new token and leaves the secret", async () => {
  const ran = await run(["rotate", "openai", "--json"], { vault: vaultWith() });
  const { ok, wisp_token, credential } = json(ran);
  assert.equal(ok, true);
  assert.equal(wisp_token, "wk_openai_zzzzzzzzzzzzzzzz");
  assert.equal("wisp_token" in credential, false);
  assert.deepEqual(ran.vault.values.get("openai"), new TextEncoder().encode(SECRET));
  const text = await run(["rotate", "openai"], { vault: vaultWith() });
  assert.match(text.stdout, /Wisp token: wk_openai_z{16}/);
  assert.match(text.stderr, /old token is refused/);
});

Deno.test("rotate with a value replaces the secret, keeps the token, and needs the password", async () => {
  const env = { WISPKEY_PASSWORD: PASSWORD };
  for (
    const [args, options] of [
      [["--value", "fresh"], { env }],
      [["--value-file", "-"], { env, stdin: new TextEncoder().encode("fresh") }],
      [["--value-prompt"], { secrets: ["fresh", "fresh", PASSWORD] }],
    ] as const
  ) {
    const ran = await run(["rotate", "openai", ...args, "--json"], {
      vault: vaultWith(),
      ...options,
    });
    assert.equal(ran.code, 0, ran.stderr);
    assert.equal(json(ran).wisp_token, TOKEN);
    assert.equal(new TextDecoder().decode(ran.vault.values.get("openai")), "fresh");
    assert.equal(ran.vault.calls.at(-1)?.proven, true);
    assert.ok(!ran.stdout.includes("fresh") && !ran.stderr.includes("fresh"));
  }
  refused(
    await run(["rotate", "openai", "--value", "fresh", "--json"], { vault: vaultWith() }),
    5,
    "password_required",
  );
});

Deno.test("rotate takes one source for the value", async () => {
  const pairs = [["--value", "v", "--value-file", "f"], ["--value-prompt", "--value", "v"], [
    "--value-prompt",
    "--value-file",
    "f",
  ]];
  for (const pair of pairs) {
    refused(
      await run(["rotate", "openai", ...pair, "--json"], { vault: vaultWith() }),
      2,
      "conflicting_options",
    );
  }
});

Deno.test("rotate of an unknown credential does not ask for a secret first", async () => {
  const ran = await run(["rotate", "nope", "--value-prompt"], { vault: vaultWith(), secrets: ["a", "a"] });
  assert.equal(ran.code, 4);
  assert.deepEqual(ran.asked, []);
});
