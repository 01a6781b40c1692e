/**
 * A web page whose name is pointed at 127.0.0.1 (DNS rebinding) talks to an MCP server on loopback and makes it act. The page
 * may know the port, and even the token, should that have leaked.
 */

import assert from "node:assert/strict";
import { Home } from "../e2e/harness.ts";
import { HttpProcess } from "../mcp/http_server.ts";

const CALL = JSON.stringify({
  jsonrpc: "2.0",
  id: 1,
  method: "tools/call",
  params: { name: "wispkey_get_token", arguments: { name: "k" } },
});

/** What a browser sends for a page of `evil.example`, in the order of a browser; answers all of the response. */
async function fromPage(port: number, path: string, fields: Record<string, string>): Promise<string> {
  using socket = await Deno.connect({ hostname: "127.0.0.1", port });
  const lines = Object.entries({
    "Content-Type": "application/json",
    "Accept": "application/json, text/event-stream",
    "Content-Length": String(CALL.length),
    "Connection": "close",
    ...fields,
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  await socket.write(new TextEncoder().encode(`POST ${path} HTTP/1.1\r\n${lines.join("")}\r\n${CALL}`));
  return await new Response(socket.readable).text();
}

Deno.test("a server that looks at nothing but the body acts for a page under a rebound name", async () => {
  await using naive = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    const { id, params } = await request.json();
    return Response.json({ jsonrpc: "2.0", id, result: { token: `wk_${params.arguments.name}` } });
  });
  const answer = await fromPage(naive.addr.port, "/mcp", {
    Host: `evil.example:${naive.addr.port}`,
    Origin: `http://evil.example:${naive.addr.port}`,
  });
  assert.match(answer, /wk_k/);
});

Deno.test("ours gives a page nothing, with and without the bearer token, under any name", async () => {
  await using home = await Home.withVault();
  const { credential } = await home.json(
    "add",
    "k",
    "--value",
    "sk-real-value-of-a-page",
    "--hosts",
    "a.example",
  );
  await using server = await HttpProcess.start(home);
  const port = Number(new URL(server.url).port);
  const own = `127.0.0.1:${port}`;
  const Authorization = `Bearer ${server.token}`;
  const evil = `evil.example:${port}`;
  const pages: Record<string, string>[] = [
    { Host: evil, Origin: `http://${evil}` },
    { Host: evil, Origin: `http://${evil}`, Authorization },
    { Host: evil, Authorization },
    { Host: own, Origin: `http://${evil}`, Authorization },
    { Host: own, Origin: "null", Authorization },
    { Host: own, Origin: `http://${own}` },
    { Host: `localhost.evil.example:${port}`, Authorization },
  ];
  for (const fields of pages) {
    const answer = await fromPage(port, "/mcp", fields);
    assert.match(answer, /^HTTP\/1\.1 4\d\d /, JSON.stringify(fields));
    assert.ok(!answer.includes(credential.wisp_token));
    assert.ok(!/access-control-allow/i.test(answer), "no page may read an answer either");
  }
  const preflight = await fetch(server.url, {
    method: "OPTIONS",
    headers: { Origin: "http://evil.example", "Access-Control-Request-Method": "POST" },
  });
  await preflight.body?.cancel();
  assert.equal(preflight.status, 403);
  assert.equal(preflight.headers.get("access-control-allow-origin"), null);
  // Whoever has the token and is no page is served: the refusals above are not for another reason.
  assert.match(await fromPage(port, "/mcp", { Host: own, Authorization }), /wk_k_/);
});
