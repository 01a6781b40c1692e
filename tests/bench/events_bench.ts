/**
 * What searching costs a stream of events: the time from an event's leaving its server to its arrival at the client.
 *
 * @module
 */

import { figure, spreadText } from "./format.ts";
import type { Product } from "./product.ts";
import type { Section } from "./report.ts";
import { quantile, spread } from "./statistics.ts";

/** What is promised, milliseconds. */
const MOST_ADDED_MS = 5;
const EVENT = `data: {"choices":[{"delta":{"content":"a few words of text"}}]}\n\n`;

/** Sends events one by one, each when the one before has arrived; tells when each left. */
class EventServer {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #serving: Promise<void>;
  #connection: Deno.TcpConn | undefined;

  constructor() {
    this.#serving = this.#serve().catch(() => {
      // The listener was closed.
    });
  }

  get port(): number {
    return this.#listener.addr.port;
  }

  async sendEvent(): Promise<number> {
    const left = performance.now();
    await this.#connection?.write(utf8(`${EVENT.length.toString(16)}\r\n${EVENT}\r\n`));
    return left;
  }

  async endStream(): Promise<void> {
    await this.#connection?.write(utf8("0\r\n\r\n"));
  }

  async end(): Promise<void> {
    this.#listener.close();
    await this.#serving;
    this.#connection?.close();
  }

  async #serve(): Promise<void> {
    for await (const connection of this.#listener) {
      connection.setNoDelay(true);
      this.#connection?.close();
      this.#connection = connection;
      await connection.read(new Uint8Array(4096));
      await connection.write(
        utf8(
          "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n" +
            "Transfer-Encoding: chunked\r\n\r\n",
        ),
      );
    }
  }
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Milliseconds that each event of one stream was under way. */
async function delays(server: EventServer, port: number, path: string, events: number): Promise<number[]> {
  const client = await Deno.connect({ hostname: "127.0.0.1", port });
  const buffer = new Uint8Array(16 * 1024);
  const decoder = new TextDecoder();
  let text = "";
  const until = async (end: string): Promise<void> => {
    while (!text.includes(end)) {
      const read = await client.read(buffer);
      if (read === null) throw new Error(`the stream ended: ${text}`);
      text += decoder.decode(buffer.subarray(0, read), { stream: true });
    }
    text = "";
  };
  try {
    await client.write(utf8(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`));
    await until("\r\n\r\n");
    const found: number[] = [];
    for (let i = 0; i < events; i++) {
      const left = await server.sendEvent();
      await until("\n\n");
      found.push(performance.now() - left);
    }
    await server.endStream();
    return found;
  } finally {
    client.close();
  }
}

/** Events of a host with a secret and of one without, in turns. */
export async function eventDelays(
  product: Product,
  sizes: { events: number; rounds: number },
): Promise<Section> {
  const { events, rounds } = sizes;
  const server = new EventServer();
  const secretServer = new EventServer();
  const directly: number[] = [];
  const unscrubbed: number[] = [];
  const scrubbed: number[] = [];
  try {
    await product.command(
      ...["add", "events", "--hosts", `127.0.0.1:${secretServer.port}`],
      ...["--value", "sk-events-0123456789abcdef"],
    );
    const through = (to: EventServer) =>
      delays(to, product.port, `/to/http/127.0.0.1:${to.port}/events`, events);
    for (let round = 0; round < rounds; round++) {
      directly.push(...await delays(server, server.port, "/events", events));
      unscrubbed.push(...await through(server));
      scrubbed.push(...await through(secretServer));
    }
  } finally {
    await server.end();
    await secretServer.end();
  }
  const median = (values: readonly number[]) => spread(values).median;
  const p99 = (values: readonly number[]) => quantile(values.toSorted((a, b) => a - b), 0.99);
  const added = median(scrubbed) - median(unscrubbed);
  const row = (name: string, values: readonly number[]) => [
    name,
    spreadText(spread(values)),
    figure(p99(values)),
  ];
  return {
    title: "Events",
    method: `${rounds} streams of ${events} events each, one event at a time, uncompressed; milliseconds ` +
      "from an event's leaving its server to its arrival at the client.",
    columns: ["way", "ms, median (least–most)", "99th percentile"],
    rows: [
      row("directly", directly),
      row("through the proxy, host without a secret", unscrubbed),
      row("through the proxy, scrubbed", scrubbed),
    ],
    targets: [{
      text: `scrubbing delays an event by less than ${MOST_ADDED_MS} ms`,
      measured: `${figure(Math.max(0, added))} ms in the median`,
      reached: added < MOST_ADDED_MS,
    }],
    data: { directly, unscrubbed, scrubbed },
  };
}
