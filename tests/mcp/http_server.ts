/**
 * `wispkey mcp serve --http` as a real process.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { Home } from "../e2e/harness.ts";

/** The process, and what it printed of itself. Dispose of it with `await using`. */
export class HttpProcess implements AsyncDisposable {
  readonly url: string;
  readonly token: string;
  readonly #child: Deno.ChildProcess;
  readonly #reader: ReadableStreamDefaultReader<string>;
  #stderr: string;

  private constructor(child: Deno.ChildProcess, reader: ReadableStreamDefaultReader<string>, stderr: string) {
    this.#child = child;
    this.#reader = reader;
    this.#stderr = stderr;
    this.url = /http:\S+/.exec(stderr)?.[0] ?? "";
    this.token = /Bearer (\S+)/.exec(stderr)?.[1] ?? "";
  }

  /** Starts it in a home. */
  static async start(home: Home): Promise<HttpProcess> {
    const child = home.command(["mcp", "serve", "--http"], { env: { WISPKEY_PASSWORD: "" } }).spawn();
    const reader = child.stderr.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    while (!text.includes("Ctrl-C")) {
      const { value, done } = await reader.read();
      assert.ok(!done, `it ended: ${text}`);
      text += value;
    }
    return new HttpProcess(child, reader, text);
  }

  /** Sends a request of JSON-RPC. */
  post(body: BodyInit, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(this.url, {
      method: "POST",
      body,
      headers: {
        "Content-Type": "application/json",
        "Accept": "application/json, text/event-stream",
        "Authorization": `Bearer ${this.token}`,
        ...headers,
      },
    });
  }

  /** Ends it with SIGTERM; answers what it left. */
  async end(): Promise<{ code: number; stdout: string; stderr: string }> {
    this.#child.kill("SIGTERM");
    const { code } = await this.#child.status;
    for (let read = await this.#reader.read(); !read.done; read = await this.#reader.read()) {
      this.#stderr += read.value;
    }
    return { code, stdout: await new Response(this.#child.stdout).text(), stderr: this.#stderr };
  }

  /** Ends it. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#child.stdout.locked) await this.end();
  }
}
