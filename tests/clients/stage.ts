/**
 * What all clients share: a vault with keys, an open proxy, and the host that the keys are for.
 *
 * @module
 */

import { Home } from "../e2e/harness.ts";
import { type FakeProxy, httpProxy } from "../proxy/http/fake_proxies.ts";
import { TEST_CA } from "../proxy/test_certificate.ts";
import { ClientHost } from "./host.ts";

/** The key for headers; it looks like nobody's, so that no SDK treats it in a way of its own. */
export const KEY = "the-real-key-that-no-client-may-see-4711";
/** The key that git shows as a password. */
export const PASSWORD = "the-real-password-that-no-client-may-see-1174";

/** A running stage; dispose of it with `await using`. */
export class Stage implements AsyncDisposable {
  private constructor(
    readonly home: Home,
    readonly host: ClientHost,
    /** `127.0.0.1:PORT` of the proxy. */
    readonly proxy: string,
    /** What stands for {@linkcode KEY} and {@linkcode PASSWORD}. */
    readonly tokens: { readonly key: string; readonly password: string },
    private readonly network: FakeProxy,
  ) {}

  /** Makes one. Every name leads to loopback, by a company's proxy that resolves them all so. */
  static async create(): Promise<Stage> {
    const home = await Home.withVault();
    const host = new ClientHost(home.directory, PASSWORD);
    const network = httpProxy();
    await Deno.writeTextFile(`${home.directory}/test-ca.pem`, TEST_CA);
    await home.ok("config", "set", "proxy.extra_ca", `${home.directory}/test-ca.pem`);
    await home.ok("config", "set", "proxy.upstream", `http://127.0.0.1:${network.port}`);
    const hosts = ["--hosts", `${host.secure},http://${host.plain}`];
    const key = await home.json("add", "key", "--value", KEY, "--type", "api_key", ...hosts);
    const password = await home.json(
      ...["add", "password", "--value", PASSWORD, "--type", "api_key", "--in", "basic:password", ...hosts],
    );
    const { address } = await home.json("serve", "--random-port", "--daemon", "--intercept");
    const tokens = { key: key.credential.wisp_token, password: password.credential.wisp_token };
    return new Stage(home, host, new URL(address).host.replace("localhost", "127.0.0.1"), tokens, network);
  }

  /** Ends all of it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.home[Symbol.asyncDispose]();
    await this.host[Symbol.asyncDispose]();
    await this.network[Symbol.asyncDispose]();
  }
}
