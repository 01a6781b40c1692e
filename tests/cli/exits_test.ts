import assert from "node:assert/strict";
import { COMMANDS } from "../../src/cli/commands.ts";
import { commandName } from "../../src/cli/spec.ts";
import { ExitCode } from "../../src/core/errors.ts";
import { PASSWORD, run, type RunOptions } from "./fake.ts";
import { LINES, optionsOf } from "./lines.ts";

/** What may be in a command's way. Each takes the line's own options and changes what is around it. */
const TROUBLES: Readonly<Record<string, (options: RunOptions) => RunOptions>> = {
  "no vault": (options) => around(options, { exists: false, daemon: "none" }, PASSWORD),
  "a locked vault and nobody to ask": (options) => around(options, { daemon: "none" }, null),
  "a locked vault and a wrong password": (options) => around(options, { daemon: "none" }, "wrong words"),
  "an open vault and nobody to ask": (options) => around(options, {}, null),
  "an open vault and a wrong password": (options) => around(options, {}, "wrong words"),
  "nothing in the vault and no files": (options) => {
    const empty = { ...around(options, {}, PASSWORD), files: {} };
    if (empty.vault !== undefined) empty.vault.credentials = [];
    return empty;
  },
};

function around(
  options: RunOptions,
  { exists, daemon }: { exists?: boolean; daemon?: "none" },
  password: string | null,
): RunOptions {
  const { WISPKEY_PASSWORD: _, ...env } = options.env ?? {};
  const { vault } = options;
  if (vault !== undefined && exists !== undefined) vault.exists = exists;
  if (vault !== undefined && daemon !== undefined) vault.daemon = daemon;
  return { ...options, env: password === null ? env : { ...env, WISPKEY_PASSWORD: password } };
}

for (const command of COMMANDS) {
  const name = commandName(command);
  const line = LINES[name];
  if (line === undefined) continue;
  Deno.test(`${name} ends, whatever is in its way, as its help says`, async () => {
    const said = new Set<number>([ExitCode.done, ExitCode.usage, ...command.exits.map(([code]) => code)]);
    for (const [trouble, change] of Object.entries(TROUBLES)) {
      const ran = await run([...name.split(" "), ...line.args], change(optionsOf(name)));
      assert.ok(said.has(ran.code), `${trouble}: ${ran.code}\n${ran.stderr}`);
    }
  });
}

Deno.test("a wrong password is exit code 3 for every command that takes one, and help says so", async () => {
  for (const command of COMMANDS) {
    const name = commandName(command);
    const line = LINES[name];
    if (line === undefined) continue;
    const options = TROUBLES["an open vault and a wrong password"]?.(optionsOf(name));
    const ran = await run([...name.split(" "), ...line.args], options);
    const isWrong = ran.stderr.includes("password is wrong");
    if (isWrong) assert.equal(ran.code, ExitCode.locked, name);
    for (const [code, when] of command.exits) {
      if (!/password was wrong/.test(when)) continue;
      assert.equal(code, ExitCode.locked, `${name}: ${when}`);
    }
  }
});

Deno.test("help tells each exit code once", () => {
  for (const command of COMMANDS) {
    const codes = command.exits.map(([code]) => code);
    assert.equal(new Set(codes).size, codes.length, commandName(command));
    assert.ok(
      !codes.includes(ExitCode.done) && !codes.includes(ExitCode.usage) || command.path[0] === "guard",
    );
  }
});
