/**
 * Connections through a SOCKS proxy: version 5 (RFC 1928), without authentication or with user name and password
 * (RFC 1929).
 *
 * @module
 */

import { parseIPv4, parseIPv6 } from "../../core/address.ts";
import { concat, utf8, wipe } from "../../core/bytes.ts";
import { bracketHost } from "../../core/host_name.ts";
import type { ProxyUrl } from "../../core/proxy_url.ts";
import type { DialAttempt } from "./dial.ts";
import { closeQuietly, untilAborted } from "./dial_address.ts";
import { proxyFailed } from "./dial_connect.ts";
import { UpstreamError } from "./errors.ts";
import type { ByteStream } from "./types.ts";

const VERSION = 5;
const LOGIN_VERSION = 1;
const METHOD = { none: 0, login: 2, noneAcceptable: 0xff } as const;
const CONNECT = 1;
const ADDRESS = { v4: 1, name: 3, v6: 4 } as const;

/** Meanings of the reply field, RFC 1928 section 6. */
const REPLIES: readonly string[] = [
  "succeeded",
  "it failed",
  "its rules do not allow it",
  "the network is unreachable",
  "the host is unreachable",
  "the connection was refused",
  "the time to live expired",
  "it knows no CONNECT",
  "it knows no such kind of address",
];

/**
 * Asks a SOCKS proxy on the other end of a connection for a host; afterwards the connection is the host's. It is closed
 * if this fails. Not one byte more is read than the proxy's own.
 *
 * @param place a name is left to the proxy to resolve
 * @throws {UpstreamError} `upstream_proxy` with the proxy's reason.
 */
export async function openSocks(
  stream: ByteStream,
  via: ProxyUrl,
  place: { readonly host: string; readonly port: number },
  { signal }: DialAttempt,
): Promise<ByteStream> {
  const fail = (why: string, cause?: unknown): UpstreamError =>
    proxyFailed(via, `${bracketHost(place.host)}:${place.port}`, why, cause);
  try {
    await untilAborted(negotiate(stream, via, fail), signal);
    await untilAborted(request(stream, place, fail), signal);
    return stream;
  } catch (error) {
    closeQuietly(stream);
    if (signal.aborted) throw signal.reason;
    throw error instanceof UpstreamError ? error : fail("the connection to it broke", error);
  }
}

async function negotiate(stream: ByteStream, via: ProxyUrl, fail: (why: string) => Error): Promise<void> {
  const methods = via.user === null ? [METHOD.none] : [METHOD.none, METHOD.login];
  await writeAll(stream, new Uint8Array([VERSION, methods.length, ...methods]));
  const [version, method] = await readExactly(stream, 2);
  if (version !== VERSION) throw fail("it does not speak SOCKS 5");
  if (method === METHOD.none) return;
  if (method !== METHOD.login || via.user === null) {
    throw fail(
      via.user === null && method === METHOD.noneAcceptable
        ? "it wants a user name and password"
        : "it wants to be convinced in a way that is not known here",
    );
  }
  const user = utf8(via.user);
  const password = utf8(via.password);
  const login = concat(
    new Uint8Array([LOGIN_VERSION, user.length]),
    user,
    new Uint8Array([password.length]),
    password,
  );
  wipe(user, password);
  await writeAll(stream, login);
  const [, status] = await readExactly(stream, 2);
  if (status !== 0) throw fail("it does not take the user name and password");
}

async function request(
  stream: ByteStream,
  { host, port }: { readonly host: string; readonly port: number },
  fail: (why: string) => Error,
): Promise<void> {
  await writeAll(
    stream,
    concat(
      new Uint8Array([VERSION, CONNECT, 0]),
      encodeAddress(host),
      new Uint8Array([port >> 8, port & 0xff]),
    ),
  );
  const [version, reply = 1, , kind] = await readExactly(stream, 4);
  if (version !== VERSION) throw fail("it does not speak SOCKS 5");
  if (reply !== 0) throw fail(REPLIES[reply] ?? `it answers ${reply}`);
  // The address it connects from is of no use, but has to be read.
  await readExactly(stream, 2 + await lengthOfAddress(stream, kind, fail));
}

async function lengthOfAddress(
  stream: ByteStream,
  kind: number | undefined,
  fail: (why: string) => Error,
): Promise<number> {
  if (kind === ADDRESS.v4) return 4;
  if (kind === ADDRESS.v6) return 16;
  if (kind !== ADDRESS.name) throw fail("its answer makes no sense");
  const [length = 0] = await readExactly(stream, 1);
  return length;
}

function encodeAddress(host: string): Uint8Array {
  if (host.includes(":")) {
    const groups = parseIPv6(host) ?? [];
    return new Uint8Array([ADDRESS.v6, ...groups.flatMap((group) => [group >> 8, group & 0xff])]);
  }
  const v4 = parseIPv4(host);
  if (v4 === null) {
    const name = utf8(host);
    return concat(new Uint8Array([ADDRESS.name, name.length]), name);
  }
  return new Uint8Array([ADDRESS.v4, v4 >>> 24, (v4 >>> 16) & 0xff, (v4 >>> 8) & 0xff, v4 & 0xff]);
}

async function writeAll(stream: ByteStream, bytes: Uint8Array): Promise<void> {
  try {
    for (let sent = 0; sent < bytes.length;) sent += await stream.write(bytes.subarray(sent));
  } finally {
    wipe(bytes);
  }
}

async function readExactly(stream: ByteStream, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  for (let read = 0; read < length;) {
    const count = await stream.read(bytes.subarray(read));
    if (count === null) throw new Error("the proxy closed the connection");
    read += count;
  }
  return bytes;
}
