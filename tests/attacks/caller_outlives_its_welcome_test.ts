import assert from "node:assert/strict";
import { Api } from "../e2e/harness.ts";
import { homeWithTwo, LivingCaller } from "./living_caller.ts";

Deno.test("a caller that was revoked, or whose program has ended, is refused from then on", async () => {
  await using api = new Api();
  const { home, a } = await homeWithTwo(api.host);
  await using _home = home;
  await home.ok("serve", "--random-port", "--daemon");
  const url = `http://${api.host}/`;
  let former: { name: string; secret: string };
  {
    await using caller = await LivingCaller.start(home, "--caller", "agent");
    former = { name: caller.name, secret: caller.secret };
    assert.equal(await caller.ask(url, a), "200");
  }
  await using caller = await LivingCaller.start(home, "--caller", "agent");
  assert.equal(await caller.ask(url, a, `${former.name}:${former.secret}`), "407 caller_refused");
  assert.equal(await caller.ask(url, a), "200");
  await home.ok("callers", "revoke", "agent");
  assert.equal(await caller.ask(url, a), "407 caller_refused");
  // Another daemon knows no more of it.
  await home.ok("unlock");
  assert.equal(await caller.ask(url, a), "407 caller_refused");
  assert.equal(api.seen.length, 2);
});
