/**
 * A relay that adds the bearer token, for clients that cannot send one. It speaks to the server as the client would, save
 * that the relay's own address is replaced by the server's.
 *
 * @module
 */

/** An open relay. */
export interface Relay extends AsyncDisposable {
  /** `http://127.0.0.1:PORT/mcp`. */
  readonly url: string;
}

/** Relays to a server. */
export function relayTo(server: string, token: string): Relay {
  const own = new URL(server).host;
  const client = Deno.createHttpClient({ allowHost: true });
  const relay = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    const headers = new Headers(request.headers);
    const here = `127.0.0.1:${relay.addr.port}`;
    headers.set("authorization", `Bearer ${token}`);
    headers.set("host", (headers.get("host") ?? "").replace(here, own));
    const origin = headers.get("origin");
    if (origin !== null) headers.set("origin", origin.replace(here, own));
    const { pathname } = new URL(request.url);
    const body = request.method === "POST" ? await request.bytes() : null;
    const answer = await fetch(new URL(pathname, server), { method: request.method, headers, body, client });
    return new Response(answer.body, { status: answer.status, headers: answer.headers });
  });
  return {
    url: `http://127.0.0.1:${relay.addr.port}/mcp`,
    async [Symbol.asyncDispose]() {
      await relay.shutdown();
      client.close();
    },
  };
}
