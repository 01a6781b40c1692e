/**
 * A socket that carries a stream. The runtime does TLS over sockets only; for TLS within TLS, as to a host behind an
 * `https` proxy, its outer stream is spliced to one end of a loopback connection. What runs there is the inner TLS:
 * nothing in clear.
 *
 * @module
 */

import { closeQuietly } from "./dial_address.ts";
import type { ByteStream } from "./types.ts";

const BUFFER_BYTES = 64 * 1024;

/**
 * Gives a stream to a socket and answers the socket. Closing either ends the other.
 *
 * @throws what making a loopback connection throws; the stream is closed then.
 */
export async function socketFor(stream: ByteStream): Promise<Deno.TcpConn> {
  let near: Deno.TcpConn | undefined;
  try {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    near = await Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port });
    const far = await acceptFrom(listener, near);
    near.setNoDelay(true);
    far.setNoDelay(true);
    void splice(far, stream);
    return near;
  } catch (error) {
    closeQuietly(stream);
    near?.close();
    throw error;
  }
}

/** Anybody on this machine may connect to the listener in the meantime; only our own other end is wanted. */
async function acceptFrom(listener: Deno.TcpListener, near: Deno.TcpConn): Promise<Deno.TcpConn> {
  for (;;) {
    const connection = await listener.accept();
    if (connection.remoteAddr.port === near.localAddr.port) return connection;
    connection.close();
  }
}

/**
 * When the other side ends, what it said is still read; when ours does, nobody is there to read any more, because TLS
 * inside has an end of data of its own.
 */
async function splice(socket: Deno.TcpConn, stream: ByteStream): Promise<void> {
  const closeBoth = (): void => {
    closeQuietly(socket);
    closeQuietly(stream);
  };
  const outward = pump(socket, stream).finally(closeBoth);
  const inward = pump(stream, socket).then(() => socket.closeWrite()).catch(closeBoth);
  // Either side may fail at any time, which ends the other; the TLS inside tells its user.
  await Promise.allSettled([outward, inward]);
}

async function pump(from: ByteStream, to: ByteStream): Promise<void> {
  const buffer = new Uint8Array(BUFFER_BYTES);
  for (let count = await from.read(buffer); count !== null; count = await from.read(buffer)) {
    for (let sent = 0; sent < count;) sent += await to.write(buffer.subarray(sent, count));
  }
}
