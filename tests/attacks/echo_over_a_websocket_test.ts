import assert from "node:assert/strict";
import { Opcode } from "../../src/proxy/websocket/frame.ts";
import { withProxy } from "../proxy/harness.ts";
import { RawClient, upgradeFields, webSocketServer } from "../proxy/websocket/support.ts";

const SECRET = "sk-live-the-real-value-0042-and-more";

// The host is one that tells its clients what they sent in the handshake, as echo services and debuggers do.
Deno.test("a host that echoes the handshake's key into a message does not bring it through", async () => {
  const server = webSocketServer(
    (_, socket) => socket.send(kept),
    (request) => void (kept = `you are ${request.headers.get("authorization")}`),
  );
  let kept = "";
  try {
    await withProxy(async ({ keyring, port, audit }) => {
      const host = `127.0.0.1:${server.port}`;
      const { token } = keyring.add({ hosts: host, value: SECRET });
      const act = async () => {
        const fields = upgradeFields(`Authorization: Bearer ${token}`);
        const client = await RawClient.open(port, `/to/ws/${host}/`, ...fields);
        await client.send(Opcode.text, "who am I?");
        const answer = await client.message();
        client.close();
        return answer;
      };
      keyring.scrubs = false;
      assert.equal(await act(), `you are Bearer ${SECRET}`, "the attack works against a naive proxy");
      keyring.scrubs = true;
      assert.equal(await act(), `you are Bearer ${token}`);
      assert.ok(audit.rows.some(({ event }) => event === "ResponseScrubbed"));
    });
  } finally {
    await server.close();
  }
});
