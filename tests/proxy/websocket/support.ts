/**
 * A WebSocket client on the level of bytes, and an upstream that is Deno's own WebSocket server.
 *
 * @module
 */

import assert from "node:assert/strict";
import { BufferedReader } from "../../../src/proxy/http/mod.ts";
import { applyMask, frameHead, newMask, Opcode } from "../../../src/proxy/websocket/frame.ts";
import { FrameReader } from "../../../src/proxy/websocket/frame_reader.ts";
import { readSome, writeAll } from "../harness.ts";

/** The key of RFC 6455 section 1.3 and what belongs to it. */
export const KEY = "dGhlIHNhbXBsZSBub25jZQ==";
export const ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

/** A frame as a test sees it. */
export interface SeenFrame {
  opcode: number;
  fin: boolean;
  payload: Uint8Array;
  text: string;
}

/** The fields that open a WebSocket. */
export function upgradeFields(...more: string[]): string[] {
  return [
    "Upgrade: websocket",
    "Connection: Upgrade",
    `Sec-WebSocket-Key: ${KEY}`,
    "Sec-WebSocket-Version: 13",
    ...more,
  ];
}

/** A client that says exactly what it is told. */
export class RawClient {
  readonly connection: Deno.TcpConn;
  /** Head of the answer to the handshake. */
  readonly answer: string;
  readonly #frames: FrameReader;
  #buffered: string;

  private constructor(connection: Deno.TcpConn, answer: string, buffered: Uint8Array<ArrayBuffer>) {
    this.connection = connection;
    this.answer = answer;
    this.#buffered = String.fromCharCode(...buffered);
    const stream = {
      read: (buffer: Uint8Array) => connection.read(buffer),
      write: (bytes: Uint8Array) => connection.write(bytes),
      closeWrite: () => connection.closeWrite(),
      close: () => connection.close(),
    };
    this.#frames = new FrameReader({ stream, buffered }, false);
  }

  /** Opens a connection and sends a handshake for `target`. */
  static async open(port: number, target: string, ...fields: string[]): Promise<RawClient> {
    const connection = await Deno.connect({ hostname: "127.0.0.1", port });
    const host = `Host: 127.0.0.1:${port}`;
    await writeAll(connection, [`GET ${target} HTTP/1.1`, host, ...fields, "", ""].join("\r\n"));
    const reader = new BufferedReader(connection);
    const head = await reader.head(65_536);
    assert(head);
    return new RawClient(connection, new TextDecoder("latin1").decode(head), reader.peek().slice());
  }

  get status(): number {
    return Number(this.answer.split(" ")[1]);
  }

  async send(opcode: number, payload: Uint8Array | string, fin = true): Promise<void> {
    const bytes = typeof payload === "string" ? new TextEncoder().encode(payload) : payload.slice();
    const mask = newMask();
    applyMask(bytes, mask);
    await this.sendBytes(frameHead({ fin, opcode, length: bytes.length, mask }));
    await this.sendBytes(bytes);
  }

  async sendBytes(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) at += await this.connection.write(bytes.subarray(at));
  }

  /** So many bytes as they come, one character each; not to be mixed with {@linkcode receive}. */
  async raw(count: number): Promise<string> {
    while (this.#buffered.length < count) {
      const more = await readSome(this.connection);
      if (more === null) break;
      this.#buffered += more;
    }
    return this.#buffered;
  }

  /** The next frame, or null if the connection ended. */
  async receive(): Promise<SeenFrame | null> {
    try {
      const head = await this.#frames.next();
      if (head === null) return null;
      const payload = await this.#frames.payload(head.length);
      return { opcode: head.opcode, fin: head.fin, payload, text: new TextDecoder().decode(payload) };
    } catch {
      // Cut off within a frame, or reset.
      return null;
    }
  }

  /** The next message, its frames put together; control frames in between are dropped. */
  async message(): Promise<string> {
    let text = "";
    for (;;) {
      const frame = await this.receive();
      assert(frame, "the connection ended");
      if (frame.opcode >= Opcode.close) continue;
      text += frame.text;
      if (frame.fin) return text;
    }
  }

  close(): void {
    try {
      this.connection.close();
    } catch {
      // Closed by the other side of the test.
    }
  }
}

/** A handshake as it came. */
export interface SeenRequest {
  url: URL;
  headers: Headers;
}

/** An upstream with Deno's own WebSocket server; `onMessage` may answer through the socket. */
export function webSocketServer(
  onMessage: (data: string | ArrayBuffer, socket: WebSocket) => void,
  onOpen: (request: Request, socket: WebSocket) => void = () => {},
): { port: number; requests: SeenRequest[]; close: () => Promise<void> } {
  const requests: SeenRequest[] = [];
  const sockets = new Set<WebSocket>();
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    requests.push({ url: new URL(request.url), headers: new Headers(request.headers) });
    const { socket, response } = Deno.upgradeWebSocket(request);
    socket.binaryType = "arraybuffer";
    sockets.add(socket);
    socket.onopen = () => onOpen(request, socket);
    socket.onmessage = ({ data }) => onMessage(data, socket);
    socket.onclose = () => sockets.delete(socket);
    // A connection that is torn down is what some tests want.
    socket.onerror = () => sockets.delete(socket);
    return response;
  });
  return {
    port: server.addr.port,
    requests,
    close: async () => {
      for (const socket of sockets) if (socket.readyState === WebSocket.OPEN) socket.close();
      await server.shutdown();
    },
  };
}
