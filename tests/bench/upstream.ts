/**
 * The server at the far end of a benchmark, run as a process of its own and as small as can be, so that it costs little
 * beside what is measured. Prints its port. Takes the key it demands as argument.
 *
 * `GET …/small` answers 47 bytes of JSON, `GET …/medium` 100 KiB of it, `GET …/down/N` sends N MiB, `GET …/events/N` N
 * server-sent events, each saying when it was written, `POST …/up` reads the body and tells its length.
 *
 * @module
 */

import { now } from "./events.ts";
import { jsonText } from "./scrub_upstream.ts";

const SMALL = new TextEncoder().encode(
  "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 47\r\n\r\n" +
    '{"id":"chatcmpl-bench","object":"chat","ok":1 }'.padEnd(47),
);
const MEDIUM = (() => {
  const body = jsonText(100 * 1024);
  const head = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`;
  return new Uint8Array([...new TextEncoder().encode(head), ...body]);
})();
/** Events follow each other at this distance, milliseconds. */
const EVENT_MS = 5;
const UNAUTHORIZED = new TextEncoder().encode("HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n\r\n");
const MIB = new Uint8Array(1024 * 1024).fill(0x61);

async function writeAll(socket: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await socket.write(bytes.subarray(at));
}

async function sendEvents(socket: Deno.Conn, count: number): Promise<void> {
  const text = (text: string) => new TextEncoder().encode(text);
  const head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
  await writeAll(socket, text(head));
  for (let i = 0; i < count; i++) {
    await new Promise((resolve) => setTimeout(resolve, EVENT_MS));
    const event = `data: ${now().toFixed(3)}\n\n`;
    await writeAll(socket, text(`${event.length.toString(16)}\r\n${event}\r\n`));
  }
  await writeAll(socket, text("0\r\n\r\n"));
}

async function serve(socket: Deno.TcpConn, key: string): Promise<void> {
  socket.setNoDelay(true);
  const buffer = new Uint8Array(256 * 1024);
  const latin1 = new TextDecoder("latin1");
  let filled = 0;
  try {
    for (;;) {
      let head = latin1.decode(buffer.subarray(0, filled));
      while (!head.includes("\r\n\r\n")) {
        const read = await socket.read(buffer.subarray(filled));
        if (read === null) return;
        filled += read;
        head = latin1.decode(buffer.subarray(0, filled));
      }
      const headLength = head.indexOf("\r\n\r\n") + 4;
      const fields = head.slice(0, headLength);
      const bodyLength = Number(/\r\ncontent-length: *(\d+)/i.exec(fields)?.[1] ?? 0);
      let body = filled - headLength;
      while (body < bodyLength) {
        const read = await socket.read(buffer);
        if (read === null) return;
        body += read;
      }
      // Some proxies send on in chunks what came with a length; then the client's own word has to do.
      const isChunked = /\r\ntransfer-encoding: *chunked/i.test(fields);
      let tail = latin1.decode(buffer.subarray(headLength, filled));
      while (isChunked && !tail.endsWith("0\r\n\r\n")) {
        const read = await socket.read(buffer);
        if (read === null) return;
        tail = tail.slice(-5) + latin1.decode(buffer.subarray(Math.max(0, read - 5), read));
      }
      if (isChunked) body = Number(/\r\nx-total: *(\d+)/i.exec(fields)?.[1] ?? 0);
      filled = 0;
      const megabytes = /^GET \S*\/down\/(\d+) /.exec(fields)?.[1];
      if (!fields.includes(`Bearer ${key}\r\n`)) await writeAll(socket, UNAUTHORIZED);
      else if (megabytes !== undefined) {
        const total = Number(megabytes) * MIB.length;
        await writeAll(
          socket,
          new TextEncoder().encode(`HTTP/1.1 200 OK\r\ncontent-length: ${total}\r\n\r\n`),
        );
        for (let sent = 0; sent < total; sent += MIB.length) await writeAll(socket, MIB);
      } else if (/^GET \S*\/events\//.test(fields)) {
        await sendEvents(socket, Number(/\/events\/(\d+) /.exec(fields)?.[1]));
      } else if (/^GET \S*\/medium /.test(fields)) await writeAll(socket, MEDIUM);
      else if (fields.startsWith("POST ")) {
        const told = String(body);
        await writeAll(
          socket,
          new TextEncoder().encode(`HTTP/1.1 200 OK\r\ncontent-length: ${told.length}\r\n\r\n${told}`),
        );
      } else await writeAll(socket, SMALL);
    }
  } catch (error) {
    // The load generator hangs up in the middle when its time is over.
    if (!(error instanceof Deno.errors.ConnectionReset || error instanceof Deno.errors.BrokenPipe)) {
      throw error;
    }
  } finally {
    socket.close();
  }
}

if (import.meta.main) {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  console.log((listener.addr as Deno.NetAddr).port);
  for await (const socket of listener) void serve(socket as Deno.TcpConn, Deno.args[0] ?? "");
}
