import assert from "node:assert/strict";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { Api, Home } from "../e2e/harness.ts";
import { HttpProcess } from "./http_server.ts";
import { called } from "./support.ts";

const SECRET = "sk-real-value-behind-http";
const PING = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "ping" });

/** Sends raw bytes, as a browser or another program might; answers the status line. */
async function raw(url: string, text: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = await Deno.connect({ hostname, port: Number(port) });
  await socket.write(new TextEncoder().encode(text));
  const buffer = new Uint8Array(4096);
  const count = await socket.read(buffer);
  socket.close();
  return new TextDecoder().decode(buffer.subarray(0, count ?? 0)).split("\r\n")[0] ?? "";
}

for (const mode of ["auto", "legacy"] as const) {
  Deno.test(`over HTTP (${mode}) the official client uses every way that stdio has, and two clients share the server`, async () => {
    await using home = await Home.withVault();
    await using api = new Api();
    await home.ok("add", "k", "--value", SECRET, "--hosts", api.host);
    await using server = await HttpProcess.start(home);
    const connect = async () => {
      const client = new Client({ name: "test", version: "1.0.0" }, { versionNegotiation: { mode } });
      await client.connect(
        new StreamableHTTPClientTransport(new URL(server.url), {
          requestInit: { headers: { Authorization: `Bearer ${server.token}` } },
        }),
      );
      return client;
    };
    const clients = await Promise.all([connect(), connect()]);
    for (const client of clients) {
      const { tools } = await client.listTools();
      assert.ok(tools.some(({ name }) => name === "wispkey_request"));
      const answer = called(
        await client.callTool({
          name: "wispkey_request",
          arguments: { url: `http://${api.host}/`, credential: "k" },
        }),
      );
      assert.equal(answer.structured.status, 200, answer.text);
      assert.equal(api.last?.headers.authorization, `Bearer ${SECRET}`);
    }
    for (const client of clients) await client.close();
    const { code, stdout, stderr } = await server.end();
    assert.equal(code, 0);
    assert.equal(stdout, "", "nothing but the protocol may stand there, and that goes over HTTP");
    assert.equal(stderr.trim().split("\n").length, 3, stderr);
    assert.equal(stderr.split(server.token).length, 2, "the token is printed once");
  });
}

Deno.test("without the token, with a wrong one, under another name, from a page: nobody gets in", async () => {
  await using home = await Home.withVault();
  await using server = await HttpProcess.start(home);
  const { host } = new URL(server.url);
  const status = async (headers: Record<string, string>) => {
    const answer = await server.post(PING, headers);
    await answer.body?.cancel();
    return answer.status;
  };
  assert.equal(await status({}), 200);
  const wrong = `${server.token.startsWith("A") ? "B" : "A"}${server.token.slice(1)}`;
  for (const shown of ["", "Bearer", "Bearer ", `Bearer ${wrong}`, `Basic ${server.token}`, server.token]) {
    assert.equal(await status({ Authorization: shown }), 401, shown);
  }
  assert.equal(await status({ Origin: `http://${host}` }), 200);
  for (const origin of ["null", "http://evil.example", "http://localhost:3000", `https://${host}`, ""]) {
    assert.equal(await status({ Origin: origin }), 403, origin);
  }
  const head = (name: string) =>
    `POST /mcp HTTP/1.1\r\nHost: ${name}\r\nAuthorization: Bearer ${server.token}\r\nContent-Type: application/json\r\n` +
    `Accept: application/json, text/event-stream\r\nContent-Length: ${PING.length}\r\nConnection: close\r\n\r\n${PING}`;
  assert.match(await raw(server.url, head(host)), / 200 /);
  for (
    const name of ["evil.example", `evil.example:${new URL(server.url).port}`, "127.0.0.1", `${host}@evil`]
  ) {
    assert.match(await raw(server.url, head(name)), / 4\d\d /, name);
  }
  const elsewhere = await fetch(server.url.replace("/mcp", "/"), {
    headers: { Authorization: `Bearer ${server.token}` },
  });
  await elsewhere.body?.cancel();
  assert.equal(elsewhere.status, 404);
});

Deno.test("a body that is too long, none, or no JSON is refused, and the server goes on", async () => {
  await using home = await Home.withVault();
  await using server = await HttpProcess.start(home);
  const status = async (body: BodyInit) => {
    const answer = await server.post(body);
    await answer.body?.cancel();
    return answer.status;
  };
  assert.equal(await status("x".repeat(4 * 1024 * 1024 + 1)), 413);
  for (const body of ["", "{", "[]", "null", '"x"', '{"jsonrpc":"2.0"}', "\0", "[".repeat(100_000)]) {
    const answered = await status(body);
    assert.ok(answered >= 400 && answered < 500, `${body.slice(0, 20)}: ${answered}`);
  }
  assert.equal(await status(PING), 200);
});

Deno.test("a port that is taken is told as an error", async () => {
  await using home = await Home.withVault();
  const taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { code, stderr } = await home.run(["mcp", "serve", "--http", "--port", String(taken.addr.port)], {
    env: { WISPKEY_PASSWORD: "" },
  });
  taken.close();
  assert.equal(code, 1);
  assert.match(stderr, /cannot listen on port \d+: it is in use/);
  const { code: usage } = await home.run(["mcp", "serve", "--port", "1"], { env: { WISPKEY_PASSWORD: "" } });
  assert.equal(usage, 2);
});

Deno.test("a client that never ends its request does not keep the server from ending", async () => {
  await using home = await Home.withVault();
  const server = await HttpProcess.start(home);
  const { hostname, port, host } = new URL(server.url);
  using socket = await Deno.connect({ hostname, port: Number(port) });
  await socket.write(new TextEncoder().encode(
    `POST /mcp HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${server.token}\r\nContent-Type: application/json\r\n` +
      'Accept: application/json, text/event-stream\r\nContent-Length: 100\r\n\r\n{"jsonrpc"',
  ));
  const ping = await server.post(PING);
  await ping.body?.cancel();
  assert.equal(ping.status, 200);
  const { code, stderr } = await server.end();
  assert.equal(code, 0, stderr);
});
