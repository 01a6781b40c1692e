/**
 * An https server on loopback with a certificate of the test authority, and a home that trusts it.
 *
 * @module
 */

import { TEST_CA, TEST_CERT, TEST_KEY } from "../proxy/test_certificate.ts";
import { Home, type Seen } from "./harness.ts";

/** Answers like a host that says back what it was sent, and remembers it. */
export class HttpsApi implements AsyncDisposable {
  readonly seen: Seen[] = [];
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  /** Starts it on a free port. */
  constructor(
    respond: (request: Request) => Response | Promise<Response> = () => Response.json({ ok: true }),
  ) {
    this.#server = Deno.serve({
      hostname: "localhost",
      port: 0,
      cert: TEST_CERT,
      key: TEST_KEY,
      onListen: () => {},
    }, async (request) => {
      const { pathname, search } = new URL(request.url);
      const body = await request.clone().text();
      this.seen.push({
        method: request.method,
        url: pathname + search,
        headers: Object.fromEntries(request.headers),
        body,
      });
      return await respond(request);
    });
  }

  /** `localhost:PORT`. */
  get host(): string {
    return `localhost:${this.#server.addr.port}`;
  }

  /** Shuts it down. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}

/** A home with a vault whose proxy trusts the test authority. */
export async function homeTrustingTestAuthority(): Promise<Home> {
  const home = await Home.withVault();
  const path = `${home.directory}/test-ca.pem`;
  await Deno.writeTextFile(path, TEST_CA);
  await home.ok("config", "set", "proxy.extra_ca", path);
  return home;
}
