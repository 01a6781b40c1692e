/**
 * Policies and approvals with real processes: from the file to the answer of the proxy.
 */

import assert from "node:assert/strict";
import { Api, Home, through } from "./harness.ts";

const SECRET = "sk-policies-0123456789abcdef";

/** A home with an open proxy, a credential for the API, and a question to it. */
async function scene(home: Home, api: Api) {
  const added = await home.json("add", "openai", "--value", SECRET, "--hosts", api.host);
  const token: string = added.credential.wisp_token;
  const { address } = await home.json("serve", "--random-port", "--daemon");
  const ask = async (method = "GET", path = "/v1/models", body?: string) => {
    const init = body === undefined ? { method } : { method, body };
    const answer = await through(
      address,
      `http://${api.host}${path}`,
      { Authorization: `Bearer ${token}` },
      init,
    );
    const text = await answer.text();
    return {
      status: answer.status,
      code: answer.headers.get("x-wispkey-error"),
      text,
      headers: answer.headers,
    };
  };
  return { ask, address, token };
}

/** Waits until a question has a certain answer: the daemon looks at the file once a second. */
async function until(holds: () => Promise<boolean>, what: string): Promise<void> {
  for (let i = 0; i < 100; i++) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.fail(what);
}

Deno.test("what stands in from the environment has its rate limit counted across a restart, too", async () => {
  await using home = await Home.withVault();
  await using api = new Api();
  const env = { WISPKEY_FALLBACK_ACME: SECRET, WISPKEY_FALLBACK_ACME_HOSTS: api.host };
  await Deno.writeTextFile(
    `${home.vault}/policies.toml`,
    '[[policy]]\nname = "slow"\nrate_limit = "2/hour"\n',
  );
  const statuses: number[] = [];
  for (let life = 0; life < 2; life++) {
    const unlocked = await home.run(["unlock"], { env });
    assert.equal(unlocked.code, 0, unlocked.stderr);
    const { address } = await home.json("serve", "--random-port", "--daemon");
    for (let use = 0; use < 2; use++) {
      const headers = { Authorization: "Bearer wk_acme_0123456789abcdef" };
      const answer = await through(address, `http://${api.host}/`, headers);
      await answer.body?.cancel();
      statuses.push(answer.status);
    }
    await home.ok("stop");
  }
  assert.deepEqual(statuses, [200, 200, 429, 429]);
});

Deno.test("a policy file restricts as soon as it is there, and one that is not understood stops token use only", async () => {
  await using home = await Home.withVault();
  await using api = new Api();
  const { ask, address } = await scene(home, api);
  const file = `${home.vault}/policies.toml`;
  assert.equal((await ask("POST")).status, 200);

  await Deno.writeTextFile(
    file,
    '[[policy]]\nname = "reads"\ncredential = "openai"\nallowed_methods = ["GET"]\n',
  );
  await until(async () => (await ask("POST")).status === 403, "the file holds");
  const denied = await ask("POST");
  assert.equal(denied.code, "policy_denied");
  assert.match(denied.text, /policy 'reads': the method is not among allowed_methods/);
  assert.equal((await ask()).status, 200);

  await Deno.writeTextFile(file, '[[policy]]\nname = "reads"\nalowed_methods = ["GET"]\n');
  await until(async () => (await ask()).status === 503, "the mistake holds");
  const invalid = await ask();
  assert.equal(invalid.code, "policy_invalid");
  assert.match(
    invalid.text,
    /policies\.toml:3:1: unknown key 'alowed_methods': did you mean 'allowed_methods'/,
  );
  const free = await through(address, `http://${api.host}/free`);
  assert.equal(await free.text(), '{"ok":true}', "traffic without a token goes on");
  assert.equal(api.last?.url, "/free");
});

Deno.test("a rate limit lets exactly so many of many pass at once, and no more after a restart", async () => {
  await using home = await Home.withVault();
  await using api = new Api();
  await Deno.writeTextFile(
    `${home.vault}/policies.toml`,
    '[[policy]]\nname = "slow"\nrate_limit = "20/hour"\n',
  );
  await home.ok("unlock"); // A fresh daemon reads the file as it starts.
  const { ask, token } = await scene(home, api);
  const answers = await Promise.all(Array.from({ length: 100 }, () => ask()));
  const passed = api.seen.length;
  assert.equal(passed, 20);
  const limited = answers.filter(({ status }) => status === 429);
  assert.ok(limited.length >= 80 && limited.every(({ code }) => code === "rate_limited"));
  assert.ok(Number(limited[0]?.headers.get("retry-after")) > 3_000);

  const pid = await home.daemonPid();
  assert(pid);
  Deno.kill(pid, "SIGKILL");
  await home.ok("unlock");
  const { address } = await home.json("serve", "--random-port", "--daemon");
  const again = await through(address, `http://${api.host}/`, { Authorization: `Bearer ${token}` });
  assert.equal(again.status, 429);
  await again.body?.cancel();
  assert.equal(api.seen.length, 20);
});

Deno.test("a request that needs a person waits, goes on as it was shown, and is refused if it is denied", async () => {
  await using home = await Home.withVault();
  await using api = new Api();
  await Deno.writeTextFile(
    `${home.vault}/policies.toml`,
    '[[policy]]\nname = "ask"\ncredential = "openai"\nrequire_approval = ["DELETE"]\n',
  );
  await home.ok("unlock");
  const { ask } = await scene(home, api);
  assert.equal((await ask()).status, 200);
  const waiting = async () => (await home.json("approvals", "list")).approvals ?? [];

  for (const [verb, status] of [["approve", 200], ["deny", 403]] as const) {
    const seen = api.seen.length;
    const asked = ask("DELETE", `/v1/files/${verb}`, "the body");
    await until(async () => (await waiting()).length === 1, "it waits");
    assert.equal(api.seen.length, seen, "nothing was sent yet");
    const [entry] = await waiting();
    await home.ok("approvals", verb, entry.id);
    const answer = await asked;
    assert.equal(answer.status, status, answer.text);
    if (verb === "approve") {
      assert.deepEqual([api.last?.method, api.last?.url, api.last?.body], [
        "DELETE",
        "/v1/files/approve",
        "the body",
      ]);
    } else assert.equal(api.seen.length, seen);
  }
});
