/** A wildcard under which anybody can get a name: `*.workers.dev` is the owner's host and every attacker's. */

import assert from "node:assert/strict";
import { parseHostList } from "../../src/core/host_pattern.ts";
import { Home } from "../e2e/harness.ts";

const NAIVE = (pattern: string, host: string) => host.endsWith(pattern.slice(1));

Deno.test("a wildcard over names that anybody can have is taken only if it is said aloud", async () => {
  const wide = ["*.workers.dev", "*.github.io", "*.com", "*.co.uk", "*.amazonaws.com"];
  assert.ok(
    NAIVE("*.workers.dev", "evil.workers.dev"),
    "a naive rule sends the secret to whoever has a name there",
  );
  for (const pattern of wide) assert.throws(() => parseHostList(pattern), pattern);
  assert.throws(() => parseHostList("127.0.0.1:*"), "nor is a loopback address every program's");

  await using home = await Home.withVault();
  const refused = await home.run(["add", "k", "--value", "v", "--hosts", "*.workers.dev"]);
  assert.equal(refused.code, 2, refused.stderr);
  assert.equal((await home.json("list")).credentials.length, 0);
  // None given is nowhere, not anywhere.
  const { credential } = await home.json("add", "k", "--value", "a-secret-value-0123456789");
  assert.deepEqual(credential.hosts, []);
});
