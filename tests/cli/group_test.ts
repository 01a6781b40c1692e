import assert from "node:assert/strict";
import { FakeVault, json, PASSWORD, run } from "./fake.ts";

const ENV = { WISPKEY_PASSWORD: PASSWORD };
const MOVED = [
  { name: "a", from: "personal", to: { project: "default", partition: "personal", name: "a" } },
  { name: "b\u001b[2J", from: "work", to: { project: "default", partition: "work", name: "b-acme" } },
];

function vault(changes: Partial<FakeVault> = {}): FakeVault {
  return Object.assign(new FakeVault(), { projects: new Set(["default", "acme"]), moved: MOVED }, changes);
}

Deno.test("project delete says what moves where before it asks, and asks before it does anything", async () => {
  const no = await run(["project", "delete", "acme"], { vault: vault(), confirm: false, env: ENV });
  assert.equal(no.code, 1);
  assert.match(no.stderr, /a moves to default\/personal\n/);
  assert.match(no.stderr, /moves to default\/work, as b-acme, because its name is taken there/);
  assert.ok(!no.stderr.includes("\u001b"), "foreign names cannot command the terminal");
  assert.deepEqual(no.asked, ["Delete project 'acme'?"]);
  assert.ok(no.vault.projects.has("acme"));

  const yes = await run(["project", "delete", "acme"], { vault: vault(), confirm: true, env: ENV });
  assert.equal(yes.code, 0, yes.stderr);
  assert.equal(yes.stdout, "Deleted project acme; 2 credentials moved to project default.\n");
  assert.ok(!yes.vault.projects.has("acme"));
});

Deno.test("where nobody can be asked, deleting needs --yes", async () => {
  const refused = await run(["project", "delete", "acme"], { vault: vault(), env: ENV });
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /add --yes/);
  const done = await run(["project", "delete", "acme", "--yes", "--json"], {
    vault: vault({ activeProject: "acme" }),
    env: ENV,
  });
  const { deleted, moved_to, credentials, active_project } = json(done);
  assert.deepEqual([deleted, moved_to, credentials.length, active_project], [
    "acme",
    "default",
    2,
    "default",
  ]);
  assert.equal(done.vault.activeProject, "default", "the choice does not dangle");
});

Deno.test("--remove-credentials is passed on, and said in words", async () => {
  const gone = [{ name: "a", from: "personal", to: null }];
  const ran = await run(["partition", "delete", "work", "--remove-credentials", "--yes"], {
    vault: vault({ moved: gone, partitions: new Set(["personal", "work"]) }),
    env: ENV,
  });
  assert.match(ran.stderr, /a is removed/);
  assert.equal(ran.stdout, "Deleted partition work; 1 credential removed.\n");
  const params = ran.vault.calls.filter(({ name }) => name === "partition.delete").map((each) => each.params);
  assert.deepEqual(params, [
    { project: "default", name: "work", removeCredentials: true, dryRun: true },
    { project: "default", name: "work", removeCredentials: true, dryRun: false },
  ]);
});

Deno.test("a renamed project stays the active one", async () => {
  const ran = await run(["project", "rename", "acme", "acme-two", "--json"], {
    vault: vault({ activeProject: "acme" }),
    env: ENV,
  });
  assert.deepEqual([json(ran).renamed, json(ran).project.name, json(ran).project.active], [
    "acme",
    "acme-two",
    true,
  ]);
  assert.equal(ran.vault.activeProject, "acme-two");
});

Deno.test("partition assign takes --to and --partition, one of them", async () => {
  for (const option of ["--to", "--partition"]) {
    const made = vault();
    made.credentials = [{ ...(await import("./fake.ts")).credential() }];
    const ran = await run(["partition", "assign", "openai", option, "staging", "--json"], {
      vault: made,
      env: ENV,
    });
    assert.equal(ran.code, 0, ran.stderr);
    assert.equal(json(ran).partition, "staging");
    assert.deepEqual(made.calls.at(-1)?.params, {
      name: "openai",
      project: "default",
      patch: { partition: "staging" },
    });
  }
  const none = await run(["partition", "assign", "openai"], { vault: vault(), env: ENV });
  assert.deepEqual([none.code, none.vault.calls.length], [2, 0]);
  const both = await run(["partition", "assign", "openai", "--to", "a", "--partition", "b"], {
    vault: vault(),
  });
  assert.equal(both.code, 2);
});

const tree = (text: string) => ({ files: { ".wispkey.toml": new TextEncoder().encode(text) } });

Deno.test("a working tree's .wispkey.toml names the project and partition of commands", async () => {
  const named = tree('project = "acme"\npartition = "staging" # for agents\n');
  const current = await run(["project", "current", "--json"], { vault: vault(), ...named });
  assert.deepEqual(json(current), { active_project: "acme", source: "tree", path: "/work/.wispkey.toml" });
  const listed = await run(["list", "--json"], { vault: vault(), ...named });
  assert.equal(json(listed).project, "acme");
  const place = async (...args: string[]) => {
    const made = vault({ partitions: new Set(["personal", "staging"]) });
    const ran = await run(["add", "k", "--value", "v", ...args], { vault: made, ...named });
    assert.equal(ran.code, 0, ran.stderr);
    const { project, partition } = made.calls.at(-1)?.params as { project: string; partition: string };
    return `${project}/${partition}`;
  };
  assert.equal(await place(), "acme/staging");
  assert.equal(await place("--partition", "personal"), "acme/personal");
  // The tree's partition is one of the tree's project.
  assert.equal(await place("--project", "default"), "default/personal");
  assert.equal(await place("--project", "acme"), "acme/staging");
});

Deno.test("WISPKEY_PROJECT wins over the tree, the tree over project use", async () => {
  const files = tree('project = "tree"');
  const current = async (env: Record<string, string>) =>
    json(
      await run(["project", "current", "--json"], { vault: vault({ activeProject: "used" }), env, ...files }),
    )
      .active_project;
  assert.equal(await current({ WISPKEY_PROJECT: "env" }), "env");
  assert.equal(await current({}), "tree");
});

Deno.test("a tree cannot choose the project that callers of the proxy are bound to", async () => {
  for (const args of [["unlock"], ["serve", "--daemon"]]) {
    const made = vault({ daemon: "locked", activeProject: "used" });
    const ran = await run(args, { vault: made, env: ENV, ...tree('project = "prod"') });
    assert.equal(ran.code, 0, ran.stderr);
    assert.equal(made.started[0]?.scope, "used");
    assert.match(ran.stderr, /bound to project 'used', though \/work\/\.wispkey\.toml names 'prod'/);
  }
});

Deno.test("a tree's file that says anything else is refused, naming it", async () => {
  for (
    const [text, why] of [
      ['hosts = ["*"]', /not 'hosts'/],
      ["project = 7", /project is no text/],
      ["project = ", /line 1 is no TOML/],
      ["[project]\nname = 'x'", /project is no text/],
      ["\u001b[2J = 1", /no TOML/],
      ['project = "a\\u001b[2J"', /control character/],
      ['"p\\u0072oject" = "x"\n"__proto__" = "y"', /not '__proto__'/],
    ] as const
  ) {
    const ran = await run(["list"], { vault: vault(), ...tree(text) });
    assert.equal(ran.code, 2, text);
    assert.match(ran.stderr, why);
    assert.ok(!ran.stderr.includes("\u001b"), text);
    assert.equal(ran.vault.calls.length, 0);
  }
  const ran = await run(["list"], {
    vault: vault(),
    files: { ".wispkey.toml": new Uint8Array([0xff, 0xfe]) },
  });
  assert.match(ran.stderr, /not UTF-8/);
});
