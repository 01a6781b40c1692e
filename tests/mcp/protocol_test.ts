import assert from "node:assert/strict";
import { Home } from "../e2e/harness.ts";
import { McpProcess } from "./support.ts";

/** Runs the server over lines of input; answers its output as JSON, one value a line. */
async function talk(
  home: Home,
  input: string | Uint8Array,
): Promise<{ code: number; messages: Message[]; stderr: string }> {
  const child = home.command(["mcp", "serve"], { stdin: "piped", env: { WISPKEY_PASSWORD: "" } }).spawn();
  const writer = child.stdin.getWriter();
  const bytes = typeof input === "string" ? new TextEncoder().encode(input) : input;
  const expected = typeof input === "string"
    ? input.split("\n").filter((line) => /"id":(?!999)/.test(line)).length
    : 0;
  // It may hang up before it has read all.
  const written = writer.write(bytes as Uint8Array<ArrayBuffer>).catch(() => {});
  const messages: Message[] = [];
  const stderr = new Response(child.stderr).text();
  let rest = "";
  let closed = false;
  const close = async () => {
    if (closed) return;
    closed = true;
    await written;
    await writer.close().catch(() => {});
  };
  if (expected === 0) await close();
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    messages.push(...lines.map((line) => JSON.parse(line)));
    if (messages.length >= expected) await close();
  }
  assert.equal(rest, "");
  const { code } = await child.status;
  return { code, messages, stderr: await stderr };
}

interface Message {
  id: number;
  result?: { protocolVersion?: string; isError?: boolean; tools?: unknown[] };
  error?: { code: number };
}

function initialize(version: string): string {
  const params = { protocolVersion: version, capabilities: {}, clientInfo: { name: "t", version: "1" } };
  return `${JSON.stringify({ jsonrpc: "2.0", id: 1, method: "initialize", params })}\n` +
    `${JSON.stringify({ jsonrpc: "2.0", method: "notifications/initialized" })}\n`;
}

Deno.test("older clients are served in the version they ask for, unknown ones in one that the server has", async () => {
  await using home = await Home.create();
  for (const version of ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"]) {
    const { messages, code } = await talk(home, initialize(version));
    assert.equal(messages[0]?.result?.protocolVersion, version);
    assert.equal(code, 0);
  }
  const { messages } = await talk(home, initialize("1999-01-01"));
  assert.match(messages[0]?.result?.protocolVersion ?? "", /^20\d\d-\d\d-\d\d$/);
});

Deno.test("the newest version is spoken with a client that knows it", async () => {
  await using home = await Home.create();
  await using mcp = await McpProcess.start(home);
  assert.equal(mcp.client.getNegotiatedProtocolVersion(), "2026-07-28");
  await using legacy = await McpProcess.start(home, { protocol: "legacy" });
  assert.equal(legacy.client.getNegotiatedProtocolVersion(), "2025-11-25");
  assert.equal((await legacy.client.listTools()).tools.length, (await mcp.client.listTools()).tools.length);
});

Deno.test("hostile lines are answered or passed over, and what comes after them is served", async () => {
  await using home = await Home.create();
  const call = (id: number, name: unknown, args: unknown) =>
    `${JSON.stringify({ jsonrpc: "2.0", id, method: "tools/call", params: { name, arguments: args } })}\n`;
  const deep = `${"[".repeat(5_000)}${"]".repeat(5_000)}`;
  const input = [
    initialize("2025-06-18"),
    "\n\r\n",
    "not json\n",
    "[]\n[1,2]\n",
    '"text"\nnull\n7\n',
    "{}\n",
    '{"jsonrpc":"1.0","id":999,"method":"ping"}\n',
    '{"jsonrpc":"2.0","method":"notifications/nothing"}\n',
    `{"jsonrpc":"2.0","method":"x","params":${deep}}\n`,
    call(2, "wispkey_nothing", {}),
    call(3, "__proto__", {}),
    call(4, "wispkey_list", { tag: 7 }),
    call(5, "wispkey_list", { "__proto__": { tag: "x" }, constructor: 1 }),
    call(6, "wispkey_list", []),
    call(7, "wispkey_get_token", {}),
    call(8, "wispkey_get_token", { name: "x".repeat(100_000) }),
    call(9, "wispkey_request", {
      url: "https://x/",
      headers: Object.fromEntries(Array.from({ length: 3_000 }, (_, i) => [`a${i}`, ""])),
    }),
    call(10, "wispkey_explain_denial", { request_id: "req_\u0000" }),
    call(11, 12, {}),
    '{"jsonrpc":"2.0","id":12,"method":"resources/read","params":{"uri":"wispkey://nothing"}}\n',
    '{"jsonrpc":"2.0","id":13,"method":"resources/read","params":{"uri":"wispkey://credentials"}}\n',
    '{"jsonrpc":"2.0","id":14,"method":"prompts/get","params":{"name":"nothing"}}\n',
    '{"jsonrpc":"2.0","id":15,"method":"ping"}\n',
  ].join("");
  const { code, messages } = await talk(home, input);
  assert.equal(code, 0);
  const byId = new Map(messages.map((message) => [message.id, message]));
  for (let id = 2; id <= 14; id++) {
    const message = byId.get(id);
    assert.ok(
      message?.error !== undefined || message?.result?.isError === true,
      `${id}: ${JSON.stringify(message)}`,
    );
  }
  assert.deepEqual(byId.get(15)?.result, {});
});

Deno.test("a line without an end and bytes that are no text end the connection at the most", async () => {
  await using home = await Home.create();
  const noise = crypto.getRandomValues(new Uint8Array(60_000)).map((byte) => byte === 10 ? 11 : byte);
  for (const input of [noise, new Uint8Array(5 * 1024 * 1024).fill(0x61)]) {
    const { code, messages } = await talk(home, input);
    assert.equal(code, 0);
    assert.deepEqual(messages, []);
  }
});

Deno.test("every tool has a title, hints and strict schemas; what they answer fits them, which the client checks", async () => {
  await using home = await Home.withVault();
  await using mcp = await McpProcess.start(home);
  const { tools } = await mcp.client.listTools();
  for (const { name, title, description, annotations, inputSchema, outputSchema } of tools) {
    assert.match(name, /^wispkey_[a-z_]+$/);
    assert.ok(title !== undefined && title.length > 5 && (description?.length ?? 0) > 40, name);
    assert.equal(annotations?.title, title);
    assert.equal(typeof annotations?.readOnlyHint, "boolean");
    assert.equal(typeof annotations?.openWorldHint, "boolean");
    assert.equal(inputSchema["additionalProperties"], false, name);
    assert.equal(outputSchema?.["type"], "object", name);
  }
  assert.deepEqual(tools.filter(({ annotations }) => annotations?.openWorldHint).map(({ name }) => name), [
    "wispkey_request",
  ]);
  const { resources } = await mcp.client.listResources();
  assert.deepEqual(resources.map(({ uri }) => uri), ["wispkey://credentials", "wispkey://policies"]);
  for (const { uri } of resources) {
    const [content] = (await mcp.client.readResource({ uri })).contents;
    assert.ok(content !== undefined && "text" in content);
    assert.equal(JSON.parse(content.text).project, "default");
  }
  const { prompts } = await mcp.client.listPrompts();
  assert.deepEqual(prompts.map(({ name }) => name), ["migrate-from-env"]);
  const { messages } = await mcp.client.getPrompt({
    name: "migrate-from-env",
    arguments: { path: "it's \n.env" },
  });
  assert.match(JSON.stringify(messages), /wispkey import 'it'/);
});
