import assert from "node:assert/strict";
import { Home } from "../e2e/harness.ts";

/** What an agent gets to see of an import of its own guess. */
async function guess(home: Home, value: string): Promise<unknown> {
  await Deno.writeTextFile(`${home.directory}/guess.env`, `DB_PASSWORD=${value}\n`);
  const { credentials } = await home.json("import", "guess.env", "--dry-run");
  return credentials.map((
    { state, credential }: { state: string; credential: string },
  ) => [state, credential]);
}

Deno.test("importing a guess of a short secret tells the same for the right one as for a wrong one", async () => {
  await using home = await Home.withVault();
  await Deno.writeTextFile(`${home.directory}/.env`, "DB_PASSWORD=s3cr3t\n");
  await home.ok("import", ".env", "--yes");
  const right = await guess(home, "s3cr3t");
  assert.deepEqual(right, [["held", "db-password"]]);
  assert.deepEqual(await guess(home, "wr0ng1"), right);
});
