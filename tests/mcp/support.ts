/**
 * The MCP server as a real process, and the official client that talks to it.
 *
 * @module
 */

import assert from "node:assert/strict";
import { Client, type Transport } from "@modelcontextprotocol/client";
import type { Home } from "../e2e/harness.ts";

/** What a tool answered. */
export interface Called {
  /** Whether it is an error of the tool. */
  isError: boolean;
  /** Its text. */
  text: string;
  // deno-lint-ignore no-explicit-any -- the shapes are asserted by the tests that read them
  structured: any;
}

/** `wispkey mcp serve` with a client on its other end. Dispose of it with `await using`. */
export class McpProcess implements AsyncDisposable {
  readonly client: Client;
  readonly #child: Deno.ChildProcess;
  readonly #lines: string[] = [];
  readonly #stderr: Promise<string>;
  readonly #reading: Promise<void>;

  private constructor(client: Client, child: Deno.ChildProcess) {
    this.client = client;
    this.#child = child;
    this.#stderr = new Response(child.stderr).text();
    this.#reading = Promise.resolve();
  }

  /** Starts it in a home and shakes hands. The password is not in its environment unless `env` puts it there. */
  static async start(
    home: Home,
    options: { env?: Record<string, string>; protocol?: "auto" | "legacy" } = {},
  ): Promise<McpProcess> {
    const child = home.command(["mcp", "serve"], {
      stdin: "piped",
      env: { WISPKEY_PASSWORD: "", ...options.env },
    }).spawn();
    const transport = new PipeTransport(child);
    const client = new Client({ name: "test", version: "1.0.0" }, {
      versionNegotiation: { mode: options.protocol ?? "auto" },
    });
    const process = new McpProcess(client, child);
    transport.onLine = (line) => process.#lines.push(line);
    await client.connect(transport);
    return process;
  }

  /** Calls a tool. */
  async call(name: string, args: Record<string, unknown> = {}): Promise<Called> {
    return called(await this.client.callTool({ name, arguments: args }));
  }

  /** Calls a tool that must succeed. */
  // deno-lint-ignore no-explicit-any -- the shapes are asserted by the tests that read them
  async ok(name: string, args: Record<string, unknown> = {}): Promise<any> {
    const { isError, text, structured } = await this.call(name, args);
    assert.ok(!isError, `${name}: ${text}`);
    return structured;
  }

  /** Calls a tool that must fail; answers its text. */
  async fails(name: string, args: Record<string, unknown> = {}): Promise<string> {
    const { isError, text } = await this.call(name, args);
    assert.ok(isError, `${name} did not fail: ${text}`);
    return text;
  }

  /** Everything that stood on standard output so far. */
  get stdout(): readonly string[] {
    return this.#lines;
  }

  /** Hangs up; answers how it ended and what it wrote to standard error. */
  async end(): Promise<{ code: number; stderr: string }> {
    await this.client.close();
    const { code } = await this.#child.status;
    await this.#reading;
    return { code, stderr: await this.#stderr };
  }

  /** Hangs up. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
  }
}

/** What the client's answer to a call says. */
export function called(result: unknown): Called {
  const { content, isError, structuredContent } = result as {
    content: { type: string; text?: string }[];
    isError?: boolean;
    structuredContent?: unknown;
  };
  return {
    isError: isError === true,
    text: content.map(({ text }) => text ?? "").join("\n"),
    structured: structuredContent,
  };
}

/** Lines of JSON over a process's pipes; every line of its output has to be one. */
class PipeTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: NonNullable<Transport["onmessage"]>;
  onLine: (line: string) => void = () => {};
  readonly #child: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  #reading: Promise<void> = Promise.resolve();

  constructor(child: Deno.ChildProcess) {
    this.#child = child;
    this.#writer = child.stdin.getWriter();
  }

  start(): Promise<void> {
    this.#reading = this.#read();
    return Promise.resolve();
  }

  async send(message: unknown): Promise<void> {
    await this.#writer.write(new TextEncoder().encode(`${JSON.stringify(message)}\n`));
  }

  async close(): Promise<void> {
    await this.#writer.close().catch(() => {}); // It may have ended before.
    await this.#reading;
    this.onclose?.();
  }

  async #read(): Promise<void> {
    let rest = "";
    for await (const text of this.#child.stdout.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        this.onLine(line);
        this.onmessage?.(JSON.parse(line));
      }
    }
    assert.equal(rest, "", "the output ends with a whole line");
  }
}
