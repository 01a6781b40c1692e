/**
 * The host that clients talk to: over TLS and without, JSON that suits every SDK of the table, a WebSocket, a git repository. It
 * says the key back wherever it can, and remembers what it was sent.
 *
 * @module
 */

import type { Seen } from "../e2e/harness.ts";
import { TEST_CERT, TEST_KEY } from "../proxy/test_certificate.ts";
import { GitRepository } from "./git_repository.ts";

/** Name of the host; the certificate is for it. */
export const HOST = "api.test";

/** A running host. */
export class ClientHost implements AsyncDisposable {
  readonly seen: Seen[] = [];
  readonly #servers: Deno.HttpServer<Deno.NetAddr>[];
  readonly #repository: GitRepository;

  /**
   * Starts it on two free ports.
   *
   * @param directory where the repository is made
   * @param password what git has to show
   */
  constructor(directory: string, password: string) {
    this.#repository = new GitRepository(directory, password);
    const common = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
    const answer = (request: Request) => this.#answer(request);
    this.#servers = [
      Deno.serve({ ...common, cert: TEST_CERT, key: TEST_KEY }, answer),
      Deno.serve(common, answer),
    ];
  }

  /** `api.test:PORT` for https. */
  get secure(): string {
    return `${HOST}:${this.#servers[0]?.addr.port}`;
  }

  /** `api.test:PORT` for http. */
  get plain(): string {
    return `${HOST}:${this.#servers[1]?.addr.port}`;
  }

  /** Shuts it down. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.shutdown()));
  }

  async #answer(request: Request): Promise<Response> {
    const { pathname, search } = new URL(request.url);
    const body = new Uint8Array(await request.clone().arrayBuffer());
    this.seen.push({
      method: request.method,
      url: pathname + search,
      headers: Object.fromEntries(request.headers),
      body: new TextDecoder().decode(body),
    });
    if (pathname.startsWith("/repository.git/")) return this.#repository.answer(request, body);
    const heard = `heard ${request.headers.get("authorization") ?? request.headers.get("x-api-key")}`;
    if (request.headers.get("upgrade") === "websocket") {
      const { socket, response } = Deno.upgradeWebSocket(request);
      socket.onopen = () => {
        socket.send(heard);
        socket.close(1000);
      };
      return response;
    }
    return Response.json(answerForAll(heard));
  }
}

/** An answer in which the SDK of each provider finds what it looks for. */
function answerForAll(heard: string): unknown {
  return {
    ok: true,
    heard,
    id: "1",
    login: heard,
    object: "customer",
    type: "message",
    role: "assistant",
    model: "m",
    created: 0,
    content: [{ type: "text", text: heard }],
    choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: heard } }],
    usage: { input_tokens: 1, output_tokens: 1 },
  };
}
