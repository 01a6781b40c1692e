/**
 * A socket that only the owner of a directory can reach: a Unix socket in an owner-only directory; on Windows loopback
 * TCP, where a caller must first send the token that stands in an owner-only file.
 *
 * @module
 */

import { basename, dirname, join } from "node:path";
import { equalInConstantTime } from "../core/bytes.ts";

/** Where a listener is reached. */
export type LocalAddress =
  | { socket: string }
  /** The token is 32 bytes in lower-case hex. */
  | { port: number; token: string };

/** An open listener. */
export interface LocalListener {
  /** How to reach it. */
  readonly address: LocalAddress;
  /** Stops listening and removes the socket; accepted connections stay open. */
  close(): Promise<void>;
}

/** How to listen. */
export interface ListenOptions {
  /** An owner-only directory for the socket. */
  directory: string;
  /** Loopback TCP with a token instead of a Unix socket; the default on Windows. */
  token?: boolean;
  /** Called for each connection that may speak. Must not throw. */
  onConnection: (connection: Deno.Conn) => void;
}

/** Longest path of a Unix socket that every system takes, in bytes (108 on Linux, 104 on macOS, with the final 0). */
const MAX_SOCKET_PATH = 100;
const TOKEN_BYTES = 32;
/** Time for a caller to send the token, milliseconds. */
const TOKEN_TIMEOUT_MS = 5_000;
const SHORT_DIRECTORY = "wispkey-";

/** Opens a listener at an address of its own, never one that was used before. */
export function listenLocal(options: ListenOptions): LocalListener {
  return (options.token ?? Deno.build.os === "windows") ? listenToken(options) : listenUnix(options);
}

/**
 * Connects to a listener.
 *
 * @throws {Deno.errors.ConnectionRefused} or {Deno.errors.NotFound} if nobody listens there any more.
 */
export async function connectLocal(address: LocalAddress): Promise<Deno.Conn> {
  if ("socket" in address) return await Deno.connect({ transport: "unix", path: address.socket });
  const connection = await Deno.connect({ hostname: "127.0.0.1", port: address.port });
  connection.setNoDelay(true);
  const token = Uint8Array.fromHex(address.token);
  for (let sent = 0; sent < token.length;) sent += await connection.write(token.subarray(sent));
  return connection;
}

/** Removes the socket of a listener whose process was killed. */
export async function removeStaleSocket(address: LocalAddress): Promise<void> {
  if (!("socket" in address)) return;
  // Whoever else removed it did the same work.
  await Deno.remove(address.socket).catch(() => undefined);
  const directory = dirname(address.socket);
  if (basename(directory).startsWith(SHORT_DIRECTORY)) await Deno.remove(directory).catch(() => undefined);
}

function listenUnix({ directory, onConnection }: ListenOptions): LocalListener {
  const name = `d-${randomHex(8)}.sock`;
  let path = join(directory, name);
  if (new TextEncoder().encode(path).length > MAX_SOCKET_PATH) path = join(shortDirectory(), name);
  // A new name each time: the runtime unlinks the path of a closed listener some time later, whoever listens there then.
  const listener = Deno.listen({ transport: "unix", path });
  if (Deno.build.os !== "windows") Deno.chmodSync(path, 0o600);
  const address = { socket: path };
  const accepting = acceptAll(listener, onConnection);
  return {
    address,
    close: async () => {
      listener.close();
      await accepting;
      await removeStaleSocket(address);
    },
  };
}

function shortDirectory(): string {
  const bases = [Deno.env.get("XDG_RUNTIME_DIR"), Deno.env.get("TMPDIR"), "/tmp"];
  for (const dir of bases) {
    if (dir === undefined || !dir.startsWith("/") || dir.length > 50) continue;
    try {
      return Deno.makeTempDirSync({ dir, prefix: SHORT_DIRECTORY }); // mode 0700
    } catch {
      // Not there or not writable: try the next.
    }
  }
  throw new Deno.errors.NotFound("no directory with a short path for the socket");
}

function listenToken({ onConnection }: ListenOptions): LocalListener {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const token = randomHex(TOKEN_BYTES);
  const expected = Uint8Array.fromHex(token);
  const accepting = acceptAll(listener, (connection) => {
    void admit(connection, expected).then((admitted) => {
      if (admitted) onConnection(connection);
      else closeQuietly(connection);
    });
  });
  return {
    address: { port: listener.addr.port, token },
    close: async () => {
      listener.close();
      await accepting;
    },
  };
}

async function admit(connection: Deno.TcpConn, expected: Uint8Array): Promise<boolean> {
  connection.setNoDelay(true);
  const given = new Uint8Array(TOKEN_BYTES);
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    connection.close();
  }, TOKEN_TIMEOUT_MS);
  try {
    for (let length = 0; length < given.length;) {
      const count = await connection.read(given.subarray(length));
      if (count === null) return false;
      length += count;
    }
    return !late && equalInConstantTime(given, expected);
  } catch {
    return false; // A caller that breaks off was none.
  } finally {
    clearTimeout(timer);
  }
}

function closeQuietly(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch {
    // The timer has closed it.
  }
}

async function acceptAll<C extends Deno.Conn>(
  listener: { accept(): Promise<C> },
  onConnection: (connection: C) => void,
): Promise<void> {
  for (;;) {
    let connection: C;
    try {
      connection = await listener.accept();
    } catch (error) {
      if (error instanceof Deno.errors.BadResource || error instanceof Deno.errors.Interrupted) return;
      // Out of file descriptors, or the caller was gone again: the next accept may succeed, after a breath.
      await new Promise((resolve) => setTimeout(resolve, 50));
      continue;
    }
    onConnection(connection);
  }
}

function randomHex(bytes: number): string {
  return crypto.getRandomValues(new Uint8Array(bytes)).toHex();
}
