import assert from "node:assert/strict";
import { SETTINGS } from "../../src/core/settings.ts";
import { FakeVault, json, PASSWORD, run } from "./fake.ts";

const ENV = { WISPKEY_PASSWORD: PASSWORD };

Deno.test("config list shows every setting with its meaning, and marks what was set", async () => {
  const vault = new FakeVault();
  vault.set.add("proxy.idle_timeout");
  const ran = await run(["config", "list"], { vault });
  for (const [key, { summary }] of Object.entries(SETTINGS)) {
    assert.ok(ran.stdout.includes(key) && ran.stdout.includes(summary), key);
  }
  assert.match(ran.stdout, /^proxy\.idle_timeout {6}120 \* /m);
  const { settings } = json(await run(["config", "list", "--json"], { vault }));
  assert.equal(settings.length, Object.keys(SETTINGS).length);
  assert.deepEqual(settings[0], {
    key: "session.timeout",
    value: 30,
    default: 30,
    unit: "minutes",
    summary: SETTINGS["session.timeout"].summary,
    set: false,
  });
});

Deno.test("config get prints the bare value, for scripts", async () => {
  assert.equal((await run(["config", "get", "session.timeout"])).stdout, "30\n");
  assert.equal(json(await run(["config", "get", "session.timeout", "--json"])).value, 30);
});

Deno.test("config set and unset need the password and tell the value in force", async () => {
  const vault = new FakeVault();
  const set = await run(["config", "set", "session.timeout", "60"], { vault, secrets: [PASSWORD] });
  assert.equal(set.code, 0, set.stderr);
  assert.equal(set.stdout, "session.timeout is 60 minutes from the next unlock on.\n");
  assert.equal(vault.calls.at(-1)?.proven, true);
  const unset = await run(["config", "unset", "session.timeout", "--json"], { vault, env: ENV });
  assert.deepEqual([json(unset).ok, json(unset).setting.value], [true, 30]);
  const refused = await run(["config", "set", "session.timeout", "60"], { vault });
  assert.equal(refused.code, 5);
  assert.equal(vault.settings["session.timeout"], 30);
});

Deno.test("config set refuses unknown keys and values out of range before anything is asked", async () => {
  for (
    const [key, value] of [
      ["no.such", "1"],
      ["session.timeout", "-1"],
      ["session.timeout", "1.5"],
      ["session.timeout", "525601"],
      ["proxy.idle_timeout", "0"],
      ["session.timeout", ""],
      ["__proto__", "1"],
    ] as const
  ) {
    const ran = await run(["config", "set", "--", key, value], { secrets: [PASSWORD] });
    assert.equal(ran.code, 2, `${key}=${value}`);
    assert.match(ran.stderr, /^wispkey: .+: .+\nhint: wispkey config /);
    assert.deepEqual(ran.asked, []);
    assert.equal(ran.vault.calls.length, 0);
  }
});

Deno.test("project current tells the project and what decided for it, also while locked", async () => {
  const locked = () => Object.assign(new FakeVault(), { daemon: "none" as const });
  assert.equal(
    (await run(["project", "current"], { vault: locked() })).stdout,
    "default (nothing else was chosen)\n",
  );
  assert.deepEqual(
    json(
      await run(["project", "current", "--json"], {
        vault: Object.assign(locked(), { activeProject: "acme" }),
      }),
    ),
    { active_project: "acme", source: "file" },
  );
  const env = { WISPKEY_PROJECT: "ci" };
  assert.deepEqual(json(await run(["project", "current", "--json"], { vault: locked(), env })), {
    active_project: "ci",
    source: "env",
  });
  assert.equal((await run(["project", "current", "-q"], { vault: locked(), env })).stdout, "ci\n");
});

Deno.test("a project name from outside is judged like any name", async () => {
  const ran = await run(["project", "current"], { env: { WISPKEY_PROJECT: "a\u001b[31m" } });
  assert.equal(ran.code, 2);
  assert.ok(!ran.stderr.includes("\u001b"));
});

Deno.test("project list marks the active one", async () => {
  const vault = Object.assign(new FakeVault(), {
    projects: new Set(["default", "acme"]),
    activeProject: "acme",
  });
  const ran = await run(["project", "list"], { vault });
  assert.match(ran.stdout, /^acme \* /m);
  assert.match(ran.stdout, /^default {2}/m);
  const { active_project, projects } = json(await run(["project", "list", "--json"], { vault }));
  assert.equal(active_project, "acme");
  assert.deepEqual(projects.map((each: { active: boolean }) => each.active), [false, true]);
});

Deno.test("project use chooses one that exists, and says how to re-scope a running daemon", async () => {
  const vault = Object.assign(new FakeVault(), { projects: new Set(["default", "acme"]) });
  const ran = await run(["project", "use", "acme"], { vault, env: { WISPKEY_PROJECT: "ci" } });
  assert.equal(ran.code, 0, ran.stderr);
  assert.equal(vault.activeProject, "acme");
  assert.match(ran.stderr, /wispkey unlock/);
  assert.match(ran.stderr, /WISPKEY_PROJECT is set/);
  const missing = await run(["project", "use", "nope"], { vault });
  assert.equal(missing.code, 4);
  assert.equal(vault.activeProject, "acme");
});

Deno.test("partition create makes one in the active project", async () => {
  const vault = Object.assign(new FakeVault(), { activeProject: "acme" });
  const ran = await run(["partition", "create", "work", "--description", "-for work-", "--json"], { vault });
  assert.equal(ran.code, 0, ran.stderr);
  const { ok, project, partition } = json(ran);
  assert.deepEqual([ok, project, partition.name, partition.description], [
    true,
    "acme",
    "work",
    "-for work-",
  ]);
  assert.ok(vault.partitions.has("work"));
  assert.equal((await run(["partition", "create", "a\nb"], { vault })).code, 2);
});
