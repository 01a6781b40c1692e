/**
 * What the proxy is measured against, run as a process of its own: the shortest proxy that can be written with
 * `Deno.serve` and `fetch`, which does nothing but pass on. Takes the upstream's port, prints its own.
 *
 * @module
 */

if (import.meta.main) {
  const upstream = `http://127.0.0.1:${Deno.args[0]}`;
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    const { pathname } = new URL(request.url);
    return fetch(upstream + pathname, {
      method: request.method,
      headers: request.headers,
      body: request.body,
      redirect: "manual",
    });
  });
  console.log(server.addr.port);
}
