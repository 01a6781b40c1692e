import assert from "node:assert/strict";
import { Draw } from "../importer/labelled/draw.ts";
import { Home } from "./harness.ts";

const draw = new Draw(815);
const KEY = draw.value("ghp_{a36}");
const OTHER = draw.value("sk_live_{a24}");

async function git(home: Home, ...args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command("git", {
    args: ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false", ...args],
    cwd: home.directory,
    clearEnv: true,
    env: { HOME: home.directory, PATH: Deno.env.get("PATH") ?? "" },
  }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
}

async function scan(home: Home, ...args: string[]) {
  const run = await home.run(["scan", ...args, "--json"]);
  assert.ok(!run.stdout.includes(KEY) && !run.stderr.includes(KEY), "a secret was shown");
  return { code: run.code, json: JSON.parse(run.stdout) };
}

const places = (json: { findings: { path: string; line: number }[] }) =>
  json.findings.map(({ path, line }) => `${path}:${line}`);

Deno.test("files are scanned as git sees them; what the vault holds is named; the exit code tells", async () => {
  await using home = await Home.withVault();
  const file = (name: string, text: string) => Deno.writeTextFile(`${home.directory}/${name}`, text);
  await Deno.mkdir(`${home.directory}/src/deep`, { recursive: true });
  await Deno.mkdir(`${home.directory}/.git`);
  await file(".gitignore", "ignored.txt\n/.wispkey/\n");
  await file("src/.gitignore", "*.log\n!keep.log\n");
  assert.equal((await scan(home)).code, 0);
  await file("src/deep/a.ts", `\n\nconst key = "${KEY}";\n`);
  await file("ignored.txt", OTHER);
  await file("src/a.log", OTHER);
  await file("src/keep.log", OTHER);
  await file("binary.bin", `\0${KEY}`);
  await Deno.symlink("/etc", `${home.directory}/link`);
  await home.run(["add", "gh", "--value-file", "-"], { stdin: new TextEncoder().encode(KEY) });
  const { code, json } = await scan(home);
  assert.equal(code, 1);
  assert.deepEqual(places(json), ["src/deep/a.ts:3", "src/keep.log:1"]);
  assert.deepEqual(json.findings.map((f: { credential: string | null }) => f.credential), ["gh", null]);
  const below = await scan(home, "src");
  assert.deepEqual(places(below.json), ["src/deep/a.ts:3", "src/keep.log:1"]);
  const all = await scan(home, "--no-ignore");
  assert.deepEqual(places(all.json), ["ignored.txt:1", "src/a.log:1", "src/deep/a.ts:3", "src/keep.log:1"]);
  await home.ok("lock");
  const locked = await scan(home);
  assert.equal(locked.json.compared_with_vault, false);
  assert.equal((await scan(home, "src/deep/a.ts")).json.findings.length, 1);
  assert.equal((await home.run(["scan", "nowhere"])).code, 4);
});

Deno.test("histories and staged changes are scanned; the hook refuses the commit", async () => {
  await using home = await Home.create();
  const file = (name: string, text: string) => Deno.writeTextFile(`${home.directory}/${name}`, text);
  await git(home, "init", "-q");
  await file("a.txt", `one\n${KEY}\n`);
  await git(home, "add", "a.txt");
  const staged = await scan(home, "--staged");
  assert.deepEqual([staged.code, ...places(staged.json)], [1, "a.txt:2"]);
  await git(home, "commit", "-qm", "first");
  await file("a.txt", "clean\n");
  await git(home, "commit", "-qam", "second");
  assert.equal((await scan(home)).code, 0);
  assert.equal((await scan(home, "--staged")).code, 0);
  const history = await scan(home, "--git");
  assert.deepEqual(places(history.json), ["a.txt:2"]);
  assert.match(history.json.findings[0].commit, /^[0-9a-f]{40}$/);

  await home.ok("scan", "--install-hook");
  await home.ok("scan", "--install-hook");
  const hook = `${home.directory}/.git/hooks/pre-commit`;
  assert.match(await Deno.readTextFile(hook), /wispkey scan --staged/);
  await Deno.writeTextFile(hook, "#!/bin/sh\n");
  const foreign = await home.run(["scan", "--install-hook"]);
  assert.equal(foreign.code, 1);
  assert.match(foreign.stderr, /there is a hook already/);
});

Deno.test("a repository's own configuration starts no program when it is scanned", async () => {
  await using home = await Home.create();
  await git(home, "init", "-q");
  await Deno.writeTextFile(`${home.directory}/a.txt`, "text\n");
  await Deno.writeTextFile(`${home.directory}/.gitattributes`, "*.txt diff=evil\n");
  const trap = `touch ${home.directory}/trapped`;
  await git(home, "add", ".");
  for (
    const key of ["core.fsmonitor", "diff.external", "diff.evil.textconv", "diff.evil.command", "core.pager"]
  ) {
    await git(home, "config", key, `${trap}; cat`);
  }
  await home.run(["scan", "--staged"]);
  await home.run(["scan", "--git"]);
  await assert.rejects(Deno.stat(`${home.directory}/trapped`), Deno.errors.NotFound);
});
