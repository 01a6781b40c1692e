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
