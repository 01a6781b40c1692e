import assert from "node:assert/strict";
import { Home } from "../e2e/harness.ts";

// The agent writes a token that it may well know into a file of variables, and waits for a person to run the program.
Deno.test("a token that was laid into the environment is not revealed without a word", async () => {
  await using home = await Home.withVault();
  await home.ok("add", "db", "--type", "api_key", "--value", "a-long-database-password");
  const { credential } = await home.json(
    "add",
    "prod",
    "--type",
    "api_key",
    "--value",
    "a-long-payment-secret",
  );
  const file = `${home.directory}/laid.env`;
  await Deno.writeTextFile(file, `HARMLESS=${credential.wisp_token}\n`);
  const ran = await home.run(["run", "--reveal", "--env-file", file, "--set", "URL=db", "--", "/bin/true"]);
  assert.equal(ran.code, 0, ran.stderr);
  assert.match(ran.stderr, /Real values for the program: .*HARMLESS \(prod\)/);
  assert.match(ran.stderr, /URL \(db\)/);
});
