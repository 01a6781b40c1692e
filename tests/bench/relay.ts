/**
 * The plainest relay that Deno offers, for blind tunnels to be measured against: accepts, connects to the port it is given,
 * and pipes both ways. Prints its own port.
 *
 * @module
 */

async function pump(from: Deno.TcpConn, to: Deno.TcpConn): Promise<void> {
  const buffer = new Uint8Array(256 * 1024);
  try {
    for (let count = await from.read(buffer); count !== null; count = await from.read(buffer)) {
      for (let at = 0; at < count;) at += await to.write(buffer.subarray(at, count));
    }
    await to.closeWrite();
  } catch {
    // One side hung up.
  }
}

if (import.meta.main) {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  console.log((listener.addr as Deno.NetAddr).port);
  for await (const client of listener) {
    const upstream = await Deno.connect({ hostname: "127.0.0.1", port: Number(Deno.args[0]) });
    void Promise.all([pump(client, upstream), pump(upstream, client)]).finally(() => {
      client.close();
      upstream.close();
    });
  }
}
