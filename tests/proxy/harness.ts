/**
 * Real sockets around a real proxy: an upstream that reports what it received byte for byte, and a client that sends
 * exactly the bytes it is told to.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import type { ProxyNetwork } from "../../src/proxy/network.ts";
import type { PolicyPort, ProxyLimits, ProxyPorts } from "../../src/proxy/ports.ts";
import { Proxy, type ProxyOptions } from "../../src/proxy/proxy.ts";
import { FakeAudit, FakeKeyring, NO_POLICIES } from "./fakes.ts";

const LIMITS: ProxyLimits = {
  maxConnections: 256,
  headerTimeoutMs: 20_000,
  idleTimeoutMs: 20_000,
  connectTimeoutMs: 5_000,
  responseTimeoutMs: 20_000,
  bodyTimeoutMs: 20_000,
  maxHeadBytes: 65_536,
  maxHeaderFields: 256,
};

/** Everything a test of the whole proxy needs. */
export interface World {
  keyring: FakeKeyring;
  audit: FakeAudit;
  proxy: Proxy;
  port: number;
  /** An upstream that records each request and answers `ok`. */
  upstream: RawServer;
}

/** Runs a test with an open proxy and an upstream, and closes both. */
export async function withProxy(
  test: (world: World) => Promise<void>,
  options: ProxyOptions & {
    respond?: (request: string) => string;
    limits?: Partial<ProxyLimits>;
    policy?: PolicyPort;
    network?: () => ProxyNetwork;
    ports?: Partial<ProxyPorts>;
    intercept?: boolean;
  } = {},
): Promise<void> {
  const { respond, limits, policy = NO_POLICIES, network, ports, intercept = false, ...proxyOptions } =
    options;
  const keyring = new FakeKeyring();
  const audit = new FakeAudit();
  const proxy = new Proxy({
    keyring,
    audit,
    policy,
    limits: () => ({ ...LIMITS, ...limits }),
    health: () => ({ locked: keyring.locked }),
    ...(network === undefined ? {} : { network }),
    ...ports,
  }, proxyOptions);
  const upstream = recordingServer(respond);
  const { port } = await proxy.open({ port: 0, intercept });
  try {
    await test({ keyring, audit, proxy, port, upstream });
  } finally {
    await proxy.close({ drainMs: 0 });
    await upstream.close();
  }
}

/** A server on the level of bytes. */
export interface RawServer {
  port: number;
  /** Whole requests in the order they came, one character per byte. */
  received: string[];
  close(): Promise<void>;
}

/** Accepts connections and hands each to `serve`; those still open are closed in the end. */
export function rawServer(serve: (connection: Deno.TcpConn, received: string[]) => Promise<void>): RawServer {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const received: string[] = [];
  const open = new Set<Deno.TcpConn>();
  const running: Promise<void>[] = [];
  const accepting = (async () => {
    for await (const connection of listener) {
      open.add(connection);
      running.push(
        serve(connection, received)
          // The other side hung up or the test ended; what matters is what was received.
          .catch(() => {})
          .finally(() => {
            open.delete(connection);
            closeQuietly(connection);
          }),
      );
    }
  })();
  return {
    port: listener.addr.port,
    received,
    async close() {
      listener.close();
      await accepting;
      for (const connection of open) closeQuietly(connection);
      await Promise.all(running);
    },
  };
}

/** Records requests (head, and a body of declared length) and answers each. */
export function recordingServer(respond: (request: string) => string = () => OK): RawServer {
  return rawServer(async (connection, received) => {
    let held = "";
    for (;;) {
      const length = requestLength(held);
      if (length === null) {
        const more = await readSome(connection);
        if (more === null) return;
        held += more;
        continue;
      }
      const request = held.slice(0, length);
      held = held.slice(length);
      received.push(request);
      await writeAll(connection, respond(request));
    }
  });
}

/** A plain answer. */
export const OK = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok";

/** Sends bytes to a port and reads until the other side closes. */
export async function send(port: number, text: string): Promise<string> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  try {
    await writeAll(connection, text);
    let answer = "";
    for (let more = await readSome(connection); more !== null; more = await readSome(connection)) {
      answer += more;
    }
    return answer;
  } finally {
    connection.close();
  }
}

/** The text of a GET request whose connection ends with it. */
export function get(target: string, ...fields: string[]): string {
  return [`GET ${target} HTTP/1.1`, ...fields, "Connection: close", "", ""].join("\r\n");
}

/** Status, fields by lower case name, and body of an answer. */
export function parse(answer: string): { status: number; headers: Map<string, string>; body: string } {
  const end = answer.indexOf("\r\n\r\n");
  const [line = "", ...fields] = answer.slice(0, end).split("\r\n");
  const headers = new Map(fields.map((field): [string, string] => {
    const colon = field.indexOf(":");
    return [field.slice(0, colon).toLowerCase(), field.slice(colon + 1).trim()];
  }));
  return { status: Number(line.split(" ")[1]), headers, body: answer.slice(end + 4) };
}

/** Reads some bytes as text, one character a byte; null at the end. */
export async function readSome(connection: Deno.Conn): Promise<string | null> {
  const buffer = new Uint8Array(16_384);
  const count = await connection.read(buffer);
  return count === null ? null : Buffer.from(buffer.subarray(0, count)).toString("latin1");
}

/** Writes text, one byte a character. */
export async function writeAll(connection: Deno.Conn, text: string): Promise<void> {
  const bytes = Buffer.from(text, "latin1");
  for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
}

function requestLength(held: string): number | null {
  const end = held.indexOf("\r\n\r\n");
  if (end < 0) return null;
  const head = held.slice(0, end);
  if (/^transfer-encoding: *chunked/im.test(head)) {
    const last = held.indexOf("\r\n0\r\n\r\n", end);
    return last < 0 ? null : last + 7;
  }
  const declared = /^content-length: *(\d+)/im.exec(head);
  const length = end + 4 + Number(declared?.[1] ?? 0);
  return held.length < length ? null : length;
}

function closeQuietly(closable: { close(): void }): void {
  try {
    closable.close();
  } catch {
    // Closed already by the other side of the test.
  }
}
