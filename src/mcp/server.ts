/**
 * The server on the official SDK: one set of tools, resources and prompts for every client, whatever version of the protocol
 * it speaks.
 *
 * @module
 */

import process from "node:process";
import { PassThrough, type Readable, type Writable } from "node:stream";
import { setImmediate } from "node:timers";
import {
  createMcpHandler,
  type JSONRPCMessage,
  McpServer,
  ProtocolError,
  ProtocolErrorCode,
  type ReadResourceResult,
} from "@modelcontextprotocol/server";
import { serveStdio, StdioServerTransport } from "@modelcontextprotocol/server/stdio";
import { z } from "zod";
import { VERSION } from "../core/version.ts";
import { logger } from "../platform/logging.ts";
import type { McpContext } from "./context.ts";
import { FOREIGN_TEXT_NOTICE } from "./foreign_text.ts";
import { type FilePrompt, MAX_PATH, PROMPTS } from "./prompts.ts";
import { type JsonResource, RESOURCES } from "./resources.ts";
import { errorText, type Tool } from "./tool.ts";
import { TOOLS } from "./tools/mod.ts";

const log = logger("mcp");

/** Longest message of a client, bytes. */
export const MAX_MESSAGE_BYTES: number = 4 * 1024 * 1024;
/** Answers may take so long after a client's last word, milliseconds: who hangs up for good wants the server to end. */
const ANSWER_MS = 5_000;
/** Most members and elements of one call's arguments. */
const MAX_INPUT_ELEMENTS = 2_000;

const INSTRUCTIONS =
  "WispKey keeps API keys that you never see. You hold wisp tokens (wk_…) instead; the local proxy puts the real key in, " +
  "only at the hosts and the place its owner allowed. To call an API: wispkey_how_to_call with its URL gives the token and " +
  "ready code; wispkey_request makes the request for you. Never ask for, print or look for the keys themselves. If something " +
  "is refused, wispkey_explain_denial says why, and wispkey_request_access asks the person for it. Only a person can unlock " +
  `the vault or widen what a key may do. ${FOREIGN_TEXT_NOTICE}`;

/** Something that serves until it is closed. */
export interface Serving {
  /** Ends it; what is under way is cut off. */
  close(): Promise<void>;
}

/** A server of requests as they come in over HTTP, each for itself. */
export interface HttpHandler extends Serving {
  /** Answers one. */
  fetch(request: Request): Promise<Response>;
}

/** Serving over the standard streams. */
export interface StdioServing extends Serving {
  /** Settles when it has ended: closed, because the client hung up, or because it sent too long a message. */
  readonly ended: Promise<void>;
}

/** Serves one client over the standard streams of this process. */
export function stdioServing(context: McpContext): StdioServing {
  const transport = new PatientTransport(process.stdin, process.stdout, MAX_MESSAGE_BYTES);
  const handle = serveStdio(() => createServer(context), {
    transport,
    onerror: (error) => log.warn("a message could not be served", { error }),
  });
  return { ended: transport.ended, close: () => handle.close() };
}

/**
 * The standard streams as a client's connection. A client that has said all it wants to say and closes its end
 * (`printf … | wispkey mcp serve`) still gets the answers to what it asked; the SDK would drop them.
 */
class PatientTransport extends StdioServerTransport {
  readonly #input: PassThrough;
  /** Ids of requests that are not answered. */
  readonly #asked = new Set<unknown>();
  readonly #ended = Promise.withResolvers<void>();
  #deadline: ReturnType<typeof setTimeout> | undefined;
  #isLast = false;

  /**
   * Reads nothing before it is started.
   *
   * @param maxMessage longest message, bytes; a longer one ends the connection
   */
  constructor(input: Readable, output: Writable, maxMessage: number) {
    const held = new PassThrough();
    super(held, output, { maxBufferSize: maxMessage });
    this.#input = held;
    input.pipe(held, { end: false });
    for (const event of ["end", "close", "error"]) input.once(event, () => this.#lastWord());
  }

  /** Settles when it is closed, by whomever. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  /** Begins to read. */
  override async start(): Promise<void> {
    const deliver = this.onmessage;
    this.onmessage = (message) => {
      if ("method" in message && "id" in message) this.#asked.add(message.id);
      deliver?.(message);
    };
    await super.start();
  }

  /** Sends a message to the client. */
  override async send(message: JSONRPCMessage): Promise<void> {
    try {
      await super.send(message);
    } finally {
      if (!("method" in message)) this.#asked.delete(message.id);
      this.#endIfAnswered();
    }
  }

  /** Ends it; what is under way is cut off. */
  override async close(): Promise<void> {
    clearTimeout(this.#deadline);
    await super.close();
    this.#ended.resolve();
  }

  #lastWord(): void {
    if (this.#isLast) return;
    this.#isLast = true;
    this.#deadline = setTimeout(() => this.#input.end(), ANSWER_MS);
    // What was piped before is delivered first.
    setImmediate(() => this.#endIfAnswered());
  }

  #endIfAnswered(): void {
    if (this.#isLast && this.#asked.size === 0 && this.#input.readableLength === 0) this.#input.end();
  }
}

/** Serves any number of clients over Streamable HTTP. Who they are is for the caller to find out. */
export function httpHandler(context: McpContext): HttpHandler {
  return createMcpHandler(() => createServer(context), {
    maxRequestBodySize: MAX_MESSAGE_BYTES,
    onerror: (error) => log.warn("a request could not be served", { error }),
  });
}

/** A server for one connection or one request; what is kept between calls is in the context. */
function createServer(context: McpContext): McpServer {
  const server = new McpServer(
    { name: "wispkey", title: "WispKey", version: VERSION },
    { instructions: INSTRUCTIONS, maxToolInputElements: MAX_INPUT_ELEMENTS },
  );
  for (const tool of TOOLS) addTool(server, tool, context);
  for (const resource of RESOURCES) addResource(server, resource, context);
  for (const prompt of PROMPTS) addPrompt(server, prompt);
  return server;
}

function addTool(server: McpServer, tool: Tool, context: McpContext): void {
  const { name, title, description, annotations } = tool;
  server.registerTool(name, {
    title,
    description,
    annotations: { title, ...annotations },
    // What tools call a schema is one of zod.
    inputSchema: tool.input as z.ZodObject,
    outputSchema: tool.output as z.ZodObject,
  }, async (args, { mcpReq }) => ({ ...await tool.call(args, context, mcpReq.signal) }));
}

function addResource(server: McpServer, resource: JsonResource, context: McpContext): void {
  const { name, uri, title, description } = resource;
  const mimeType = "application/json";
  server.registerResource(
    name,
    uri,
    { title, description, mimeType },
    async (): Promise<ReadResourceResult> => {
      try {
        const value = { notice: FOREIGN_TEXT_NOTICE, ...await resource.read(context) };
        return { contents: [{ uri, mimeType, text: JSON.stringify(value, null, 2) }] };
      } catch (error) {
        // A resource has no errors of its own, so it is the protocol's.
        throw new ProtocolError(ProtocolErrorCode.InternalError, errorText(`the resource ${name}`, error));
      }
    },
  );
}

function addPrompt(server: McpServer, prompt: FilePrompt): void {
  const { name, title, description } = prompt;
  const argsSchema = z.object({ path: z.string().max(MAX_PATH).optional().describe(prompt.path) });
  server.registerPrompt(name, { title, description, argsSchema }, ({ path }) => ({
    messages: [{ role: "user", content: { type: "text", text: prompt.text(path) } }],
  }));
}
