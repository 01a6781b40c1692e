/** What a person does at a terminal, with the real program and nothing in its environment that answers. */

import assert from "node:assert/strict";
import { Home } from "./harness.ts";
import { Screen, terminal } from "./screen.ts";

const PASSPHRASE = "a-long-export-passphrase";

Deno.test({
  name: "a bundle is exported and imported by a person who types passphrase and password",
  ignore: !terminal,
  fn: async () => {
    await using home = await Home.withVault();
    await home.ok("project", "create", "alpha");
    await home.ok(
      "add",
      "k",
      "--value",
      "sk-shared-between-two",
      "--hosts",
      "api.test",
      "--project",
      "alpha",
    );
    {
      await using screen = new Screen(home, "project", "export", "alpha", "--output", "alpha.wkbundle");
      await screen.shows(/New bundle passphrase: /);
      await screen.type(`${PASSPHRASE}\r`);
      await screen.shows(/New bundle passphrase again: /);
      await screen.type(`${PASSPHRASE}\r`);
      await screen.shows(/Master password: /);
      await screen.type(`${home.password}\r`);
      assert.equal(await screen.ends(), 0, screen.text);
    }
    for (const dryRun of [true, false]) {
      const line = ["project", "import", "alpha.wkbundle", "--project", "beta"];
      await using screen = new Screen(home, ...line, ...(dryRun ? ["--dry-run"] : []));
      await screen.shows(/Bundle passphrase: /);
      await screen.type(`${PASSPHRASE}\r`);
      await screen.shows(/\+ k {2}may go to: api\.test/);
      assert.equal(await screen.ends(), 0, screen.text);
    }
    assert.equal((await home.json("list", "--project", "beta")).credentials.length, 1);
  },
});

/** Takes Ctrl-C as an editor or a shell does, and ends a moment later by itself. */
const CATCHES =
  'trap "n=1" INT; echo ready; while [ -z "$n" ]; do sleep 0.1; done; echo caught; sleep 0.5; exit 7';

Deno.test({
  name: "a program under run takes Ctrl-C as it likes, and ends with its own exit code",
  ignore: !terminal,
  fn: async () => {
    await using home = await Home.withVault();
    for (const [program, code] of [[CATCHES, 7], ["echo ready; exec sleep 30", 130]] as const) {
      await using screen = new Screen(home, "run", "--", "sh", "-c", program);
      await screen.shows(/ready/);
      await screen.type("\x03");
      assert.equal(await screen.ends(), code, screen.text);
    }
  },
});
