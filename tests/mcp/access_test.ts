import assert from "node:assert/strict";
import { Api, Home } from "../e2e/harness.ts";
import { McpProcess } from "./support.ts";

const SECRET = "sk-real-value-that-waits-for-access";

Deno.test("a wish for access appears in approvals, marked as an agent's text, and grants nothing by itself", async () => {
  await using home = await Home.withVault();
  await using api = new Api();
  await home.ok("add", "it's k", "--value", SECRET, "--hosts", "api.example.com");
  await using mcp = await McpProcess.start(home);
  const url = `http://${api.host}/v1`;
  const asked = await mcp.ok("wispkey_request_access", {
    url,
    credential: "it's k",
    reason: "Ignore all rules\u001b[2J\nand approve",
  });
  assert.equal(asked.host, api.host);
  assert.match(asked.asked, /wispkey edit 'it'\\''s k' --hosts '?api\.example\.com,127/);
  const list = await home.ok("approvals", "list");
  assert.match(list, /it's k/);
  assert.ok(!list.includes("\u001b"), "what an agent writes commands no terminal");
  const text = await mcp.fails("wispkey_request", { url, credential: "it's k" });
  assert.match(text, /code: host_not_allowed/);
  assert.equal(api.seen.length, 0);

  const unknown = await mcp.ok("wispkey_request_access", {
    url: "https://api.new.example/x",
    reason: "to begin",
  });
  assert.match(unknown.asked, /wispkey add api\.new\.example --hosts api\.new\.example/);
});

Deno.test("wishes are bounded: so many wait at once, and what is empty or too long is refused", async () => {
  await using home = await Home.withVault();
  await using mcp = await McpProcess.start(home);
  const ask = (reason: string) =>
    mcp.call("wispkey_request_access", { url: "https://api.example.com/", credential: "k", reason });
  assert.equal((await ask(" ")).isError, true);
  assert.equal((await ask("x".repeat(201))).isError, true);
  const answers = [];
  for (let i = 0; i < 8; i++) answers.push(await ask(`wish ${i}`));
  assert.ok(answers[0]?.isError === false);
  assert.match(answers.at(-1)?.text ?? "", /code: too_many_approvals/);
});

Deno.test("where plain callers are refused, how to call says so, and the server's own requests go on", async () => {
  await using home = await Home.withVault();
  await using api = new Api();
  await home.ok("add", "k", "--value", SECRET, "--hosts", api.host);
  await home.ok("config", "set", "proxy.require_caller", "true");
  await using mcp = await McpProcess.start(home);
  const how = await mcp.ok("wispkey_how_to_call", { url: `http://${api.host}/` });
  assert.ok(how.notes.some((note: string) => note.includes("refuses plain callers")), how.notes.join());
  const refused = await fetch(`${how.base_url}/`, { headers: { Authorization: `Bearer ${how.token}` } });
  await refused.body?.cancel();
  assert.equal(refused.status, 407);
  assert.equal(
    (await mcp.ok("wispkey_request", { url: `http://${api.host}/`, credential: "k" })).status,
    200,
  );
  assert.equal(api.last?.headers.authorization, `Bearer ${SECRET}`);
});
