/** Another user of the machine reads what a careless umask leaves open, or waits at a symbolic link. */

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { Home } from "../e2e/harness.ts";

const OTHERS = 0o077;
const [MAIN, CONFIG] = ["main.ts", "deno.json"].map((name) =>
  fileURLToPath(new URL(`../../${name}`, import.meta.url))
);
const PROGRAM = [
  Deno.execPath(),
  "run",
  "-A",
  "--no-prompt",
  "--cached-only",
  "--config",
  `${CONFIG}`,
  `${MAIN}`,
];

/** Runs a program under a umask that hides nothing. */
async function careless(home: Home, command: readonly string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command("/bin/sh", {
    args: ["-c", 'umask 0; exec "$@"', "sh", ...command],
    clearEnv: true,
    env: home.environment(),
    cwd: home.directory,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
}

Deno.test({
  name: "whatever the umask, every file is its owner's alone from the first moment",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using home = await Home.create();
    await careless(home, ["/bin/sh", "-c", "echo secret > naive"]);
    assert.equal(
      ((await Deno.stat(`${home.directory}/naive`)).mode ?? 0) & OTHERS,
      0o066,
      "a naive file is open",
    );
    for (
      const command of [
        ["init"],
        ["add", "k", "--value", "a-secret-value-0123456789", "--hosts", "api.example.com"],
        ["ca", "init"],
        ["project", "use", "default"],
        ["serve", "--random-port", "--daemon"],
      ]
    ) await careless(home, [...PROGRAM, ...command]);
    assert.equal(((await Deno.stat(home.vault)).mode ?? 0) & OTHERS, 0);
    let looked = 0;
    for await (const { name } of Deno.readDir(home.vault)) {
      const { mode } = await Deno.lstat(`${home.vault}/${name}`);
      assert.equal((mode ?? 0) & OTHERS, 0, `${name}: ${((mode ?? 0) & 0o777).toString(8)}`);
      looked++;
    }
    assert.ok(looked >= 5, String(looked));
  },
});

Deno.test({
  name: "a symbolic link in the place of a file is not written through",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using home = await Home.withVault();
    const victim = `${home.directory}/victim`;
    const plant = async (name: string) => {
      await Deno.remove(`${home.vault}/${name}`).catch(() => {});
      await Deno.symlink(victim, `${home.vault}/${name}`);
    };
    await Deno.writeTextFile(victim, "as it was");
    await plant("active_project");
    await Deno.writeTextFile(`${home.vault}/active_project`, "naive");
    assert.equal(await Deno.readTextFile(victim), "naive", "a naive write goes through it");
    await Deno.writeTextFile(victim, "as it was");
    for (const name of ["active_project", "proxy.json", "daemon.json"]) await plant(name);
    await home.run(["project", "use", "default"]);
    await home.run(["serve", "--random-port", "--daemon"]);
    await home.run(["unlock"]);
    assert.equal(await Deno.readTextFile(victim), "as it was");
  },
});
