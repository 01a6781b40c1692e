/**
 * The commands on policies with real processes: what they say is what the proxy does.
 */

import assert from "node:assert/strict";
import { Api, Home, through } from "./harness.ts";

const READS = '[[policy]]\nname = "reads"\ncredential = "openai"\nallowed_methods = ["GET"]\n';
const WRITES = READS.replace('"GET"', '"GET", "POST"');

Deno.test("policies are applied, explained, and tested against what the proxy did", async () => {
  await using home = await Home.withVault();
  await using api = new Api();
  const added = await home.json("add", "openai", "--value", "sk-commands-0123456789", "--hosts", api.host);
  const { address } = await home.json("serve", "--random-port", "--daemon");
  const ask = async (method: string) => {
    const headers = { Authorization: `Bearer ${added.credential.wisp_token}` };
    const answer = await through(address, `http://${api.host}/v1`, headers, { method });
    await answer.text();
    return answer.status;
  };
  const { path } = await home.json("policy", "init");
  assert.equal(path, `${home.vault}/policies.toml`);
  if (Deno.build.os !== "windows") assert.equal(((await Deno.stat(path)).mode ?? 0) & 0o777, 0o600);
  assert.equal((await home.run(["policy", "init"])).code, 1, "never over a file");

  await Deno.writeTextFile(path, READS);
  const applied = await home.json("policy", "apply");
  assert.deepEqual([applied.file, applied.applied_policies], ["applied", 1]);
  assert.deepEqual([await ask("GET"), await ask("POST")], [200, 403]);

  // What the file loosens waits for the password; looking at it does not.
  await Deno.writeTextFile(path, WRITES);
  const explain = ["policy", "explain", "--credential", "openai", "--method", "POST", "--url"];
  const why = await home.json(...explain, `http://${api.host}/v1`);
  assert.deepEqual([why.verdict, why.source, await ask("POST")], ["deny", "applied", 403]);
  const { changes } = await home.json("policy", "list");
  assert.deepEqual(changes, [{ policy: "reads", effect: "looser", text: "allowed_methods: adds 'POST'" }]);
  const recorded = `${home.vault}/requests.toml`;
  await Deno.writeTextFile(recorded, (await home.run(["log", "--as-policy-test"])).stdout);
  const tested = await home.json("policy", "test", recorded);
  assert.deepEqual([tested.requests, tested.failed], [2, []], "repeated refusals are one row of the log");
  assert.equal((await home.run(["policy", "test", recorded, "--policies", path])).code, 1);

  await home.json("policy", "apply");
  assert.equal(await ask("POST"), 200);
  assert.equal((await home.json(...explain, `http://${api.host}/v1`)).verdict, "allow");
});

Deno.test("looking at policies does not keep the vault open, and applying takes the right password", async () => {
  await using home = await Home.withVault();
  await Deno.writeTextFile(`${home.vault}/policies.toml`, READS);
  const locksAt = async () => Date.parse((await home.json("status")).locks_at);
  const before = await locksAt();
  for (let i = 0; i < 3; i++) await home.json("policy", "list");
  // Told by two clocks, so a few milliseconds may lie between; starting the program takes many more.
  assert.ok(Math.abs(await locksAt() - before) < 50);
  const wrong = await home.run(["policy", "apply"], { env: { WISPKEY_PASSWORD: "not the password" } });
  assert.equal(wrong.code, 3, wrong.stderr);
  assert.equal((await home.json("status")).policies.applied_policies, 0);
});
