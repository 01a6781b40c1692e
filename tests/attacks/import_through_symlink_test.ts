import assert from "node:assert/strict";
import { Home } from "../e2e/harness.ts";

/** A file with a secret, and a link laid where the copy or the source will be written. */
async function withTrap(work: (home: Home, victim: string) => Promise<void>): Promise<void> {
  await using home = await Home.withVault();
  const victim = `${home.directory}/victim`;
  await Deno.writeTextFile(victim, "precious\n");
  await Deno.writeTextFile(`${home.directory}/.env`, "API_SECRET=hunter2-but-better\n");
  await work(home, victim);
}

Deno.test("a link laid where the copy goes is replaced, not followed; a naive write follows it", async () => {
  await withTrap(async (home, victim) => {
    const copy = `${home.directory}/.env.wispkey`;
    await Deno.symlink(victim, copy);
    await Deno.writeTextFile(copy, "overwritten\n");
    assert.equal(await Deno.readTextFile(victim), "overwritten\n");
    await Deno.writeTextFile(victim, "precious\n");

    await home.ok("import", ".env", "--yes");
    assert.equal(await Deno.readTextFile(victim), "precious\n");
    assert.ok((await Deno.lstat(copy)).isFile);
  });
});

Deno.test("a source that is a link is not rewritten, so that no secret stays in the file behind it unseen", async () => {
  await withTrap(async (home) => {
    await Deno.symlink(`${home.directory}/.env`, `${home.directory}/link.env`);
    const run = await home.run(["import", "link.env", "--in-place", "--yes"]);
    assert.equal(run.code, 1);
    assert.match(run.stderr, /symbolic link/);
    assert.equal((await home.json("list")).credentials.length, 0);
  });
});
