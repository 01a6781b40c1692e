/**
 * Large bodies arrive whole, in both directions and both framings, through the real daemon.
 */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Home } from "../e2e/harness.ts";

const MEBIBYTES = Number(Deno.env.get("WISPKEY_SOAK_MIB") ?? 16);
const SECRET = "sk-large-bodies";
const MIB = 1024 * 1024;
const CHUNK = new Uint8Array(MIB);
// In pieces, because one call draws at most 64 KiB.
for (let at = 0; at < MIB; at += 65_536) crypto.getRandomValues(CHUNK.subarray(at, at + 65_536));

/** Writes the body, chunk after chunk, as fast as the other side takes it. */
async function send(stream: NodeJS.WritableStream): Promise<void> {
  for (let index = 0; index < MEBIBYTES; index++) {
    if (!stream.write(CHUNK)) await once(stream, "drain");
  }
  stream.end();
}

/** What the body hashes to. */
function expected(): string {
  const hash = createHash("sha256");
  for (let index = 0; index < MEBIBYTES; index++) hash.update(CHUNK);
  return hash.digest("hex");
}

async function digest(stream: IncomingMessage): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of stream) hash.update(chunk);
  return hash.digest("hex");
}

/** Answers a POST with the digest of its body, a GET with the body. */
async function startServer(): Promise<{ server: Server; host: string }> {
  const server = createServer((incoming, outgoing) => {
    if (incoming.headers.authorization !== `Bearer ${SECRET}`) {
      outgoing.writeHead(401).end();
      return;
    }
    if (incoming.method === "POST") {
      digest(incoming).then((hex) => outgoing.end(hex));
      return;
    }
    if (incoming.url === "/length") outgoing.setHeader("content-length", MEBIBYTES * MIB);
    void send(outgoing);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { server, host: `127.0.0.1:${(server.address() as AddressInfo).port}` };
}

Deno.test("large bodies arrive whole in both directions, with a length and in chunks", async (t) => {
  await using home = await Home.withVault();
  const { server, host } = await startServer();
  try {
    const { credential } = await home.json("add", "large", "--value", SECRET, "--hosts", host);
    const { port } = await home.json("serve", "--random-port", "--daemon");
    const headers = { authorization: `Bearer ${credential.wisp_token}` };
    const ask = async (method: string, path: string, more: Record<string, string | number> = {}) => {
      const outgoing = request({
        host: "127.0.0.1",
        port,
        method,
        path: `/to/http/${host}${path}`,
        headers: { ...headers, ...more },
        agent: false,
      });
      const answered = once(outgoing, "response");
      if (method === "POST") await send(outgoing);
      else outgoing.end();
      const [incoming] = await answered as [IncomingMessage];
      assert.equal(incoming.statusCode, 200);
      return incoming;
    };
    const whole = expected();
    const told = async (incoming: IncomingMessage) => {
      let text = "";
      for await (const chunk of incoming) text += chunk;
      return text;
    };

    await t.step(
      "down, with a length",
      async () => assert.equal(await digest(await ask("GET", "/length")), whole),
    );
    await t.step(
      "down, in chunks",
      async () => assert.equal(await digest(await ask("GET", "/chunks")), whole),
    );
    await t.step("up, with a length", async () => {
      assert.equal(await told(await ask("POST", "/up", { "content-length": MEBIBYTES * MIB })), whole);
    });
    await t.step("up, in chunks", async () => {
      assert.equal(await told(await ask("POST", "/up", { "transfer-encoding": "chunked" })), whole);
    });
  } finally {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  }
});
