import assert from "node:assert/strict";
import { Api, Home, through } from "./harness.ts";

const SECRET = "sk-real-value-of-the-first-swap";

Deno.test("a token goes in, the real key comes out, only at the allowed host", async () => {
  await using home = await Home.withVault();
  await using api = new Api();
  await using thief = new Api();

  const added = await home.json("add", "k", "--type", "bearer_token", "--value", SECRET, "--hosts", api.host);
  assert.equal(added.ok, true);
  const token = added.credential.wisp_token;
  assert.match(token, /^wk_k_[a-z0-9]{16}$/);

  const proxy = await home.json("serve", "--random-port", "--daemon");
  assert.deepEqual(Object.keys(proxy).sort(), ["address", "pid", "port"]);
  assert.equal(proxy.address, `http://127.0.0.1:${proxy.port}`);

  // The very request that the quick start shows.
  const answer = await through(proxy.address, `http://${api.host}/x`, { Authorization: `Bearer ${token}` });
  assert.equal(answer.status, 200);
  assert.equal(api.last?.headers.authorization, `Bearer ${SECRET}`);
  assert.equal(api.last?.url, "/x");
  assert.ok(!JSON.stringify([...answer.headers, await answer.text()]).includes(SECRET));

  const theft = await through(proxy.address, `http://${thief.host}/x`, { Authorization: `Bearer ${token}` });
  assert.equal(theft.status, 403);
  assert.equal(theft.headers.get("x-wispkey-error"), "host_not_allowed");
  const { error } = await theft.json();
  assert.equal(error.code, "host_not_allowed");
  assert.match(error.hint, /wispkey edit k --hosts /);
  assert.equal(thief.seen.length, 0, "nothing at all was sent to the other host");

  const log = await home.json("log");
  const events = log.entries.map((row: { event_type: string }) => row.event_type);
  assert.ok(events.includes("CredentialUsed") && events.includes("CredentialDenied"), events.join());
  assert.ok(!JSON.stringify(log).includes(token), "the log holds fingerprints, not tokens");
});

Deno.test("a credential without hosts is never injected, and the hint names the command that would allow it", async () => {
  await using home = await Home.withVault();
  await using api = new Api();
  const { credential } = await home.json("add", "nowhere", "--value", SECRET);
  const { address } = await home.json("serve", "--random-port", "--daemon");
  const answer = await through(address, `http://${api.host}/`, {
    Authorization: `Bearer ${credential.wisp_token}`,
  });
  assert.equal(answer.status, 403);
  const { error } = await answer.json();
  assert.equal(error.code, "host_not_allowed");
  assert.equal(api.seen.length, 0);

  // The hint is a command that works as printed.
  const [, ...command] = error.hint.match(/wispkey edit nowhere --hosts \S+/)[0].split(" ");
  await home.ok(...command);
  const second = await through(address, `http://${api.host}/`, {
    Authorization: `Bearer ${credential.wisp_token}`,
  });
  assert.equal(second.status, 200);
  assert.equal(api.last?.headers.authorization, `Bearer ${SECRET}`);
  await second.body?.cancel();
});

Deno.test("rotate kills the old token at once; rotate with a value keeps the token and changes the secret", async () => {
  await using home = await Home.withVault();
  await using api = new Api();
  const { credential } = await home.json("add", "k", "--value", SECRET, "--hosts", api.host);
  const { address } = await home.json("serve", "--random-port", "--daemon");
  const call = async (token: string) => {
    const answer = await through(address, `http://${api.host}/`, { Authorization: `Bearer ${token}` });
    await answer.body?.cancel();
    return answer;
  };
  const rotated = await home.json("rotate", "k");
  assert.notEqual(rotated.wisp_token, credential.wisp_token);
  const old = await call(credential.wisp_token);
  assert.equal(old.status, 403);
  assert.equal(old.headers.get("x-wispkey-error"), "retired_token");
  assert.equal((await call(rotated.wisp_token)).status, 200);

  const replaced = await home.json("rotate", "k", "--value", "another-secret-value");
  assert.equal(replaced.wisp_token, rotated.wisp_token);
  assert.equal((await call(rotated.wisp_token)).status, 200);
  assert.equal(api.last?.headers.authorization, "Bearer another-secret-value");

  await home.ok("remove", "k", "--yes");
  const removed = await call(rotated.wisp_token);
  assert.equal(removed.headers.get("x-wispkey-error"), "retired_token");
});

Deno.test("a locked daemon carries token-free traffic and refuses tokens with 503", async () => {
  await using home = await Home.withVault();
  await using api = new Api();
  const { credential } = await home.json("add", "k", "--value", SECRET, "--hosts", api.host);
  const { address } = await home.json("serve", "--random-port", "--daemon");
  await home.ok("lock");
  const free = await through(address, `http://${api.host}/free`);
  assert.deepEqual(await free.json(), { ok: true });
  const locked = await through(address, `http://${api.host}/`, {
    Authorization: `Bearer ${credential.wisp_token}`,
  });
  assert.equal(locked.status, 503);
  assert.equal((await locked.json()).error.code, "vault_locked");

  // Unlocking starts a fresh daemon on the same port, and the same token works again.
  await home.ok("unlock");
  const again = await through(address, `http://${api.host}/`, {
    Authorization: `Bearer ${credential.wisp_token}`,
  });
  assert.equal(again.status, 200);
  await again.body?.cancel();
});
