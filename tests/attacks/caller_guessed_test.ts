import assert from "node:assert/strict";
import { Api } from "../e2e/harness.ts";
import { homeWithTwo, LivingCaller } from "./living_caller.ts";

Deno.test("where callers need a name, a program without the secret gets nothing, however often it tries", async () => {
  await using api = new Api();
  const { home, a } = await homeWithTwo(api.host);
  await using _home = home;
  await using caller = await LivingCaller.start(home);
  const url = `http://${api.host}/`;
  assert.equal(await caller.ask(url, a, ""), "200", "by default a plain caller is welcome");
  await home.ok("config", "set", "proxy.require_caller", "true");
  api.seen.length = 0;
  assert.equal(await caller.ask(url, a, ""), "407 caller_refused");
  for (let i = 0; i < 200; i++) {
    const guess = crypto.getRandomValues(new Uint8Array(24)).toHex();
    assert.equal(await caller.ask(url, a, `${caller.name}:${guess}`), "407 caller_refused");
  }
  assert.equal(api.seen.length, 0);
  assert.equal(await caller.ask(url, a), "200", "the flood does not shut the true one out");
  const { entries } = await home.json("log", "--last", "500");
  const refused = entries.filter((row: { event_type: string }) => row.event_type === "CallerRefused");
  assert.ok(refused.length >= 2 && refused.length <= 6, `${refused.length} rows for 201 refusals`);
});
