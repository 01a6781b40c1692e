/**
 * An upstream that answers what a test says, byte for byte, and the same request sent through a proxy that searches responses
 * and through one that does not.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import type { FakeCredential } from "../fakes.ts";
import {
  get,
  type RawServer,
  rawServer,
  readSome,
  send,
  withProxy,
  type World,
  writeAll,
} from "../harness.ts";

export const SECRET = "sk-live-4f9c1b7a2e8d6053";

/** Answers each request with bytes (one character a byte); `parts` go out one by one, in turns of the event loop. */
export function answering(respond: (request: string) => string | string[]): RawServer {
  return rawServer(async (connection, received) => {
    let held = "";
    for (let more = await readSome(connection); more !== null; more = await readSome(connection)) {
      held += more;
      if (!held.includes("\r\n\r\n")) continue;
      received.push(held);
      const parts = respond(held);
      held = "";
      for (const part of typeof parts === "string" ? [parts] : parts) {
        await writeAll(connection, part);
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    }
  });
}

/** A response of known length. */
export function plain(body: string | Uint8Array, ...fields: string[]): string {
  const text = typeof body === "string" ? body : Buffer.from(body).toString("latin1");
  return ["HTTP/1.1 200 OK", ...fields, `Content-Length: ${text.length}`, "", text].join("\r\n");
}

/** A response in chunks, each sent by itself. */
export function chunked(pieces: readonly string[], ...fields: string[]): string[] {
  const head = ["HTTP/1.1 200 OK", ...fields, "Transfer-Encoding: chunked", "", ""].join("\r\n");
  return [head, ...pieces.map((piece) => `${piece.length.toString(16)}\r\n${piece}\r\n`), "0\r\n\r\n"];
}

/** What a client got. */
export interface Answered {
  /** Everything, one character a byte. */
  raw: string;
  status: number;
  /** Value of the first field of a name. */
  field: (name: string) => string | undefined;
  /** Content, without chunk sizes. */
  body: string;
}

/** Reads an answer apart. */
export function read(raw: string): Answered {
  const end = raw.indexOf("\r\n\r\n");
  const head = raw.slice(0, end);
  const rest = raw.slice(end + 4);
  const field = (name: string) => new RegExp(`^${name}: *(.*)$`, "im").exec(head)?.[1];
  const body = field("transfer-encoding") === "chunked" ? unchunked(rest) : rest;
  return { raw, status: Number(head.split(" ")[1]), field, body };
}

function unchunked(text: string): string {
  let body = "";
  for (let at = 0; at < text.length;) {
    const line = text.indexOf("\r\n", at);
    const size = parseInt(text.slice(at, line), 16);
    if (!(size > 0)) break;
    body += text.slice(line + 2, line + 2 + size);
    at = line + 2 + size + 2;
  }
  return body;
}

/** A proxy, an upstream and a credential for it. */
export interface Scene extends World {
  upstream: RawServer;
  token: string;
  /** Sends a GET with the token, or without. */
  ask: (
    options?: { path?: string; fields?: string[]; withToken?: boolean; method?: string },
  ) => Promise<Answered>;
}

/** Runs a test in a scene. */
export async function withScene(
  respond: (request: string) => string | string[],
  test: (scene: Scene) => Promise<void>,
  credential: FakeCredential = {},
): Promise<void> {
  const upstream = answering(respond);
  try {
    await withProxy(async (world) => {
      const { token } = world.keyring.add({
        name: "live",
        value: SECRET,
        hosts: `127.0.0.1:${upstream.port}`,
        ...credential,
      });
      const ask: Scene["ask"] = async (
        { path = "/", fields = [], withToken = true, method = "GET" } = {},
      ) => {
        const authorization = withToken ? [`Authorization: Bearer ${token}`] : [];
        const request = get(
          `/to/http/127.0.0.1:${upstream.port}${path}`,
          `Host: 127.0.0.1:${world.port}`,
          ...authorization,
          ...fields,
        );
        return read(await send(world.port, request.replace(/^GET/, method)));
      };
      await test({ ...world, upstream, token, ask });
    });
  } finally {
    await upstream.close();
  }
}

/** The secret as the upstream got it, from the `Authorization` of a request. */
export function sentSecret(request: string): string {
  return /^authorization: Bearer (.*)$/im.exec(request)?.[1] ?? "";
}
