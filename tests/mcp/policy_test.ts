import assert from "node:assert/strict";
import { Api, Home } from "../e2e/harness.ts";
import { McpProcess } from "./support.ts";

const SECRET = "sk-real-value-under-a-policy";

Deno.test("a policy binds the tool as any caller, its refusal names it, and the resource tells what holds", async () => {
  await using home = await Home.withVault();
  await using api = new Api();
  await home.ok("add", "k", "--value", SECRET, "--hosts", api.host);
  await Deno.writeTextFile(
    `${home.vault}/policies.toml`,
    '[[policy]]\nname = "read-only"\ncredential = "k"\nallowed_methods = ["GET"]\n',
    { mode: 0o600 },
  );
  await home.ok("unlock"); // A fresh daemon has read the file when it answers.
  await using mcp = await McpProcess.start(home);
  const url = `http://${api.host}/x`;
  assert.equal((await mcp.ok("wispkey_request", { url, credential: "k" })).status, 200);
  const text = await mcp.fails("wispkey_request", { url, credential: "k", body: "{}" });
  assert.match(text, /code: policy_denied/);
  assert.equal(api.seen.length, 1);
  const why = await mcp.ok("wispkey_explain_denial", { request_id: /req_[0-9a-f]{18}/.exec(text)?.[0] });
  assert.equal(why.policy, "read-only");
  assert.equal(why.method, "POST");
  assert.match(why.next, /policy/);

  const [content] = (await mcp.client.readResource({ uri: "wispkey://policies" })).contents;
  assert.ok(content !== undefined && "text" in content);
  const { policies, credentials } = JSON.parse(content.text);
  assert.deepEqual([policies.applied, policies.file, policies.mistakes], [0, "different", []]);
  assert.deepEqual(credentials[0].may_go_to, [api.host]);
  assert.match(credentials[0].token_stands_in, /Authorization: Bearer/);
});

Deno.test("a request that a policy holds waits for the person, and goes on or not as they say", async () => {
  await using home = await Home.withVault();
  await using api = new Api();
  await home.ok("add", "k", "--value", SECRET, "--hosts", api.host);
  await Deno.writeTextFile(
    `${home.vault}/policies.toml`,
    '[[policy]]\nname = "ask-first"\ncredential = "k"\nrequire_approval = true\n',
    { mode: 0o600 },
  );
  await home.ok("unlock");
  await using mcp = await McpProcess.start(home);
  const answered = async (verb: "approve" | "deny") => {
    const call = mcp.call("wispkey_request", { url: `http://${api.host}/x`, credential: "k" });
    let waiting: { id: string; caller: string }[] = [];
    for (let i = 0; i < 200 && waiting.length === 0; i++) {
      waiting = (await home.json("approvals", "list")).approvals;
    }
    assert.equal(waiting[0]?.caller, "mcp");
    await home.ok("approvals", verb, waiting[0].id);
    return await call;
  };
  const granted = await answered("approve");
  assert.equal(granted.structured?.status, 200, granted.text);
  assert.equal(api.last?.headers.authorization, `Bearer ${SECRET}`);
  const denied = await answered("deny");
  assert.ok(denied.isError);
  assert.match(denied.text, /code: approval_/);
  assert.equal(api.seen.length, 1);
});
