import assert from "node:assert/strict";
import { connectDaemon } from "../../src/daemon/connect.ts";
import type { RefusalView } from "../../src/daemon/api/requests.ts";
import { Api, Home, through } from "./harness.ts";

const SECRET = "sk-real-value-of-a-refused-request";

Deno.test("a refusal carries an id of its own, under which daemon and log say why, also of one that repeats", async () => {
  await using home = await Home.withVault();
  await using api = new Api();
  const { credential } = await home.json("add", "k", "--value", SECRET, "--hosts", "api.example.com");
  const { address } = await home.json("serve", "--random-port", "--daemon");
  const refuse = async () => {
    const answer = await through(address, `http://${api.host}/x?q=private`, {
      Authorization: `Bearer ${credential.wisp_token}`,
    });
    const id = answer.headers.get("x-wispkey-request-id") ?? "";
    assert.match(id, /^req_[0-9a-f]{18}$/);
    assert.equal((await answer.json()).error.request_id, id);
    return id;
  };
  const ids = [await refuse(), await refuse()];
  assert.notEqual(ids[0], ids[1]);

  const client = await connectDaemon(home.vault);
  assert.ok(client !== null);
  try {
    for (const id of ids) {
      const refusal: RefusalView | null = (await client.call("request.explain", { id })).result.refusal;
      assert.equal(refusal?.code, "host_not_allowed");
      assert.equal(refusal.credential, "k");
      assert.equal(refusal.path, "/x");
      assert.match(refusal.hint ?? "", /wispkey edit k --hosts/);
      const text = JSON.stringify(refusal);
      for (const hidden of ["private", SECRET, credential.wisp_token]) assert.ok(!text.includes(hidden));
    }
    const unknown = await client.call("request.explain", { id: "req_000000000000000000" });
    assert.equal(unknown.result.refusal, null);
  } finally {
    client.close();
  }
  const { entries } = await home.json("log");
  assert.ok(entries.some(({ request_id }: { request_id: string }) => request_id === ids[0]));

  // A daemon that does not remember finds it in the log.
  await home.ok("unlock");
  const next = await connectDaemon(home.vault);
  assert.ok(next !== null);
  const refusal: RefusalView | null =
    (await next.call("request.explain", { id: ids[0] ?? "" })).result.refusal;
  next.close();
  assert.deepEqual([refusal?.code, refusal?.credential, refusal?.message], ["host_not_allowed", "k", null]);
});

Deno.test("an upstream cannot make its answer look like a refusal of ours, nor can success carry an id", async () => {
  await using home = await Home.withVault();
  await using api = new Api(() =>
    new Response("x", {
      status: 403,
      headers: { "X-WispKey-Error": "vault_locked", "X-WispKey-Request-Id": "req_000000000000000000" },
    })
  );
  const { address } = await home.json("serve", "--random-port", "--daemon");
  const answer = await through(address, `http://${api.host}/`);
  assert.equal(await answer.text(), "x");
  assert.equal(answer.headers.get("x-wispkey-error"), null);
  assert.equal(answer.headers.get("x-wispkey-request-id"), null);
});
