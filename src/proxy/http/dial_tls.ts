/**
 * TLS over a connection that was made, be it a socket or a stream within another TLS connection.
 *
 * @module
 */

import { bracketHost } from "../../core/host_name.ts";
import type { DialAttempt } from "./dial.ts";
import { closeQuietly, untilAborted } from "./dial_address.ts";
import { reasonOf, UpstreamError } from "./errors.ts";
import { sharedHandshakeGate } from "./handshake_gate.ts";
import { socketFor } from "./loopback_bridge.ts";
import type { ByteStream } from "./types.ts";

/**
 * Handshakes as a client, offering HTTP/1.1 only. Takes the stream over: it is closed if this fails.
 *
 * @param place whose name the certificate must have
 * @param caCerts PEM certificates trusted besides the usual ones
 * @throws {UpstreamError} `upstream_tls`
 */
export async function startTls(
  stream: ByteStream,
  place: { readonly host: string; readonly port: number },
  caCerts: string[] | undefined,
  { signal }: DialAttempt,
): Promise<Deno.TlsConn> {
  let open: { close(): void } = stream;
  try {
    const socket = isSocket(stream) ? stream : await socketFor(stream);
    open = socket;
    return await sharedHandshakeGate.run(`${bracketHost(place.host)}:${place.port}`, signal, async () => {
      const tls = await Deno.startTls(socket, {
        hostname: place.host,
        alpnProtocols: ["http/1.1"],
        ...(caCerts === undefined ? {} : { caCerts }),
      });
      open = tls;
      await untilAborted(tls.handshake(), signal);
      return tls;
    });
  } catch (error) {
    closeQuietly(open);
    if (signal.aborted) throw signal.reason;
    if (error instanceof UpstreamError) throw error;
    throw new UpstreamError(
      "upstream_tls",
      `cannot trust ${bracketHost(place.host)}:${place.port}: ${reasonOf(error)}`,
      { cause: error },
    );
  }
}

function isSocket(stream: ByteStream): stream is Deno.TcpConn {
  // Only sockets have this; TLS connections, bridges and what holds bytes back have not.
  return "setNoDelay" in stream;
}
