import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { permissionFlags } from "../../src/platform/permissions.ts";

const MAIN = fileURLToPath(new URL("../../main.ts", import.meta.url));
const CONFIG = fileURLToPath(new URL("../../deno.json", import.meta.url));

/** The program as a shell word, with the permissions of a command. */
function program(): string {
  const flags = [
    "run",
    "--no-prompt",
    "--cached-only",
    "--config",
    CONFIG,
    ...permissionFlags("command"),
    MAIN,
  ];
  return [Deno.execPath(), ...flags].map((word) => `'${word}'`).join(" ");
}

async function bash(
  script: string,
  env: Record<string, string> = {},
): Promise<{ code: number; stdout: string; stderr: string }> {
  const directory = await Deno.makeTempDir();
  try {
    const { code, stdout, stderr } = await new Deno.Command("bash", {
      args: ["-c", `set -o pipefail; wispkey() { ${program()} "$@"; }; ${script}`],
      env: { WISPKEY_VAULT_PATH: `${directory}/vault`, WISPKEY_PASSWORD: "", ...env },
      cwd: directory,
      stdin: "null",
    }).output();
    const decoder = new TextDecoder();
    return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

interface ModuleInfo {
  specifier: string;
  dependencies?: { isDynamic?: boolean; code?: { specifier: string } }[];
}

/** Modules that load before any verb does. */
/** What `main.ts` loads before it knows what is wanted, and then for any command. */
async function loadedAtStart(): Promise<string[]> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", "--config", CONFIG, MAIN],
  }).output();
  const { modules, roots } = JSON.parse(new TextDecoder().decode(stdout)) as {
    modules: ModuleInfo[];
    roots: string[];
  };
  for (const entry of ["src/cli/program.ts", "src/cli/real.ts"]) {
    roots.push(...modules.map(({ specifier }) => specifier).filter((specifier) => specifier.endsWith(entry)));
  }
  const known = new Map(modules.map((module) => [module.specifier, module]));
  const found = new Set<string>();
  const visit = (specifier: string): void => {
    if (found.has(specifier)) return;
    found.add(specifier);
    for (const { isDynamic, code } of known.get(specifier)?.dependencies ?? []) {
      if (isDynamic !== true && code !== undefined) visit(code.specifier);
    }
  };
  roots.forEach(visit);
  return [...found].map((specifier) => specifier.replace(/^.*\/(?=src\/|main\.ts$)/, ""));
}

Deno.test("nothing but the table of commands is loaded before a verb: no vault, no daemon, no package", async () => {
  const loaded = await loadedAtStart();
  assert.ok(loaded.includes("main.ts") && loaded.includes("src/cli/commands.ts"), loaded.join());
  assert.deepEqual(loaded.filter((path) => /^(src\/(vault|daemon|proxy)\/|npm:)/.test(path)), []);
  assert.deepEqual(loaded.filter((path) => /^node:/.test(path) && !/^node:(util|path|url)$/.test(path)), []);
});

Deno.test("a reader that goes away ends the program quietly", async () => {
  const { code, stdout, stderr } = await bash("wispkey help | head -n 1");
  assert.equal(stderr, "");
  assert.match(stdout, /^WispKey /);
  assert.equal(code, 0);
  const gone = await bash("wispkey completions bash | true");
  assert.deepEqual([gone.code, gone.stderr], [0, ""]);
});

Deno.test("an error that nobody reads keeps its exit code", async () => {
  assert.equal((await bash("wispkey bogus 2>&-")).code, 2);
});

Deno.test("the exit code of the process is the error's, stdout stays empty", async () => {
  for (
    const [line, code] of [["bogus", 2], ["list", 4], ["log", 4], ["unlock", 4], ["--version", 0], [
      "status",
      0,
    ]] as const
  ) {
    const ran = await bash(`wispkey ${line}`);
    assert.equal(ran.code, code, `${line}: ${ran.stderr}`);
    if (code !== 0) assert.equal(ran.stdout, "");
    assert.ok(!ran.stderr.includes("\u001b"), "no colour in a pipe");
  }
});

Deno.test("a secret is never asked for where no terminal is", async () => {
  const { code, stdout, stderr } = await bash("wispkey init --json < /dev/null");
  assert.deepEqual([code, stdout], [3, ""]);
  assert.equal(JSON.parse(stderr).error.code, "no_password");
});

Deno.test("WISPKEY_VAULT_PATH decides where the vault is looked for", async () => {
  const { stdout } = await bash("cd / && wispkey status --json", { WISPKEY_VAULT_PATH: "/nowhere/at/all" });
  const { initialized, vault_path } = JSON.parse(stdout);
  assert.deepEqual([initialized, vault_path], [false, "/nowhere/at/all"]);
});
