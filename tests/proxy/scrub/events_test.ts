import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import zlib from "node:zlib";
import { get, rawServer, readSome, withProxy, writeAll } from "../harness.ts";
import { SECRET } from "./support.ts";

/** Sends events one at a time; each only once the client has seen the one before. */
async function eventByEvent(
  fields: string,
  pieces: readonly Uint8Array[],
  ends: readonly string[],
  value = SECRET,
): Promise<string> {
  const seen = pieces.map(() => Promise.withResolvers<void>());
  const upstream = rawServer(async (connection) => {
    await readSome(connection);
    await writeAll(connection, `HTTP/1.1 200 OK\r\n${fields}Transfer-Encoding: chunked\r\n\r\n`);
    for (const [i, piece] of pieces.entries()) {
      await writeAll(
        connection,
        `${piece.length.toString(16)}\r\n${Buffer.from(piece).toString("latin1")}\r\n`,
      );
      await seen[i]?.promise;
    }
    await writeAll(connection, "0\r\n\r\n");
  });
  let text = "";
  try {
    await withProxy(async ({ port, keyring }) => {
      const { token } = keyring.add({ hosts: `127.0.0.1:${upstream.port}`, value });
      const client = await Deno.connect({ hostname: "127.0.0.1", port });
      await writeAll(
        client,
        get(`/to/http/127.0.0.1:${upstream.port}/`, `Host: 127.0.0.1:${port}`),
      );
      for (const [i, end] of ends.entries()) {
        while (!text.includes(end)) text += await readSome(client) ?? assert.fail(`it ended without ${end}`);
        seen[i]?.resolve();
      }
      for (let more = await readSome(client); more !== null; more = await readSome(client)) text += more;
      client.close();
      text = text.replaceAll(token, "(token)");
    });
  } finally {
    await upstream.close();
  }
  return text;
}

const event = (text: string) => Buffer.from(`data: ${text}\n\n`);

Deno.test("each event leaves before the next is sent, scrubbed", async () => {
  const text = await eventByEvent(
    "Content-Type: text/event-stream\r\n",
    [event("one"), event(`<${SECRET}>`), event("three")],
    ["data: one\n\n", "data: <", "data: three\n\n"],
  );
  assert.ok(text.includes("data: <(token)>\n\n") && !text.includes(SECRET), text);
});

Deno.test("so it does where a secret has line breaks itself, and where lines end with CR LF", async () => {
  const value = "first line of a secret\nsecond line of a secret";
  const text = await eventByEvent(
    "Content-Type: text/event-stream\r\n",
    [event("one"), Buffer.from(`data: ${value}\r\n\r\n`), event("three")],
    ["data: one\n\n", "data: wk_", "data: three\n\n"],
    value,
  );
  assert.ok(text.includes("data: (token)\r\n\r\n"), text);
});

Deno.test("events compressed piece by piece leave as they come, too", async () => {
  const options = { finishFlush: zlib.constants.Z_SYNC_FLUSH };
  const pieces = [
    new Uint8Array(zlib.gzipSync(event("one"), options)),
    new Uint8Array(zlib.deflateRawSync(event(`<${SECRET}>`), options)),
  ];
  // It breaks off in the end, because the coding is not complete; by then every event has arrived.
  const text = await eventByEvent(
    "Content-Type: text/event-stream\r\nContent-Encoding: gzip\r\n",
    pieces,
    ["data: one\n\n", "data: <"],
  );
  assert.ok(text.includes("data: <(token)>\n\n") && !text.endsWith("0\r\n\r\n"), text);
});
