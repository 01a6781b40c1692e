import assert from "node:assert/strict";
import { Api } from "../e2e/harness.ts";
import { homeTrustingTestAuthority, HttpsApi } from "../e2e/https_api.ts";
import { homeWithTwo, LivingCaller } from "./living_caller.ts";

Deno.test("a program that may use one credential cannot use another, by any way into the proxy", async () => {
  await using api = new Api();
  const { home, a, b } = await homeWithTwo(api.host);
  await using _home = home;
  await using caller = await LivingCaller.start(home, "--only", "a");
  const url = `http://${api.host}/`;
  assert.equal(await caller.ask(url, b, ""), "200", "without a scope the very same request goes through");
  api.seen.length = 0;
  assert.equal(await caller.ask(url, a), "200");
  assert.equal(await caller.ask(url, b), "403 unknown_token");
  assert.equal(api.seen.length, 1);
  const { entries } = await home.json("log", "--last", "50");
  assert.ok(JSON.stringify(entries).includes(caller.name), "the log names the caller");
  assert.ok(!JSON.stringify(entries).includes(caller.secret), "and not its secret");
  assert.ok(!JSON.stringify(api.seen).includes(caller.secret), "nor does the host learn it");
});

Deno.test("nor through a tunnel that is opened for it", async () => {
  await using home = await homeTrustingTestAuthority();
  await using api = new HttpsApi();
  const add = async (name: string): Promise<string> =>
    (await home.json("add", name, "--value", `the-secret-value-of-${name}`, "--hosts", api.host)).credential
      .wisp_token;
  const a = await add("a");
  const b = await add("b");
  const script =
    'for t in "$1" "$2"; do curl -sS -o /dev/null -w "%{http_code} " -H "Authorization: Bearer $t" "$3"; done';
  const ran = await home.run(
    ["run", "--only", "a", "--", "/bin/sh", "-c", script, "sh", a, b, `https://${api.host}/`],
  );
  assert.equal(ran.stdout, "200 403 ", ran.stderr);
  assert.equal(api.seen.length, 1);
  assert.equal(api.seen[0]?.headers["proxy-authorization"], undefined);
});
