/**
 * A program under `wispkey run` that waits, and what its environment tells whoever reads it.
 *
 * @module
 */

import assert from "node:assert/strict";
import { Home } from "../e2e/harness.ts";

/** A caller whose program waits until this is disposed of. */
export class LivingCaller implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #reader: ReadableStreamDefaultReader<string>;
  /** The program's environment. */
  readonly env: ReadonlyMap<string, string>;
  /** The proxy's own URL, without a caller. */
  readonly address: string;

  private constructor(
    child: Deno.ChildProcess,
    reader: ReadableStreamDefaultReader<string>,
    env: ReadonlyMap<string, string>,
    address: string,
  ) {
    this.#child = child;
    this.#reader = reader;
    this.env = env;
    this.address = address;
  }

  /** Runs it with options of `run`. */
  static async start(home: Home, ...options: string[]): Promise<LivingCaller> {
    const script = "env; echo END; while :; do sleep 0.1; done";
    const child = home.command(["run", ...options, "--", "/bin/sh", "-c", script]).spawn();
    const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    while (!text.includes("\nEND\n")) {
      const { value, done } = await reader.read();
      assert.ok(!done, `the program ended: ${text}`);
      text += value;
    }
    const lines = text.split("\n").filter((line) => line.includes("="));
    const env = new Map(lines.map((line) => {
      const at = line.indexOf("=");
      return [line.slice(0, at), line.slice(at + 1)];
    }));
    const { address } = JSON.parse(await Deno.readTextFile(`${home.vault}/proxy.json`));
    return new LivingCaller(child, reader, env, address);
  }

  /** Process id of `wispkey run` itself. */
  get pid(): number {
    return this.#child.pid;
  }

  /** The caller's name. */
  get name(): string {
    return this.#proxy.username;
  }

  /** The caller's secret. */
  get secret(): string {
    return this.#proxy.password;
  }

  /** Asks for an http URL with a token, as somebody: the status and, if it was refused, why. */
  async ask(url: string, token: string, who = `${this.name}:${this.secret}`): Promise<string> {
    const [scheme, rest] = url.split("://");
    const answer = await fetch(`${this.address}${who === "" ? "" : `/as/${who}`}/to/${scheme}/${rest}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    await answer.body?.cancel();
    return `${answer.status} ${answer.headers.get("x-wispkey-error") ?? ""}`.trim();
  }

  /** Ends the program, and `run` with it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGTERM");
    await this.#child.status;
    await this.#reader.cancel();
    await this.#child.stderr.cancel();
  }

  get #proxy(): URL {
    return new URL(this.env.get("HTTP_PROXY") ?? "");
  }
}

/** A home with credentials `a` and `b` for a host, and their tokens. */
export async function homeWithTwo(host: string): Promise<{ home: Home; a: string; b: string }> {
  const home = await Home.withVault();
  const add = async (name: string): Promise<string> =>
    (await home.json("add", name, "--value", `the-secret-value-of-${name}`, "--hosts", host)).credential
      .wisp_token;
  return { home, a: await add("a"), b: await add("b") };
}
