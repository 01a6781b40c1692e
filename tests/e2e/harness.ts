/**
 * Runs the real program as a person would: as a process, in a home of its own, with a vault of its own.
 *
 * @module
 */

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../../main.ts", import.meta.url));
const CONFIG = fileURLToPath(new URL("../../deno.json", import.meta.url));

/** What a finished command left. */
export interface Run {
  code: number;
  stdout: string;
  stderr: string;
}

/** A home with a vault directory, and the program run in it. Dispose of it with `await using`. */
export class Home implements AsyncDisposable {
  readonly directory: string;
  readonly vault: string;
  readonly password: string;

  private constructor(directory: string, password: string) {
    this.directory = directory;
    this.vault = `${directory}/.wispkey`;
    this.password = password;
  }

  /** A fresh home, empty but for a temp directory. */
  static async create(password = "correct horse battery staple"): Promise<Home> {
    return new Home(await Deno.makeTempDir({ prefix: "wk-e2e-" }), password);
  }

  /** A fresh home with a vault, unlocked. */
  static async withVault(password?: string): Promise<Home> {
    const home = await Home.create(password);
    await home.ok("init");
    return home;
  }

  /** Environment of a command: nothing of the tester's but where the program's code is cached. */
  environment(extra: Record<string, string> = {}): Record<string, string> {
    const env: Record<string, string> = {
      HOME: this.directory,
      NO_COLOR: "1",
      WISPKEY_PASSWORD: this.password,
    };
    for (const name of ["PATH", "DENO_DIR", "TMPDIR", "WISPKEY_TEST_RUN"]) {
      const value = Deno.env.get(name);
      if (value) env[name] = value;
    }
    // Without DENO_DIR the cache lies under the tester's home, not under this one.
    env.DENO_DIR ??= `${Deno.env.get("XDG_CACHE_HOME") ?? `${Deno.env.get("HOME")}/.cache`}/deno`;
    return { ...env, ...extra };
  }

  /** A command, not started yet. */
  command(
    args: readonly string[],
    options: { env?: Record<string, string>; stdin?: "null" | "piped" } = {},
  ): Deno.Command {
    return new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-prompt", "--cached-only", "--config", CONFIG, MAIN, ...args],
      clearEnv: true,
      cwd: this.directory,
      env: this.environment(options.env),
      stdin: options.stdin ?? "null",
      stdout: "piped",
      stderr: "piped",
    });
  }

  /** Runs a command to its end. */
  async run(
    args: readonly string[],
    options: { env?: Record<string, string>; stdin?: Uint8Array } = {},
  ): Promise<Run> {
    const { stdin, env } = options;
    const command = this.command(args, {
      stdin: stdin === undefined ? "null" : "piped",
      ...(env === undefined ? {} : { env }),
    });
    let output: Deno.CommandOutput;
    if (stdin === undefined) output = await command.output();
    else {
      const child = command.spawn();
      const writer = child.stdin.getWriter();
      // A command that refuses its input closes the pipe before it has read all of it.
      const written = writer.write(stdin as Uint8Array<ArrayBuffer>).then(() => writer.close()).catch(
        () => {},
      );
      output = await child.output();
      await written;
    }
    const decoder = new TextDecoder();
    return {
      code: output.code,
      stdout: decoder.decode(output.stdout),
      stderr: decoder.decode(output.stderr),
    };
  }

  /** Runs a command that must succeed; answers its stdout. */
  async ok(...args: string[]): Promise<string> {
    const run = await this.run(args);
    assert.equal(run.code, 0, `wispkey ${args.join(" ")} ended with ${run.code}: ${run.stderr}`);
    return run.stdout;
  }

  /** Runs a command that must succeed with `--json`; answers what it printed. */
  // deno-lint-ignore no-explicit-any -- the shapes are asserted by the tests that read them
  async json(...args: string[]): Promise<any> {
    return JSON.parse(await this.ok(...args, "--json"));
  }

  /** Process id of the running daemon, if any. */
  async daemonPid(): Promise<number | undefined> {
    try {
      return JSON.parse(await Deno.readTextFile(`${this.vault}/daemon.json`)).pid;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw error;
    }
  }

  /** Stops the daemon and removes the home. */
  async [Symbol.asyncDispose](): Promise<void> {
    const pid = await this.daemonPid();
    if (pid !== undefined) {
      const stopped = await this.run(["stop"]);
      if (stopped.code !== 0 && isAlive(pid)) Deno.kill(pid, "SIGKILL");
      await gone(pid);
    }
    await Deno.remove(this.directory, { recursive: true });
  }
}

/** Whether a process exists and is not a zombie. */
export function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(Deno.readTextFileSync(`/proc/${pid}/status`));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Waits until a process is gone; fails after ten seconds. */
export async function gone(pid: number): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (isAlive(pid)) {
    assert.ok(Date.now() < deadline, `process ${pid} is still there`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** What a test API saw of one request. */
export interface Seen {
  method: string;
  url: string;
  headers: Record<string, string>;
  body: string;
}

/** An HTTP server on loopback that answers `{"ok":true}` and remembers what it was sent. */
export class Api implements AsyncDisposable {
  readonly seen: Seen[] = [];
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  /** Starts it on a free port. */
  constructor(
    respond: (request: Request) => Response | Promise<Response> = () => Response.json({ ok: true }),
  ) {
    this.#server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
      const url = new URL(request.url);
      const copy = request.clone();
      this.seen.push({
        method: request.method,
        url: url.pathname + url.search,
        headers: Object.fromEntries(request.headers),
        body: await copy.text(),
      });
      return await respond(request);
    });
  }

  /** `127.0.0.1:PORT`. */
  get host(): string {
    return `127.0.0.1:${this.#server.addr.port}`;
  }

  /** The last request it saw. */
  get last(): Seen | undefined {
    return this.seen.at(-1);
  }

  /** Shuts it down. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}

/** Sends a request through the proxy in `X-Target-Url` mode. */
export function through(
  proxy: string,
  target: string,
  headers: Record<string, string> = {},
  init: RequestInit = {},
): Promise<Response> {
  return fetch(proxy, { ...init, headers: { "X-Target-Url": target, ...headers } });
}
