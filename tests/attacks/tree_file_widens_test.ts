import assert from "node:assert/strict";
import { Api, Home, through } from "../e2e/harness.ts";

Deno.test("a cloned tree cannot open another project to the agents that work in it", async () => {
  await using home = await Home.withVault();
  await using api = new Api();
  await home.ok("project", "create", "prod");
  const { credential } = await home.json(
    "add",
    "k",
    "--value",
    "sk-prod",
    "--hosts",
    api.host,
    "--project",
    "prod",
  );
  const call = async (address: string) => {
    const answer = await through(address, `http://${api.host}/`, {
      Authorization: `Bearer ${credential.wisp_token}`,
    });
    await answer.body?.cancel();
    return answer.status;
  };
  // The owner unlocks and serves in the tree, as one does.
  await Deno.writeTextFile(`${home.directory}/.wispkey.toml`, 'project = "prod"\n');
  await home.ok("unlock");
  const { address } = await home.json("serve", "--random-port", "--daemon");
  assert.equal(await call(address), 403);
  assert.equal(api.seen.length, 0);
  // What the file cannot do, the owner's own choice can.
  const chosen = await home.run(["unlock"], { env: { WISPKEY_PROJECT: "prod" } });
  assert.equal(chosen.code, 0, chosen.stderr);
  assert.equal(await call(address), 200);
});
