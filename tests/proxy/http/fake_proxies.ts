/**
 * Upstream proxies for tests: HTTP with CONNECT and absolute form, SOCKS 5. They connect every name to loopback, record
 * what they were asked, and want a user name and password if told so.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import type { ByteStream } from "../../../src/proxy/http/mod.ts";

/** What a fake proxy was asked, and how it behaves. */
export interface FakeProxy extends AsyncDisposable {
  readonly port: number;
  /** `CONNECT host:port` and request lines, or `host:port` for SOCKS. */
  readonly asked: string[];
  /** Whole heads as they came, for HTTP. */
  readonly heads: string[];
}

/** How a fake proxy behaves. */
export interface FakeProxyOptions {
  /** `user:password` that it wants. */
  login?: string;
  /** Certificate and key: speak TLS. */
  tls?: { cert: string; key: string };
  /** Answer every CONNECT so instead of opening a tunnel. */
  refusal?: string;
  /** Sent right behind `200`, in one piece with it. */
  early?: string;
  /** Reply code of SOCKS. */
  reply?: number;
}

/** An HTTP proxy on loopback. */
export function httpProxy(options: FakeProxyOptions = {}): FakeProxy {
  const { login, refusal, early = "" } = options;
  const wanted = login === undefined ? null : `Basic ${Buffer.from(login).toString("base64")}`;
  return serve(options, async (stream, proxy) => {
    const head = await readHead(stream);
    proxy.heads.push(head);
    const [method = "", target = ""] = head.split(" ");
    proxy.asked.push(`${method} ${target}`);
    const given = /^proxy-authorization: (.*)\r$/im.exec(head)?.[1] ?? null;
    if (wanted !== null && given !== wanted) {
      return await write(
        stream,
        'HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm="p"\r\nContent-Length: 0\r\n\r\n',
      );
    }
    if (refusal !== undefined) return await write(stream, refusal);
    if (method === "CONNECT") {
      const upstream = await connect(target.slice(target.lastIndexOf(":") + 1));
      try {
        await write(stream, `HTTP/1.1 200 Connection established\r\n\r\n${early}`);
        await join(stream, upstream);
      } finally {
        closeQuietly(upstream);
      }
      return;
    }
    const url = new URL(target);
    const upstream = await connect(url.port || "80");
    try {
      await write(
        upstream,
        head.replace(target, url.pathname + url.search).replace(/^proxy-authorization: .*\r\n/im, ""),
      );
      await join(stream, upstream);
    } finally {
      closeQuietly(upstream);
    }
  });
}

/** A SOCKS 5 proxy on loopback. */
export function socksProxy(options: FakeProxyOptions = {}): FakeProxy {
  const { login, reply = 0 } = options;
  return serve(options, async (stream, proxy) => {
    const [, count = 0] = await readExactly(stream, 2);
    const methods = await readExactly(stream, count);
    const method = login === undefined ? 0 : methods.includes(2) ? 2 : 0xff;
    await stream.write(new Uint8Array([5, method]));
    if (method === 0xff) return;
    if (method === 2) {
      const [, userLength = 0] = await readExactly(stream, 2);
      const user = text(await readExactly(stream, userLength));
      const [passwordLength = 0] = await readExactly(stream, 1);
      const good = `${user}:${text(await readExactly(stream, passwordLength))}` === login;
      await stream.write(new Uint8Array([1, good ? 0 : 1]));
      if (!good) return;
    }
    const [, , , kind] = await readExactly(stream, 4);
    const host = kind === 3
      ? text(await readExactly(stream, (await readExactly(stream, 1))[0] ?? 0))
      : [...await readExactly(stream, kind === 1 ? 4 : 16)].join(".");
    const [high = 0, low = 0] = await readExactly(stream, 2);
    const port = high * 256 + low;
    proxy.asked.push(`${host}:${port}`);
    if (reply !== 0) return void await stream.write(new Uint8Array([5, reply, 0, 1, 0, 0, 0, 0, 0, 0]));
    const upstream = await connect(String(port));
    try {
      // A name as bound address, to see whether its length is honoured.
      await stream.write(new Uint8Array([5, 0, 0, 3, 5, 0x62, 0x6f, 0x75, 0x6e, 0x64, 1, 2]));
      await join(stream, upstream);
    } finally {
      closeQuietly(upstream);
    }
  });
}

function serve(
  { tls }: FakeProxyOptions,
  handle: (stream: ByteStream, proxy: FakeProxy) => Promise<void>,
): FakeProxy {
  const listener: Deno.Listener = tls === undefined
    ? Deno.listen({ hostname: "127.0.0.1", port: 0 })
    : Deno.listenTls({ hostname: "127.0.0.1", port: 0, ...tls });
  const open = new Set<ByteStream>();
  const running: Promise<void>[] = [];
  const proxy: FakeProxy = {
    port: (listener.addr as Deno.NetAddr).port,
    asked: [],
    heads: [],
    async [Symbol.asyncDispose]() {
      listener.close();
      await accepting;
      for (const stream of open) closeQuietly(stream);
      await Promise.all(running);
    },
  };
  const accepting = (async () => {
    for await (const stream of listener) {
      open.add(stream);
      const served = handle(stream, proxy)
        .catch(() => {}) // The other side hung up, or the test ended.
        .finally(() => {
          open.delete(stream);
          closeQuietly(stream);
        });
      running.push(served);
    }
  })();
  return proxy;
}

function connect(port: string): Promise<Deno.TcpConn> {
  return Deno.connect({ hostname: "127.0.0.1", port: Number(port) });
}

async function join(a: ByteStream, b: ByteStream): Promise<void> {
  await Promise.allSettled([pump(a, b), pump(b, a)]);
}

async function pump(from: ByteStream, to: ByteStream): Promise<void> {
  const buffer = new Uint8Array(16_384);
  try {
    for (let count = await from.read(buffer); count !== null; count = await from.read(buffer)) {
      for (let sent = 0; sent < count;) sent += await to.write(buffer.subarray(sent, count));
    }
    await to.closeWrite();
  } catch {
    closeQuietly(to);
    closeQuietly(from);
  }
}

async function readHead(stream: ByteStream): Promise<string> {
  let head = "";
  while (!head.endsWith("\r\n\r\n")) head += text(await readExactly(stream, 1));
  return head;
}

async function readExactly(stream: ByteStream, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  for (let read = 0; read < length;) {
    const count = await stream.read(bytes.subarray(read));
    if (count === null) throw new Error("ended");
    read += count;
  }
  return bytes;
}

async function write(stream: ByteStream, message: string): Promise<void> {
  const bytes = Buffer.from(message, "latin1");
  for (let sent = 0; sent < bytes.length;) sent += await stream.write(bytes.subarray(sent));
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("latin1");
}

function closeQuietly(closable: { close(): void }): void {
  try {
    closable.close();
  } catch {
    // Closed already.
  }
}
