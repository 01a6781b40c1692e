import assert from "node:assert/strict";
import { Home } from "../e2e/harness.ts";

/** Clears the screen, hides what follows, sets the title, and turns the direction of text around. */
const NASTY = "\u001b[2J\u001b[8m\u001b]0;owned\u0007\u202esecret_key";
// deno-lint-ignore no-control-regex -- they are what is looked for
const CONTROL = /[\u0000-\u0009\u000b-\u001f\u007f\u202e]/;

Deno.test("names in a source cannot lie on the terminal; printed as they are they would", async () => {
  assert.match(NASTY, CONTROL);
  await using home = await Home.withVault();
  const source = JSON.stringify({
    [NASTY]: "x9F3kQ7LmP2sT8vW",
    [`${NASTY}_plain`]: "3000",
    nested: { [NASTY]: "1" },
  });
  await Deno.writeTextFile(`${home.directory}/config.json`, source);
  for (const args of [["--dry-run"], ["--yes"], []]) {
    const run = await home.run(["import", "config.json", ...args]);
    assert.doesNotMatch(run.stdout, CONTROL, args.join());
    assert.doesNotMatch(run.stderr, CONTROL, args.join());
  }
  const [credential] = (await home.json("list")).credentials;
  assert.doesNotMatch(credential.name, CONTROL);
});

Deno.test("nor can the name of a file or what stands in one, when it is scanned", async () => {
  await using home = await Home.create();
  const key = ["gh", "p_", "aB3dE6gH9jK2mN5pQ8rS1tU4vW7xY0zA2bC4"].join("");
  await Deno.writeTextFile(
    `${home.directory}/\u001b[2Jname.txt`,
    `\u001b[8m secret_token = "\u202e${key}"\n${key}`,
  );
  const run = await home.run(["scan"]);
  assert.equal(run.code, 1);
  assert.doesNotMatch(run.stdout, CONTROL);
  assert.ok(!run.stdout.includes(key));
});
