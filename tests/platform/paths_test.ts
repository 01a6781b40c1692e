import assert from "node:assert/strict";
import { isAbsolute, join } from "node:path";
import { vaultFiles } from "../../src/platform/paths.ts";

/** The vault directory as a process with exactly this environment sees it, or the code of its error. */
async function directoryWith(env: Record<string, string>): Promise<string> {
  const module = JSON.stringify(new URL("../../src/platform/paths.ts", import.meta.url).href);
  const code = `const { vaultDirectory } = await import(${module});
    try { console.log(vaultDirectory()); } catch (error) { console.log(error.code); }`;
  const cache = Deno.env.get("DENO_DIR") ?? join(Deno.env.get("HOME") ?? "/", ".cache", "deno");
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-config", "--no-lock", code],
    clearEnv: true,
    env: { DENO_DIR: cache, ...env },
    cwd: "/",
  }).output();
  return new TextDecoder().decode(stdout).trim();
}

Deno.test({
  name: "the vault lies where WISPKEY_VAULT_PATH says, else in the home directory",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    assert.equal(await directoryWith({ HOME: "/home/p", WISPKEY_VAULT_PATH: "/srv/vault" }), "/srv/vault");
    assert.equal(await directoryWith({ HOME: "/home/p", WISPKEY_VAULT_PATH: "vault/./x/.." }), "/vault");
    assert.equal(await directoryWith({ HOME: "/home/p" }), "/home/p/.wispkey");
    assert.equal(await directoryWith({ HOME: "/home/p", WISPKEY_VAULT_PATH: "" }), "/home/p/.wispkey");
  },
});

Deno.test({
  name: "without either, or with a home that is no absolute path, there is a clear error",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    assert.equal(await directoryWith({}), "no_home");
    assert.equal(await directoryWith({ HOME: "relative" }), "no_home");
  },
});

Deno.test("every file lies in the directory, each under its own name", () => {
  const directory = join(Deno.cwd(), "v");
  const files = Object.values(vaultFiles(directory));
  assert.equal(new Set(files).size, files.length);
  for (const file of files) assert.ok(isAbsolute(file) && file.startsWith(directory));
});
