/**
 * An https server at the far end of a benchmark, run as a process of its own. Takes the files of a certificate and its key,
 * prints its port. Answers every request with 47 bytes of JSON, `GET …/down/N` with N MiB.
 *
 * @module
 */

const SMALL = new TextEncoder().encode(
  `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 47\r\n\r\n${"{}".padEnd(47)}`,
);
const MIB = new Uint8Array(1024 * 1024).fill(0x61);

async function writeAll(socket: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await socket.write(bytes.subarray(at));
}

async function serve(socket: Deno.TlsConn): Promise<void> {
  const buffer = new Uint8Array(16 * 1024);
  const latin1 = new TextDecoder("latin1");
  try {
    for (let count = await socket.read(buffer); count !== null; count = await socket.read(buffer)) {
      const megabytes = /^GET \S*\/down\/(\d+) /.exec(latin1.decode(buffer.subarray(0, count)))?.[1];
      if (megabytes === undefined) await writeAll(socket, SMALL);
      else {
        const total = Number(megabytes) * MIB.length;
        await writeAll(
          socket,
          new TextEncoder().encode(`HTTP/1.1 200 OK\r\ncontent-length: ${total}\r\n\r\n`),
        );
        for (let sent = 0; sent < total; sent += MIB.length) await writeAll(socket, MIB);
      }
    }
  } catch {
    // Clients hang up in the middle when their time is over.
  } finally {
    socket.close();
  }
}

if (import.meta.main) {
  const [certificate = "", key = ""] = Deno.args;
  const listener = Deno.listenTls({
    hostname: "0.0.0.0",
    port: 0,
    cert: Deno.readTextFileSync(certificate),
    key: Deno.readTextFileSync(key),
  });
  console.log((listener.addr as Deno.NetAddr).port);
  for (;;) {
    // A handshake that failed is its client's affair.
    const socket = await listener.accept().catch(() => null);
    if (socket !== null) void serve(socket);
  }
}
