import assert from "node:assert/strict";
import { Api, Home } from "../e2e/harness.ts";
import { McpProcess } from "./support.ts";

const SECRET = "sk-real-value-behind-the-mcp-server";

Deno.test("the official client lists, gets a token, and reaches a server with the real key through curl's code and the tool", async () => {
  await using home = await Home.withVault();
  await using api = new Api();
  await home.ok("add", "k", "--type", "bearer_token", "--value", SECRET, "--hosts", api.host, "--tags", "ai");
  await using mcp = await McpProcess.start(home);

  const listed = await mcp.ok("wispkey_list", { tag: "ai" });
  assert.equal(listed.count, 1);
  assert.equal(listed.credentials[0].name, "k");
  assert.ok(!JSON.stringify(listed).includes("wk_"));

  const { token } = await mcp.ok("wispkey_get_token", { name: "k" });
  assert.match(token, /^wk_k_[a-z0-9]{16}$/);

  const url = `http://${api.host}/v1/models?x=1`;
  const how = await mcp.ok("wispkey_how_to_call", { url });
  assert.equal(how.credential, "k");
  assert.equal(how.token, token);
  const curl = await new Deno.Command("sh", { args: ["-c", how.snippets.curl] }).output();
  assert.equal(new TextDecoder().decode(curl.stdout), '{"ok":true}');
  assert.equal(api.last?.headers.authorization, `Bearer ${SECRET}`);
  assert.equal(api.last?.url, "/v1/models?x=1");

  const answer = await mcp.ok("wispkey_request", { url: `http://${api.host}/other`, credential: "k" });
  assert.equal(answer.status, 200);
  assert.equal(answer.body.content, '{"ok":true}');
  assert.equal(api.last?.headers.authorization, `Bearer ${SECRET}`);
  const { code, stderr } = await mcp.end();
  assert.equal(code, 0, stderr);
  assert.equal(stderr, "");
});
