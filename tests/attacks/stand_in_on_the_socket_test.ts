/**
 * A program of the same user puts its own socket where the daemon's was, and hands everything on: it sees, and can repeat,
 * all that the owner's commands say.
 */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { FrameDecoder } from "../../src/daemon/frame.ts";
import { Home } from "../e2e/harness.ts";

const FRESH = "sk-the-fresh-secret-0123456789";
const BARE = "a-value-added-without-password";

Deno.test({
  name:
    "who stands between the owner and the daemon learns neither password nor secret, and cannot repeat an act",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using home = await Home.withVault();
    await home.ok("add", "k", "--value", "sk-old-value", "--hosts", "api.example.com");
    const { socket } = JSON.parse(await Deno.readTextFile(`${home.vault}/daemon.json`));
    await Deno.rename(socket, `${socket}.real`);
    const relay = new Relay(socket, `${socket}.real`);
    try {
      // A value that is added without the password crosses in clear: what crosses is seen, and this is documented.
      await home.ok("add", "naive", "--value", BARE, "--hosts", "evil.example");
      assert.ok(relay.seen.includes(BARE), "the relay reads along");

      relay.forget();
      await home.ok("rotate", "k", "--value", FRESH);
      const { hosts } = (await home.json("get", "k")).credential;
      assert.deepEqual(hosts, ["api.example.com"]);
      await home.ok("edit", "k", "--hosts", "api.example.com,api2.example.com");
      await home.ok("run", "--reveal", "--set", "KEY=k", "--", "/bin/true");
      for (const secret of [FRESH, home.password]) {
        for (const spelled of [secret, btoa(secret), Buffer.from(secret).toString("hex")]) {
          assert.ok(!relay.seen.includes(spelled), spelled);
        }
      }

      // The acts were proven for the nonce of their own connection.
      await home.ok("edit", "k", "--hosts", "api.example.com");
      const answers = await relay.repeatAll();
      assert.ok(answers.includes("bad_proof"), answers);
      assert.deepEqual((await home.json("get", "k")).credential.hosts, ["api.example.com"]);
    } finally {
      await relay.close();
      await Deno.rename(`${socket}.real`, socket);
    }
  },
});

/** Hands bytes between a socket of its own and the real one, and keeps them. */
class Relay {
  readonly #listener: Deno.UnixListener;
  readonly #real: string;
  readonly #accepting: Promise<void>;
  readonly #running = new Set<Promise<void>>();
  #said: Buffer[][] = [];
  #all: Buffer[] = [];

  constructor(path: string, real: string) {
    this.#real = real;
    this.#listener = Deno.listen({ transport: "unix", path });
    this.#accepting = this.#accept();
  }

  get seen(): string {
    return Buffer.concat(this.#all).toString("latin1");
  }

  forget(): void {
    this.#said = [];
    this.#all = [];
  }

  /** Says again, on a connection each, all that was said; answers the frames that came back, as text. */
  async repeatAll(): Promise<string> {
    let text = "";
    for (const said of this.#said) {
      const connection = await Deno.connect({ transport: "unix", path: this.#real });
      const decoder = new FrameDecoder({ json: 1 << 20, payload: 1 << 20 });
      await connection.write(Buffer.concat(said));
      const wanted = Buffer.concat(said).toString("latin1").split('"op":').length - 1;
      const buffer = new Uint8Array(65_536);
      for (let answers = 0; answers < wanted;) {
        const count = await connection.read(buffer);
        if (count === null) break;
        for (const { json } of decoder.push(buffer.subarray(0, count))) {
          text += JSON.stringify(json);
          answers++;
        }
      }
      connection.close();
    }
    return text;
  }

  async close(): Promise<void> {
    this.#listener.close();
    await this.#accepting;
    await Promise.all(this.#running);
  }

  async #accept(): Promise<void> {
    for await (const client of this.#listener) {
      const running = this.#carry(client).finally(() => this.#running.delete(running));
      this.#running.add(running);
    }
  }

  async #carry(client: Deno.Conn): Promise<void> {
    const daemon = await Deno.connect({ transport: "unix", path: this.#real });
    const said: Buffer[] = [];
    this.#said.push(said);
    await Promise.all([this.#pump(client, daemon, said), this.#pump(daemon, client, [])]);
  }

  async #pump(from: Deno.Conn, to: Deno.Conn, kept: Buffer[]): Promise<void> {
    const buffer = new Uint8Array(65_536);
    try {
      for (let count = await from.read(buffer); count !== null; count = await from.read(buffer)) {
        const bytes = Buffer.from(buffer.slice(0, count));
        kept.push(bytes);
        this.#all.push(bytes);
        for (let at = 0; at < bytes.length;) at += await to.write(bytes.subarray(at));
      }
    } catch {
      // Either side hung up: so does the other now.
    }
    for (const connection of [from, to]) {
      try {
        connection.close();
      } catch {
        // Closed by the other direction.
      }
    }
  }
}
