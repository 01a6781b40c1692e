import assert from "node:assert/strict";
import { Draw } from "../importer/labelled/draw.ts";
import { PROVIDER_VARIABLES } from "../importer/labelled/providers.ts";
import { Home } from "./harness.ts";

const draw = new Draw(4711);
const OPENAI = draw.value("sk-proj-{w40}T3BlbkFJ{w40}");
const STRIPE = draw.value("sk_live_{a24}");
const ENV = [
  "# my app",
  "PORT=3000",
  "",
  `export OPENAI_API_KEY="${OPENAI}" # the main one`,
  `STRIPE_SECRET_KEY=${STRIPE}`,
  "DB_PASSWORD='short1'",
  `DATABASE_URL=postgres://app:${draw.value("{a16}")}@db.internal/app`,
  "",
].join("\r\n");

const read = (home: Home, name: string) => Deno.readTextFile(`${home.directory}/${name}`);
const write = (home: Home, name: string, text: string) =>
  Deno.writeTextFile(`${home.directory}/${name}`, text);

Deno.test("import keeps secrets, leaves settings, and writes a copy in which only values differ", async () => {
  await using home = await Home.withVault();
  await write(home, ".env", ENV);
  const json = await home.json("import", ".env", "--yes");
  assert.deepEqual([json.imported, json.skipped, json.errors, json.output_path], [4, 0, 0, ".env.wispkey"]);
  assert.deepEqual(json.left.map((left: { variable: string }) => left.variable), ["PORT"]);
  const tokens = new Map<string, string>(
    json.credentials.map((row: { variable: string; wisp_token: string }) => [row.variable, row.wisp_token]),
  );
  let expected = ENV;
  for (const line of ENV.split("\r\n")) {
    const [, name = "", value = ""] = /^(?:export )?(\w+)=["']?([^"'\r]*)/.exec(line) ?? [];
    const token = tokens.get(name);
    if (token !== undefined) expected = expected.replace(line, line.replace(value, token));
  }
  const copy = await read(home, ".env.wispkey");
  assert.equal(copy, expected);
  assert.equal(await read(home, ".env"), ENV);
  if (Deno.build.os !== "windows") {
    assert.equal((await Deno.stat(`${home.directory}/.env.wispkey`)).mode! & 0o777, 0o600);
  }
  const listed = await home.json("list");
  const openai = listed.credentials.find((row: { name: string }) => row.name === "openai-api-key");
  assert.deepEqual([openai.type, openai.hosts, openai.tags], ["bearer_token", ["api.openai.com"], [
    "imported",
  ]]);

  // Once more: nothing new, the same copy.
  const again = await home.json("import", ".env", "--yes");
  assert.deepEqual([again.imported, again.skipped], [0, 4]);
  assert.equal(await read(home, ".env.wispkey"), copy);
  // And again with one value more.
  await write(home, ".env", `${ENV}NEW_SECRET=${draw.value("{a32}")}\n`);
  const more = await home.json("import", ".env", "--yes");
  assert.deepEqual([more.imported, more.skipped], [1, 4]);
  assert.ok((await read(home, ".env.wispkey")).startsWith(copy));
});

Deno.test("a name that another value has gets a number, and nothing is replaced", async () => {
  await using home = await Home.withVault();
  await write(home, ".env", `API_SECRET=${draw.value("{a32}")}\n`);
  await home.ok("import", ".env", "--yes");
  await write(home, ".env", `API_SECRET=${draw.value("{a32}")}\n`);
  const json = await home.json("import", ".env", "--yes");
  assert.deepEqual(json.credentials.map((row: { credential: string }) => row.credential), ["api-secret-2"]);
});

Deno.test("what the vault holds already needs no answer, but rewriting the file does", async () => {
  await using home = await Home.withVault();
  await write(home, ".env", ENV);
  await home.ok("import", ".env", "--yes", "--no-copy");
  const again = await home.run(["import", ".env"]);
  assert.equal(again.code, 0, again.stderr);
  assert.match(again.stdout, /^Imported 0 secrets, \d+ were there already/m);
  assert.ok(!(await read(home, ".env.wispkey")).includes(STRIPE));
  const rewriting = await home.run(["import", ".env", "--in-place"]);
  assert.equal(rewriting.code, 2, rewriting.stdout);
  assert.ok((await read(home, ".env")).includes(STRIPE));
});

Deno.test("nothing is stored without a yes, and --dry-run does and writes nothing", async () => {
  await using home = await Home.withVault();
  await write(home, ".env", ENV);
  const asked = await home.run(["import", ".env"]);
  assert.equal(asked.code, 2);
  assert.match(asked.stderr, /STRIPE_SECRET_KEY/);
  assert.match(asked.stderr, /--yes/);
  const dry = await home.run(["import", ".env", "--dry-run"]);
  assert.equal(dry.code, 0);
  for (const run of [asked, dry]) {
    assert.ok(
      !`${run.stdout}${run.stderr}`.includes(OPENAI) && !`${run.stdout}${run.stderr}`.includes("short1"),
    );
  }
  assert.equal((await home.json("list")).credentials.length, 0);
  await assert.rejects(read(home, ".env.wispkey"), Deno.errors.NotFound);
});

Deno.test("--in-place rewrites the file after the vault has taken it, and --restore gives it back", async () => {
  await using home = await Home.withVault();
  await write(home, ".env", ENV);
  await home.ok("import", ".env", "--in-place", "--yes");
  const rewritten = await read(home, ".env");
  assert.ok(
    !rewritten.includes(STRIPE) && rewritten.includes("# the main one") && rewritten.includes("PORT=3000"),
  );
  // A second time there is nothing to swap, and the kept file is not lost.
  await home.ok("import", ".env", "--in-place", "--yes");
  const { backups } = await home.json("import", "--backups");
  assert.equal(backups.length, 1);
  await home.ok("import", ".env", "--restore", "--yes");
  assert.equal(await read(home, ".env"), ENV);
  const none = await home.run(["import", "other.env", "--restore", "--yes"]);
  assert.equal(none.code, 4);
});

Deno.test("kept files are removed by name or but for the newest, after a look, with the password", async () => {
  await using home = await Home.withVault();
  for (const name of ["a.env", "b.env", "c.env"]) {
    await write(home, name, `${ENV}OF_THIS_FILE=${draw.value("{a32}")}\n`);
    await home.ok("import", name, "--in-place", "--yes");
  }
  const names = async () =>
    (await home.json("import", "--backups")).backups.map(({ path }: { path: string }) =>
      path.split("/").at(-1)
    );
  assert.deepEqual(await names(), ["c.env", "b.env", "a.env"]);
  const said = await home.run(["import", "b.env", "--forget", "--yes"]);
  assert.equal(said.code, 0, said.stderr);
  assert.match(said.stderr, /To be removed for good:\n {2}\S+\/b\.env {2}/);
  assert.match(said.stdout, /^Removed 1 kept file; 2 left\.\n$/);
  assert.equal((await home.run(["import", "b.env", "--forget", "--yes"])).code, 4);
  const { removed, kept } = await home.json("import", "--forget", "--keep", "1", "--yes");
  assert.deepEqual([removed.length, kept], [1, 1]);
  assert.deepEqual(await names(), ["c.env"]);
  assert.equal(await home.ok("import", "c.env", "--forget", "--keep", "1", "--yes"), "Nothing to remove.\n");
  for (const wrong of [["--forget"], ["c.env", "--keep", "1"], ["c.env", "--forget", "--restore"]]) {
    assert.equal((await home.run(["import", ...wrong, "--yes"])).code, 2, wrong.join(" "));
  }
});

Deno.test("prefix, project, partition, only, standard input and the environment", async () => {
  await using home = await Home.withVault();
  await home.ok("project", "create", "client");
  await home.ok("partition", "create", "staging", "--project", "client");
  await write(home, ".env", ENV);
  const json = await home.json(
    ..."import .env --yes --prefix acme --project client --partition staging --only STRIPE_SECRET_KEY --no-copy"
      .split(" "),
  );
  assert.deepEqual(json.credentials.map((row: { credential: string }) => row.credential), [
    "acme-stripe-secret-key",
  ]);
  assert.equal(json.output_path, null);
  const listed = await home.json("list", "--project", "client", "--partition", "staging");
  assert.equal(listed.credentials.length, 1);
  const piped = await home.run(["import", "-", "--as", "json", "--yes", "--json"], {
    stdin: new TextEncoder().encode(JSON.stringify({ github: { token: draw.value("ghp_{a36}") } })),
  });
  assert.equal(JSON.parse(piped.stdout).imported, 1, piped.stderr);
  const fromEnvironment = await home.run(["import", "--env", "--yes", "--json"], {
    env: { HF_TOKEN: draw.value("hf_{a34}") },
  });
  const found = JSON.parse(fromEnvironment.stdout).credentials.map((row: { variable: string }) =>
    row.variable
  );
  assert.deepEqual(found, ["HF_TOKEN"]);
  const wrong = await home.run(["import", ".env", "--yes", "--only", "PORT"]);
  assert.match(wrong.stderr, /it is no secret/);
});

Deno.test("ten thousand lines are imported in one transaction, and all verify", async () => {
  await using home = await Home.withVault();
  const lines = Array.from({ length: 10_000 }, (_, i) => {
    const [name, template] = PROVIDER_VARIABLES[i % PROVIDER_VARIABLES.length]!;
    return `${name.replace(/\W/g, "_").toUpperCase()}_${i}=${draw.value(template)}`;
  });
  await write(home, "large.env", `${lines.join("\n")}\n`);
  const json = await home.json("import", "large.env", "--yes");
  assert.ok(json.imported > 8_000, `${json.imported}`);
  assert.equal((await read(home, "large.env.wispkey")).split("\n").length, 10_001);
  assert.equal((await home.json("list")).credentials.length, json.imported);
});
