import assert from "node:assert/strict";
import { Home } from "../e2e/harness.ts";
import { credential, PASSPHRASE, write } from "../sharing/support.ts";

const ENV = { WISPKEY_BUNDLE_PASSPHRASE: PASSPHRASE };
const CLEAR_SCREEN = "\u001b[2J\u001b]0;owned\u0007\u202egnp.exe";

/** Whether a text holds what a terminal would act on, line ends apart. */
const commandsTerminal = (text: string) => /[\p{Cc}\u202e]/u.test(text.replaceAll("\n", ""));

Deno.test("names and descriptions of a bundle reach no file and command no terminal", async () => {
  await using home = await Home.withVault();
  const import_ = async (...all: Parameters<typeof write>) => {
    await Deno.writeFile(`${home.directory}/b.wkbundle`, await write(...all));
    return await home.run(["project", "import", `${home.directory}/b.wkbundle`], { env: ENV });
  };
  // Written to a terminal as it is, this would clear it and rename its window.
  assert.match(CLEAR_SCREEN, /\p{Cc}/u);
  for (const name of [CLEAR_SCREEN, `k${CLEAR_SCREEN}`, "a\nb", "-rf"]) {
    for (const manifest of [{}, { project: { name, description: "" } }]) {
      const ran = await import_([credential(manifest.project === undefined ? name : "k")], { manifest });
      assert.equal(ran.code, 1, name);
      assert.match(ran.stderr, /invalid (credential|project) name/);
      assert.ok(
        !commandsTerminal(ran.stderr + ran.stdout),
        JSON.stringify(ran.stderr),
      );
    }
  }
  const ran = await import_([
    credential("../../../../tmp/wk-planted", { description: CLEAR_SCREEN, tags: [CLEAR_SCREEN] }),
    credential("$(touch wk-planted)"),
    credential("`id`; rm -rf ~"),
  ]);
  assert.equal(ran.code, 0, ran.stderr);
  const list = await home.ok("list", "--project", "acme");
  const log = await home.ok("log");
  const shown = await home.ok("get", "../../../../tmp/wk-planted", "--project", "acme");
  for (const text of [ran.stdout, list, log, shown]) {
    assert.ok(!commandsTerminal(text), JSON.stringify(text));
  }
  assert.deepEqual([...Deno.readDirSync(home.directory)].map(({ name }) => name).sort(), [
    ".wispkey",
    "b.wkbundle",
  ]);
});
