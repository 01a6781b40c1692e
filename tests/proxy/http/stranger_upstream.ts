import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** An upstream with another parser, which writes down what it is asked. */
export class StrangerUpstream implements AsyncDisposable {
  readonly seen: string[] = [];
  readonly #server = createServer((request: IncomingMessage, response: ServerResponse) => {
    let length = 0;
    request.on("data", (piece: Uint8Array) => length += piece.length);
    request.on("end", () => {
      this.seen.push(`${request.method} ${request.url} ${length}`);
      response.end("ok");
    });
  });

  async start(): Promise<number> {
    this.#server.keepAliveTimeout = 60_000;
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return (this.#server.address() as AddressInfo).port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
