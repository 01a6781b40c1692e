/**
 * Serves clients over Streamable HTTP on loopback. Who calls shows a bearer token; a web page can neither send the token nor
 * reach the server under another name (DNS rebinding).
 *
 * @module
 */

import { hash } from "node:crypto";
import { equalInConstantTime } from "../core/bytes.ts";
import { FailedError } from "../core/errors.ts";
import type { McpContext } from "./context.ts";
import { type HttpHandler, httpHandler, type Serving } from "./server.ts";

/** Where the protocol is spoken. */
const MCP_PATH = "/mcp";
const TOKEN_BYTES = 32;
/** How long requests under way may go on when the server ends, milliseconds. */
const DRAIN_MS = 1_000;

/** An open server. */
export interface HttpServer extends Serving {
  /** `http://127.0.0.1:PORT/mcp`. */
  readonly url: string;
  /** What clients send as `Authorization: Bearer`; new for each server. */
  readonly token: string;
}

/** Serves the tools, resources and prompts; see {@linkcode serveHandler}. */
export function serveOverHttp(context: McpContext, port: number): HttpServer {
  return serveHandler(httpHandler(context), port);
}

/**
 * Begins to listen on 127.0.0.1, and lets through to the handler who may call.
 *
 * @param port 0 takes any free one
 * @throws {FailedError} `port_in_use`, `port_not_allowed`.
 */
export function serveHandler(handler: HttpHandler, port: number): HttpServer {
  const token = crypto.getRandomValues(new Uint8Array(TOKEN_BYTES)).toBase64({
    alphabet: "base64url",
    omitPadding: true,
  });
  const digest = digestOf(token);
  const server = listen(port, (request, { completed }) => {
    const refused = refusal(request, server.addr.port, digest);
    if (refused !== null) return refused;
    // The request's own signal would be aborted by success, too, and Deno warns of whoever listens to it.
    const hungUp = new AbortController();
    completed.catch(() => hungUp.abort());
    const { url, method, headers, body } = request;
    return handler.fetch(new Request(url, { method, headers, body, signal: hungUp.signal }));
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}${MCP_PATH}`,
    token,
    async close() {
      await handler.close();
      // A client that never ends its request would keep it open for ever; what is left ends with the process.
      const { promise: late, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, DRAIN_MS);
      await Promise.race([server.shutdown(), late]);
      clearTimeout(timer);
    },
  };
}

function listen(
  port: number,
  handle: Deno.ServeHandler<Deno.NetAddr>,
): Deno.HttpServer<Deno.NetAddr> {
  try {
    return Deno.serve({ hostname: "127.0.0.1", port, onListen: () => {} }, handle);
  } catch (error) {
    const isTaken = error instanceof Deno.errors.AddrInUse;
    if (!isTaken && !(error instanceof Deno.errors.PermissionDenied)) throw error;
    throw new FailedError(
      `cannot listen on port ${port}: ${isTaken ? "it is in use" : "the system does not allow it"}`,
      {
        code: isTaken ? "port_in_use" : "port_not_allowed",
        hint: "wispkey mcp serve --http --port 0",
        cause: error,
      },
    );
  }
}

/** Why a request is not served; null if it is. */
function refusal(request: Request, port: number, digest: Uint8Array): Response | null {
  const names = [`127.0.0.1:${port}`, `localhost:${port}`];
  const { headers } = request;
  if (!names.includes(headers.get("host") ?? "")) return refuse(421, "its Host is not this server's");
  const origin = headers.get("origin");
  if (origin !== null && !names.some((name) => origin === `http://${name}`)) {
    return refuse(403, "it comes from a web page");
  }
  if (new URL(request.url).pathname !== MCP_PATH) return refuse(404, `the protocol is spoken at ${MCP_PATH}`);
  const shown = /^Bearer ([\w-]{1,128})$/i.exec(headers.get("authorization") ?? "")?.[1];
  if (shown === undefined || !equalInConstantTime(digestOf(shown), digest)) {
    return refuse(401, "it does not show the bearer token that the server printed at its start", {
      "WWW-Authenticate": 'Bearer realm="wispkey"',
    });
  }
  return null;
}

function refuse(status: number, why: string, headers: Record<string, string> = {}): Response {
  const error = { code: -32_000, message: `cannot serve the request: ${why}` };
  return Response.json({ jsonrpc: "2.0", id: null, error }, {
    status,
    headers: { "Cache-Control": "no-store", ...headers },
  });
}

function digestOf(token: string): Uint8Array {
  return hash("sha256", token, "buffer");
}
