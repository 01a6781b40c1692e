/**
 * Tunnels through an HTTP proxy: `CONNECT`, RFC 9110 section 9.3.6.
 *
 * @module
 */

import { utf8, wipe } from "../../core/bytes.ts";
import { bracketHost } from "../../core/host_name.ts";
import { type ProxyUrl, showProxyUrl } from "../../core/proxy_url.ts";
import type { DialAttempt } from "./dial.ts";
import { closeQuietly, untilAborted } from "./dial_address.ts";
import { HttpError, UpstreamError } from "./errors.ts";
import { DEFAULT_HEAD_LIMITS, parseResponseHead } from "./parse_head.ts";
import { BufferedReader } from "./reader.ts";
import type { ByteStream } from "./types.ts";

/** Largest head of a proxy's answer, in bytes. */
const MAX_HEAD_BYTES = 16 * 1024;
/** A proxy that sends more interim answers than this is not going to open the tunnel. */
const MAX_INFORMATIONAL = 8;

/** The value of `Proxy-Authorization` for a proxy (Basic, RFC 7617, UTF-8); null if it wants none. A secret. */
export function authorizationOf({ user, password }: ProxyUrl): string | null {
  return user === null ? null : `Basic ${utf8(`${user}:${password}`).toBase64()}`;
}

/**
 * Opens a tunnel on a connection to a proxy, and answers the stream within. Takes the connection over: it is closed if
 * this fails.
 *
 * @throws {UpstreamError} `upstream_proxy` with what the proxy answered.
 */
export async function openTunnel(
  stream: ByteStream,
  via: ProxyUrl,
  place: { readonly host: string; readonly port: number },
  { signal }: DialAttempt,
): Promise<ByteStream> {
  const authority = `${bracketHost(place.host)}:${place.port}`;
  const reader = new BufferedReader(stream);
  try {
    await untilAborted(sendConnect(stream, via, authority), signal);
    const status = await untilAborted(readStatus(reader), signal);
    if (status < 200 || status > 299) throw proxyRefused(via, authority, status);
  } catch (error) {
    closeQuietly(stream);
    if (signal.aborted) throw signal.reason;
    if (error instanceof UpstreamError) throw error;
    const why = error instanceof HttpError ? "its answer is not HTTP" : "the connection to it broke";
    throw proxyFailed(via, authority, why, error);
  }
  // What a server says first may have come in one piece with the proxy's answer.
  return reader.buffered === 0 ? stream : withBytesBefore(stream, reader.peek().slice());
}

/** The error of a proxy that answered something else than was hoped for; 407 is told apart. */
function proxyRefused(via: ProxyUrl, authority: string, status: number): UpstreamError {
  if (status !== 407) return proxyFailed(via, authority, `it answers ${status}`);
  return proxyFailed(
    via,
    authority,
    via.user === null
      ? "it wants a user name and password (407)"
      : "it does not take the user name and password (407)",
  );
}

/** An error on the way through a proxy; names the proxy without its user name and password. */
export function proxyFailed(via: ProxyUrl, authority: string, why: string, cause?: unknown): UpstreamError {
  return new UpstreamError(
    "upstream_proxy",
    `cannot reach ${authority} through the proxy ${showProxyUrl(via)}: ${why}`,
    cause === undefined ? undefined : { cause },
  );
}

async function sendConnect(stream: ByteStream, via: ProxyUrl, authority: string): Promise<void> {
  const authorization = authorizationOf(via);
  const head = utf8(
    `CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n${
      authorization === null ? "" : `Proxy-Authorization: ${authorization}\r\n`
    }\r\n`,
  );
  try {
    for (let sent = 0; sent < head.length;) sent += await stream.write(head.subarray(sent));
  } finally {
    wipe(head);
  }
}

async function readStatus(reader: BufferedReader): Promise<number> {
  for (let count = 0; count < MAX_INFORMATIONAL; count++) {
    const bytes = await reader.head(MAX_HEAD_BYTES);
    if (bytes === null) throw new Error("the proxy closed the connection");
    const { status } = parseResponseHead(bytes, DEFAULT_HEAD_LIMITS);
    if (status >= 200) return status;
  }
  throw new Error("the proxy sends interim answers without end");
}

function withBytesBefore(stream: ByteStream, bytes: Uint8Array): ByteStream {
  let left = bytes;
  return {
    read(buffer) {
      if (left.length === 0) return stream.read(buffer);
      const count = Math.min(left.length, buffer.length);
      buffer.set(left.subarray(0, count));
      left = left.subarray(count);
      return Promise.resolve(count);
    },
    write: (bytes) => stream.write(bytes),
    closeWrite: () => stream.closeWrite(),
    close: () => stream.close(),
  };
}
