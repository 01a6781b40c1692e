import assert from "node:assert/strict";
import type { AuditEntry } from "../../src/core/audit.ts";
import type { Caller } from "../../src/proxy/callers.ts";
import { UnderWay } from "../../src/proxy/under_way.ts";
import { Opcode } from "../../src/proxy/websocket/frame.ts";
import { withProxy, type World } from "../proxy/harness.ts";
import { RawClient, upgradeFields, webSocketServer } from "../proxy/websocket/support.ts";

const SECRET = "sk-live-the-real-value-0042-and-more";
const AGENT: Caller = { name: "agent", kind: "run", project: null, credentials: null, intercept: false };

interface Open extends World {
  client: RawClient;
  token: string;
  host: string;
  /** The server's messages come when this is called. */
  push: (text: string) => void;
  /** Ends the caller; whoever speaks next is told. */
  revoke: () => void;
  /** Told of what is taken away. */
  underWay: UnderWay;
}

/** A WebSocket that was opened with a secret by a caller who may write it into messages, too. */
async function withOpen(place: "header" | "ws", test: (open: Open) => Promise<void>): Promise<void> {
  let known = true;
  let socket: WebSocket | undefined;
  const underWay = new UnderWay();
  const server = webSocketServer((data) => void socket?.send(data), (_, opened) => void (socket = opened));
  try {
    await withProxy(async (world) => {
      const host = `127.0.0.1:${server.port}`;
      const { token } = world.keyring.add({
        name: "k",
        hosts: host,
        value: SECRET,
        ...(place === "ws" ? { type: "api_key" as const, place: { in: "ws" as const } } : {}),
      });
      const fields = place === "ws" ? [] : [`Authorization: Bearer ${token}`];
      const client = await RawClient.open(world.port, `/to/ws/${host}/`, ...upgradeFields(...fields));
      try {
        await client.send(Opcode.text, "hello");
        assert.equal(await client.message(), "hello");
        const push = (text: string) => void socket?.send(text);
        await test({ ...world, client, token, host, push, revoke: () => void (known = false), underWay });
      } finally {
        client.close();
      }
    }, { ports: { callers: { authenticate: () => known ? AGENT : null }, underWay } });
  } finally {
    await server.close();
  }
}

async function closeReason(client: RawClient): Promise<string> {
  for (;;) {
    const frame = await client.receive();
    assert(frame, "the connection ended without a word");
    assert.equal(frame.opcode, Opcode.close, `a message came through: ${frame.text}`);
    return frame.text.slice(2);
  }
}

Deno.test("a caller that was revoked says nothing more over the WebSocket it has opened", () =>
  withOpen("header", async ({ client, revoke }) => {
    revoke();
    await client.send(Opcode.text, "one more thing");
    assert.equal(await closeReason(client), "caller_refused");
  }));

Deno.test("a caller that was revoked hears nothing more over it either", () =>
  withOpen("header", async ({ client, revoke, push }) => {
    revoke();
    push("what only the credential may see");
    assert.equal(await closeReason(client), "caller_refused");
  }));

Deno.test("a caller that was revoked has no secret put into a message", () =>
  withOpen("ws", async ({ client, revoke, token, keyring }) => {
    await client.send(Opcode.text, token);
    assert.equal(await client.message(), token, "sent as the secret, and scrubbed on its way back");
    const before = keyring.handedOut.length;
    revoke();
    await client.send(Opcode.text, token);
    assert.equal(await closeReason(client), "caller_refused");
    assert.equal(keyring.handedOut.length, before);
  }));

Deno.test("a credential that was removed ends the WebSockets that were opened with it", () =>
  withOpen("header", async ({ client, keyring }) => {
    keyring.find = () => ({ kind: "retired", credentialName: "k", reason: "removed" });
    await client.send(Opcode.text, "one more thing");
    assert.equal(await closeReason(client), "credential_changed");
  }));

Deno.test("hosts that were narrowed end them, and a new description does not", () =>
  withOpen("header", async ({ client, keyring, token }) => {
    const match = keyring.find(token);
    assert(match.kind === "live");
    keyring.find = () => ({ kind: "live", credential: { ...match.credential } });
    await client.send(Opcode.text, "still here");
    assert.equal(await client.message(), "still here");
    keyring.find = () => ({ kind: "live", credential: { ...match.credential, hosts: [] } });
    await client.send(Opcode.text, "one more thing");
    assert.equal(await closeReason(client), "credential_changed");
  }));

Deno.test("one on which nobody says anything ends as well, and the log says why", () =>
  withOpen("header", async ({ client, revoke, underWay, audit }) => {
    const finished = Promise.withResolvers<AuditEntry>();
    audit.note = (row) => row.event === "CredentialUseFinished" && finished.resolve(row);
    revoke();
    underWay.rightsChanged();
    assert.equal(await closeReason(client), "caller_refused");
    assert.equal(await client.receive(), null);
    client.close();
    const { status, reason } = await finished.promise;
    assert.deepEqual([status, reason], [101, "caller_refused"]);
  }));

Deno.test("a person who locks the vault ends it; a vault that locks itself does not", () =>
  withOpen("header", async ({ client, keyring, underWay, push }) => {
    keyring.locked = true;
    underWay.rightsChanged();
    push("still here");
    assert.equal(await client.message(), "still here");
    underWay.shut();
    assert.equal(await closeReason(client), "vault_locked");
  }));
