/** The configuration of an agent's MCP server is a file that the agent reads; a master password in it is the agent's. */

import assert from "node:assert/strict";
import { Home } from "../e2e/harness.ts";
import { McpProcess } from "../mcp/support.ts";

Deno.test("an agent's server works without the master password", async () => {
  await using home = await Home.withVault();
  await home.ok("add", "k", "--value", "a-secret-value-0123456789", "--hosts", "api.example.com");
  const naive = JSON.stringify({ mcpServers: { wispkey: { env: { WISPKEY_PASSWORD: home.password } } } });
  const stolen = JSON.parse(naive).mcpServers.wispkey.env.WISPKEY_PASSWORD;
  const opened = await home.run([
    "run",
    "--reveal",
    "--no-mask",
    "--set",
    "K=k",
    "--",
    "/bin/sh",
    "-c",
    'echo "$K"',
  ], {
    env: { WISPKEY_PASSWORD: stolen },
  });
  assert.ok(
    opened.stdout.includes("a-secret-value-0123456789"),
    "with a naive configuration the agent has everything",
  );

  // What starts has no password in its environment.
  await using mcp = await McpProcess.start(home);
  const listed = await mcp.ok("wispkey_list", {});
  assert.equal(listed.count, 1);
  const { token } = await mcp.ok("wispkey_get_token", { name: "k" });
  assert.match(token, /^wk_k_/);
  await mcp.end();
});
