import assert from "node:assert/strict";
import { COMMANDS } from "../../src/cli/commands.ts";
import { bashScript } from "../../src/cli/completion/bash.ts";
import { powershellScript } from "../../src/cli/completion/powershell.ts";
import { completionTree } from "../../src/cli/completion/tree.ts";
import { SHELLS } from "../../src/cli/program/spec.ts";
import { credential, FakeVault, run } from "./fake.ts";
import { runsShell } from "./shells.ts";

async function shell(
  program: string,
  args: string[],
  input: string,
): Promise<{ code: number; output: string }> {
  const child = new Deno.Command(program, { args, stdin: "piped", stdout: "piped", stderr: "piped" }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input));
  await writer.close();
  const { code, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  return { code, output: decoder.decode(stdout) + decoder.decode(stderr) };
}

/** What bash offers after a line that ends in the word to complete. */
async function offered(...words: string[]): Promise<string[]> {
  const line = words.map((word) => `'${word}'`).join(" ");
  const script = `${bashScript(completionTree(COMMANDS))}
COMP_WORDS=(wispkey ${line}); COMP_CWORD=${words.length}
_wispkey
printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { code, output } = await shell("bash", ["--norc", "-s"], script);
  assert.equal(code, 0, output);
  return output.trim().split("\n").filter((word) => word !== "").sort();
}

for (const name of SHELLS) {
  Deno.test(`the ${name} script names every command and every option`, async () => {
    const { code, stdout } = await run(["completions", name]);
    assert.equal(code, 0);
    for (const { path, options } of COMMANDS) {
      for (const word of path) assert.ok(stdout.includes(word), word);
      for (const option of Object.keys(options)) {
        assert.ok(stdout.includes(name === "fish" ? `-l ${option}` : `--${option}`), `--${option}`);
      }
    }
    assert.ok(!/undefined|\[object/.test(stdout));
  });
}

for (const [name, args] of [["bash", ["-n"]], ["zsh", ["-n"]], ["fish", ["--no-execute"]]] as const) {
  Deno.test({
    name: `${name} reads its script without complaint`,
    ignore: !await runsShell(name),
    async fn() {
      const { stdout } = await run(["completions", name]);
      const { code, output } = await shell(name, [...args], stdout);
      assert.equal(code, 0, output);
      assert.equal(output, "");
    },
  });
}

Deno.test("bash offers commands, then the verbs of a group", async () => {
  assert.deepEqual(await offered("st"), ["status", "stop"]);
  assert.deepEqual(await offered("config", ""), ["get", "list", "set", "unset"]);
  assert.deepEqual(await offered("--json", "config", "un"), ["unset"]);
  assert.equal((await offered("")).length, new Set(COMMANDS.map(({ path }) => path[0])).size);
});

Deno.test("bash offers the options of the command, and those of every command", async () => {
  assert.deepEqual(await offered("add", "k", "--h"), ["--header-name", "--help", "--hosts"]);
  assert.deepEqual(await offered("config", "set", "--js"), ["--json"]);
});

Deno.test("bash offers the values that an option or an argument takes", async () => {
  assert.deepEqual(await offered("add", "--type", "b"), ["basic_auth", "bearer_token"]);
  assert.deepEqual(await offered("list", "--format", ""), ["json", "text"]);
  assert.deepEqual(await offered("completions", ""), [...SHELLS].sort());
  assert.deepEqual(await offered("config", "get", "session"), ["session.timeout"]);
});

Deno.test("bash offers files where a file is wanted, and nothing where a secret is", async () => {
  const directory = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${directory}/key.pem`, "");
    assert.deepEqual(await offered("add", "k", "--value-file", `${directory}/k`), [`${directory}/key.pem`]);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
  assert.deepEqual(await offered("add", "k", "--value", ""), []);
});

Deno.test("words are completed at their place only", async () => {
  assert.deepEqual(await offered("get", "st"), []);
  assert.deepEqual(await offered("help", "sta"), ["status"]);
});

Deno.test("another shell is refused with those there are", async () => {
  const ran = await run(["completions", "tcsh"]);
  assert.equal(ran.code, 2);
  assert.match(ran.stderr, /bash, zsh, fish, powershell/);
});

Deno.test("the tree has a node for the program, each group and each command", () => {
  const paths = completionTree(COMMANDS).map(({ path }) => path);
  assert.equal(new Set(paths).size, paths.length);
  for (const path of ["", "config", "config set", "add", "help"]) assert.ok(paths.includes(path), path);
});

Deno.test("the names there are come one a line, without tokens, and a row that was tampered with is left out", async () => {
  const vault = new FakeVault();
  vault.credentials = [
    credential({ name: "openai" }),
    credential({ name: "my key" }),
    credential({ name: "forged\nname", intact: false }),
  ];
  vault.projects.add("acme");
  assert.equal((await run(["completions", "--names", "credential"], { vault })).stdout, "openai\nmy key\n");
  assert.equal((await run(["completions", "--names", "project"], { vault })).stdout, "default\nacme\n");
  assert.equal((await run(["completions", "--names", "partition"], { vault })).stdout, "personal\n");
  const list = vault.calls.find(({ name }) => name === "credential.list");
  assert.deepEqual(list?.params, { project: "default", partition: null, tokens: false });
});

Deno.test("without an open vault there are no names, no question and no complaint", async () => {
  for (const daemon of ["locked", "none"] as const) {
    const vault = new FakeVault();
    vault.daemon = daemon;
    vault.credentials = [credential({ name: "openai" })];
    const { code, stdout, stderr } = await run(["completions", "--names", "credential"], { vault });
    assert.deepEqual([code, stdout, stderr], [0, "", ""]);
    assert.ok(vault.calls.every(({ direct }) => !direct));
  }
});

Deno.test("names are asked for alone, and of a kind there is", async () => {
  for (const args of [[], ["zsh", "--names", "project"], ["--names", "token"]]) {
    assert.equal((await run(["completions", ...args])).code, 2, args.join(" "));
  }
});

Deno.test("the PowerShell script keeps each list a list of pairs, and doubles every kind of single quote", () => {
  const script = powershellScript(completionTree([{
    path: ["group", "verb"],
    group: "G",
    summary: "s",
    positionals: [],
    options: { one: { type: "text", description: "it’s 'one'", choices: ["only"] } },
    examples: [],
    exits: [],
    load: () => Promise.reject(new Error("not loaded")),
  }]));
  assert.ok(script.includes("'group' = @(,@('verb', 's'))"), script);
  assert.ok(script.includes("'group verb:--one' = @(,@('only', 'it’’s ''one'''))"), script);
});

Deno.test("the PowerShell script is ASCII, as Windows PowerShell reads what programs print in another encoding", async () => {
  // deno-lint-ignore no-control-regex -- all of ASCII is meant
  assert.match((await run(["completions", "powershell"])).stdout, /^[\x00-\x7f]*$/);
});
