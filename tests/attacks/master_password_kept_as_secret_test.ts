/**
 * With `WISPKEY_PASSWORD` set, a program whose prompts are answered from there keeps the master password itself as a
 * credential's value, and later sends it to somebody's server.
 */

import assert from "node:assert/strict";
import { Api, Home, through } from "../e2e/harness.ts";

Deno.test("the master password never becomes a credential's value, and never leaves", async () => {
  await using home = await Home.withVault("a master password to look for");
  await using api = new Api();
  const naivePrompt = (environment: Record<string, string>) => environment.WISPKEY_PASSWORD;
  assert.equal(naivePrompt(home.environment()), home.password, "a naive prompt takes it for the answer");

  const refused = await home.run(["add", "k", "--hosts", api.host]);
  assert.equal(refused.code, 2, refused.stderr);
  assert.match(refused.stderr, /--value-file/);
  const rotated = await home.run(["rotate", "k", "--value-file", "-"], { stdin: new Uint8Array(0) });
  assert.notEqual(rotated.code, 0);
  assert.equal((await home.json("list")).credentials.length, 0);

  const said = await home.run(["add", "k", "--value", home.password, "--hosts", api.host, "--json"]);
  if (said.code === 0) return; // Typed out as a value it is the owner's own doing.
  const { address } = await home.json("serve", "--random-port", "--daemon");
  await (await through(address, `http://${api.host}/`)).body?.cancel();
  assert.ok(!JSON.stringify(api.seen).includes(home.password));
});
