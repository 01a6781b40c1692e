import assert from "node:assert/strict";
import { Api } from "../e2e/harness.ts";
import { homeWithTwo, LivingCaller } from "./living_caller.ts";

// A locked vault cannot be written to, so the caller's record is still in it when the next daemon reads it.
Deno.test("a caller that was revoked while the vault was locked is not back after the next unlock", async () => {
  await using api = new Api();
  const { home, a } = await homeWithTwo(api.host);
  await using _home = home;
  await home.ok("serve", "--random-port", "--daemon");
  const url = `http://${api.host}/`;
  await using revoked = await LivingCaller.start(home, "--caller", "agent");
  await using other = await LivingCaller.start(home, "--caller", "other");
  assert.equal(await revoked.ask(url, a), "200");
  await home.ok("lock");
  await home.ok("callers", "revoke", "agent");
  await home.ok("unlock");
  assert.equal(await other.ask(url, a), "200", "the other one goes on");
  assert.equal(await revoked.ask(url, a), "407 caller_refused");
  const { callers } = await home.json("callers", "list");
  assert.deepEqual(callers.map(({ name }: { name: string }) => name), ["other"]);
});
