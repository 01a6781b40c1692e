/**
 * The server at the far end of the scrubbing benchmark. Prints its port; takes the secret that it answers with. Every response ends
 * with its connection.
 *
 * `GET /plain/N` sends N MiB of JSON text with the secret in every MiB; `GET /gzip/N` the same, compressed.
 *
 * @module
 */

import { gzipSync } from "node:zlib";

const MIB = 1024 * 1024;

/** JSON text of `length` bytes as APIs print it, the same in each run. */
export function jsonText(length: number): Uint8Array<ArrayBuffer> {
  let text = "";
  for (let i = 0; text.length < length; i++) {
    text += JSON.stringify({
      id: `obj_${(i * 2654435761 % 4294967296).toString(36)}`,
      created: 1_700_000_000 + i * 37,
      url: `https://api.example.com/v1/items/${i}?expand=owner&page=${i % 7}`,
      text: 'It was "quoted" & then – as ever – passed on, line by line.\nDone.',
      tags: ["alpha", "beta", `n${i % 97}`],
      ok: i % 3 === 0,
    }) + ",";
  }
  return new TextEncoder().encode(text).slice(0, length);
}

async function serve(socket: Deno.TcpConn, plain: Uint8Array, coded: Uint8Array): Promise<void> {
  const buffer = new Uint8Array(64 * 1024);
  let head = "";
  try {
    while (!head.includes("\r\n\r\n")) {
      const read = await socket.read(buffer);
      if (read === null) return;
      head += new TextDecoder("latin1").decode(buffer.subarray(0, read));
    }
    const [, kind, mebibytes] = /^GET \S*\/(plain|gzip)\/(\d+) /.exec(head) ?? [];
    const block = kind === "gzip" ? coded : plain;
    const count = kind === "gzip" ? Number(mebibytes) / 16 : Number(mebibytes);
    const field = kind === "gzip" ? "content-encoding: gzip\r\n" : "";
    const write = async (bytes: Uint8Array) => {
      for (let at = 0; at < bytes.length;) at += await socket.write(bytes.subarray(at));
    };
    const start = `HTTP/1.1 200 OK\r\n${field}content-length: ${
      block.length * count
    }\r\nconnection: close\r\n\r\n`;
    await write(new TextEncoder().encode(start));
    for (let i = 0; i < count; i++) await write(block);
  } catch (error) {
    if (!(error instanceof Deno.errors.ConnectionReset || error instanceof Deno.errors.BrokenPipe)) {
      throw error;
    }
  } finally {
    socket.close();
  }
}

if (import.meta.main) {
  const plain = jsonText(MIB);
  const secret = new TextEncoder().encode(Deno.args[0] ?? "");
  for (let at = 1_000; at + secret.length < MIB; at += MIB) plain.set(secret, at);
  const sixteen = new Uint8Array(16 * MIB);
  for (let at = 0; at < sixteen.length; at += MIB) sixteen.set(plain, at);
  const coded = gzipSync(sixteen);
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  console.log((listener.addr as Deno.NetAddr).port);
  for await (const socket of listener) void serve(socket as Deno.TcpConn, plain, coded);
}
