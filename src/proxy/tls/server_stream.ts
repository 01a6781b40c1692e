/**
 * TLS on a connection that we serve, as a {@linkcode ByteStream}: pulled from, with real back-pressure both ways.
 *
 * @module
 */

import { nextTick } from "node:process";
import { type SecureContext, TLSSocket } from "node:tls";
import { HttpError, reasonOf } from "../http/errors.ts";
import type { ByteStream } from "../http/types.ts";
import { GatedTransport } from "./transport.ts";

/** The only protocol offered: all else would have to be translated. */
const PROTOCOLS = ["http/1.1"];

/** A connection with TLS, once its handshake is done. */
export class TlsServerStream implements ByteStream {
  readonly #socket: TLSSocket;
  readonly #transport: GatedTransport;
  #rest: Uint8Array | undefined;
  #wake: (() => void) | undefined;
  #ended = false;
  #failure: Error | undefined;

  private constructor(socket: TLSSocket, transport: GatedTransport) {
    this.#socket = socket;
    this.#transport = transport;
    const wake = (): void => {
      const waiting = this.#wake;
      this.#wake = undefined;
      waiting?.();
    };
    socket.on("readable", wake);
    socket.on("end", () => {
      this.#ended = true;
      wake();
    });
    socket.on("error", (error: Error) => {
      this.#failure = error;
      wake();
    });
    socket.on("close", () => {
      this.#ended = true;
      wake();
    });
  }

  /**
   * Does the server's side of a handshake. If it fails, the connection is closed.
   *
   * @param first what was taken from the stream already
   * @throws {HttpError} 400 `malformed_request` with what the client, or TLS, had against it.
   */
  static async accept(
    stream: ByteStream,
    secureContext: SecureContext,
    first: Uint8Array,
  ): Promise<TlsServerStream> {
    const transport = new GatedTransport(stream, first);
    // Whatever breaks the transport also breaks the socket over it, which is listened to.
    transport.on("error", () => {});
    // Known to `node:net` below it, missing in the types.
    const halfOpen = { allowHalfOpen: true };
    const socket = new TLSSocket(transport, {
      isServer: true,
      secureContext,
      ALPNProtocols: PROTOCOLS,
      ...halfOpen,
    });
    // TLSSocket sets itself going in the next tick, and a failure before that would end the process. Ours comes after.
    nextTick(() => transport.start());
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const onGone = (): void => reject(new Error("the client closed the connection"));
    socket.once("secure", resolve);
    socket.once("error", reject);
    socket.once("close", onGone);
    // Half-open as it is, TLS would wait for ever for a client that has ended its half.
    transport.once("end", onGone);
    transport.once("close", onGone);
    try {
      await promise;
    } catch (error) {
      socket.on("error", () => {});
      socket.destroy();
      throw new HttpError(400, "malformed_request", `cannot agree on TLS: ${reasonOf(error)}`, {
        cause: error,
      });
    } finally {
      socket.off("error", reject);
      socket.off("close", onGone);
      transport.off("end", onGone);
      transport.off("close", onGone);
    }
    return new TlsServerStream(socket, transport);
  }

  /** The host that the client named in its greeting (SNI), or null. */
  get serverName(): string | null {
    const { servername } = this.#socket as TLSSocket & { servername?: unknown };
    return typeof servername === "string" && servername !== "" ? servername : null;
  }

  /** See {@linkcode ByteStream}. */
  async read(buffer: Uint8Array): Promise<number | null> {
    for (;;) {
      const bytes = this.#rest ?? this.#socket.read() as Uint8Array | null;
      if (bytes !== null) {
        const count = Math.min(bytes.length, buffer.length);
        buffer.set(count === bytes.length ? bytes : bytes.subarray(0, count));
        this.#rest = count < bytes.length ? bytes.subarray(count) : undefined;
        return count;
      }
      if (this.#failure !== undefined) throw this.#failure;
      if (this.#ended) return null;
      this.#transport.drained();
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }

  /** See {@linkcode ByteStream}. Resolves once the connection has taken the bytes. */
  write(bytes: Uint8Array): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#socket.write(bytes, (error) => error ? reject(error) : resolve(bytes.length));
    });
  }

  /** See {@linkcode ByteStream}. Tells the client that this is the end and nothing was cut off (`close_notify`). */
  closeWrite(): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#socket.destroyed) return reject(new Error("the connection is closed"));
      this.#socket.once("close", resolve);
      this.#socket.end(() => {
        this.#socket.off("close", resolve);
        resolve();
      });
    });
  }

  /** See {@linkcode ByteStream}. */
  close(): void {
    this.#socket.destroy();
  }
}
