/**
 * How the real program ends, daemon and all, where it needs the master password.
 */

import assert from "node:assert/strict";
import { COMMANDS } from "../../src/cli/commands.ts";
import { commandName } from "../../src/cli/spec.ts";
import { Home } from "./harness.ts";

/** Commands that need the password although the vault is open. */
const LINES: Readonly<Record<string, string[]>> = {
  "log prune": ["--keep", "5"],
  "config set": ["session.timeout", "20"],
  "policy apply": ["--file", "policies.toml"],
  "edit": ["openai", "--hosts", "*"],
  "project delete": ["work"],
  "ca renew": [],
  "doctor": ["--accept"],
};

Deno.test("a wrong password is exit code 3, nobody to ask for it 5, and no vault 4, as help says", async () => {
  await using home = await Home.withVault();
  await home.ok("unlock");
  await home.ok("add", "openai", "--value", "sk-exit-codes-0123456789", "--hosts", "a.test");
  await home.ok("project", "create", "work");
  await home.ok("ca", "init");
  await Deno.writeTextFile(`${home.directory}/policies.toml`, '[[policy]]\nname = "p"\ndeny = true\n');
  const ends = async (name: string, env: Record<string, string>) => {
    const { code, stderr } = await home.run([...name.split(" "), ...LINES[name] ?? [], "--yes"], { env });
    const said = COMMANDS.find((command) => commandName(command) === name)?.exits.map(([code]) => code) ?? [];
    assert.ok(said.includes(code), `${name}: ${code} is not in its help\n${stderr}`);
    return code;
  };
  for (const name of Object.keys(LINES)) {
    assert.equal(await ends(name, { WISPKEY_PASSWORD: "not the right words" }), 3, name);
    assert.equal(await ends(name, { WISPKEY_PASSWORD: "" }), 5, name);
    assert.equal(await ends(name, { WISPKEY_VAULT_PATH: `${home.directory}/none` }), 4, name);
  }
});
